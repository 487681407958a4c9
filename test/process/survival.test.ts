/** Controllers as processes, whose log nobody reads, whose disk is full, whose names nobody resolves: they work on, and say so. */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSoakWorld, providerName, type SoakWorld } from "../soak/soak-world.ts";
import { eventually } from "../support/real-time.ts";
import { startReplica } from "../support/replica.ts";
import { type Ending, killCommands } from "../support/running-command.ts";
import { shopManifests, shopNamespace } from "../support/shop.ts";
import { type ShopView, viewShopOn } from "../support/shop-view.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

const spec = {
  stages: [10, 100].map((weight) => ({ weight, minSeconds: 2 })),
  analysis: {
    intervalSeconds: 1,
    warmupSeconds: 0,
    metrics: [
      {
        name: "error-rate",
        templateRef: { kind: "AnalysisTemplate", name: "errors" },
        limit: { max: 5 },
        compare: null,
      },
    ],
  },
  rollback: { canaryScaleDownDelaySeconds: 1 },
  alerts: [{ providerRef: { name: providerName } }],
};

async function addShop(world: SoakWorld): Promise<ShopView> {
  for (const { path, body } of shopManifests({ replicas: 2, spec }))
    await world.sandbox.admin.request({ method: "POST", path, body });
  return viewShopOn(world.sandbox.admin, shopNamespace, "orders");
}

const hasInitialised = async (shop: ShopView): Promise<boolean> => {
  const { phase, drain } = await shop.status();
  return phase === "Initialized" && drain === undefined;
};

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("a controller", { timeout: 150_000 }, () => {
  let world: SoakWorld;
  let shop: ShopView;
  let folder = "";
  const children: ReturnType<typeof spawn>[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "serin-survival-"));
    // Alerts go over plain http to a loopback address only; this name of it is looked up like any other.
    world = await createSoakWorld("localhost");
    shop = await addShop(world);
  });
  // Whatever a test that failed left running would keep the lease from the next.
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    await killCommands();
  });
  afterAll(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  /** With this as its standard output; `lose` is called as soon as it runs. */
  async function startWithOutput(
    name: string,
    stdout: number | "pipe",
    lose: (child: ReturnType<typeof spawn>) => void = () => undefined,
  ) {
    const port = await freePort();
    const kubeconfig = await world.kubeconfigFor(name);
    const flags = [
      `--kubeconfig=${kubeconfig}`,
      `--identity=${name}`,
      `--health-port=${port}`,
      "--own-namespace=default",
      `--metrics-server=${world.prometheus.address}`,
      "--log-level=debug",
    ];
    const child = spawn(process.execPath, ["src/main.ts", "controller", ...flags], {
      cwd: root,
      stdio: ["ignore", stdout, "pipe"],
    });
    children.push(child);
    lose(child);
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const ended = new Promise<Ending>((resolve) => {
      child.once("close", (code, signal) => resolve({ code, signal }));
    });
    const metrics = async () => {
      const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
        (response) => response.text(),
        () => "",
      );
      return (series: string): number =>
        Number(new RegExp(`^${series} (.+)$`, "m").exec(text)?.[1]);
    };
    return { child, ended, metrics, stderr: () => stderr };
  }

  type Output = Awaited<ReturnType<typeof startWithOutput>>;

  /** It leads, does its work, and ends in peace. */
  async function expectWork({ child, ended, metrics, stderr }: Output): Promise<void> {
    await eventually("leads", 60_000, async () => (await metrics())("serin_leader") === 1);
    await eventually("initialised", 30_000, () => hasInitialised(shop));
    const before = performance.now();
    child.kill("SIGTERM");
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(stderr()).toBe("");
  }

  it("whose log nobody reads any more works on, and counts what is lost", async () => {
    const output = await startWithOutput("unread", "pipe", (child) => child.stdout?.destroy());
    const lost = async () => (await output.metrics())("serin_log_lines_lost_total");
    await eventually("lines are lost", 60_000, async () => (await lost()) > 0);
    await expectWork(output);
  });

  it("whose log is not read waits for nobody", async () => {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    const fill = () => {
      for (;;) writeSync(writer, "x".repeat(4_096));
    };
    expect(fill).toThrow("EAGAIN");
    try {
      await expectWork(await startWithOutput("blocked", writer));
    } finally {
      closeSync(writer);
      closeSync(reader);
    }
  });

  it("whose log's disk is full works on, and counts what is lost", async () => {
    const full = openSync("/dev/full", "w");
    try {
      const output = await startWithOutput("full", full);
      const lost = async () => (await output.metrics())("serin_log_lines_lost_total");
      await eventually("lines are lost", 60_000, async () => (await lost()) > 0);
      await expectWork(output);
    } finally {
      closeSync(full);
    }
  });

  it("survives dead DNS in the middle of a release, says which name is dead, and ends by two signals as by one", async () => {
    const names = join(folder, "names");
    const setDns = (...lines: readonly string[]) => writeFile(names, lines.join("\n"));
    await setDns();
    const server = `http://api.serin.test:${world.api.port}`;
    const replica = await startReplica({
      name: "named",
      kubeconfig: await world.kubeconfigFor("named", server),
      flags: [
        "--own-namespace=default",
        `--metrics-server=http://prometheus.serin.test:${world.prometheus.port}`,
      ],
      nodeArguments: [`--import=${join(root, "test/support/failing-dns.ts")}`],
      env: { FAILING_DNS: names },
    });
    const logged = (msg: string, because: RegExp) =>
      replica.log().some((line) => line.msg === msg && because.test(`${line.because}`));
    await eventually("initialised", 30_000, () => hasInitialised(shop));

    // What is told of a release's beginning is told to nobody.
    await setDns("localhost ENOTFOUND");
    world.slack.cut();
    await shop.push("2");
    await eventually("10 %", 40_000, async () => (await shop.routedWeight()) === 10);
    await setDns("prometheus.serin.test ENOTFOUND", "localhost ENOTFOUND");
    world.prometheus.cut();
    await eventually("reads fail", 30_000, async () =>
      /^serin_provider_requests_total\{provider="prometheus",outcome="Unreachable"\} /m.test(
        (await replica.get("/metrics")).text,
      ),
    );
    await eventually("the log says it", 30_000, () =>
      logged("a message could not be told yet", /^ENOTFOUND, DNS does not know the name$/),
    );
    expect(await shop.routedWeight()).toBe(10);

    await setDns("api.serin.test EAI_AGAIN");
    world.api.cut();
    await eventually("the log says it", 20_000, () =>
      logged("lease request failed", /^\w+ leases\S* \S+: EAI_AGAIN, DNS does not answer$/),
    );
    expect((await replica.get("/healthz")).status).toBe(200);

    await setDns();
    await eventually("promoted", 60_000, async () => (await shop.status()).phase === "Succeeded");
    expect((await shop.status()).history).toMatchObject([{ outcome: "Succeeded" }]);
    replica.command.signal("SIGTERM");
    replica.command.signal("SIGTERM");
    expect(await replica.command.ended).toEqual({ code: 0, signal: null });
    expect(replica.command.stderr()).toBe("");
    const leases = await world.sandbox.admin.request({
      method: "GET",
      path: "/apis/coordination.k8s.io/v1/namespaces/default/leases/serin-controller",
    });
    expect(leases).toMatchObject({ spec: { holderIdentity: "" } });
  });
});
