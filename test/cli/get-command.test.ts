/** `serin get`: what people see of one Canary and of many, in a terminal of 80 columns and in a pipe. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { exitCodes } from "../../src/cli/exit-codes.ts";
import { type GetFlags, showCanaries } from "../../src/cli/get-command.ts";
import { clusterOf, createOutput, observeEnd } from "../support/cli-cluster.ts";
import { createWorld, type World } from "../support/world.ts";

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const canaries = (namespace: string) => `/apis/serin.dev/v1alpha1/namespaces/${namespace}/canaries`;

async function create(name: string, status?: CanaryStatus, namespace = "shop"): Promise<void> {
  const { admin } = world.sandbox;
  const kind = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };
  await admin
    .request({ method: "POST", path: "/api/v1/namespaces", body: kind })
    .catch(() => undefined);
  const body = {
    apiVersion: "serin.dev/v1alpha1",
    kind: "Canary",
    metadata: { name },
    spec: {
      targetRef: { name: `${name}-workload` },
      routing: { istio: { virtualServices: [{ name }] } },
    },
  };
  await admin.request({ method: "POST", path: canaries(namespace), body });
  if (status !== undefined) await setStatus(name, status, namespace);
}

async function setStatus(name: string, status: CanaryStatus, namespace = "shop"): Promise<void> {
  const path = `${canaries(namespace)}/${name}/status`;
  await world.sandbox.admin.request({ method: "PATCH", path, patch: "merge", body: { status } });
}

const secondsAgo = (seconds: number): string =>
  new Date(world.clock.now() - seconds * 1_000).toISOString();

async function get(
  name: string | undefined,
  flags: Partial<GetFlags> = {},
  { columns, env = {} }: { columns?: number; env?: Record<string, string> } = {},
) {
  const stdout = createOutput(columns);
  const code = await showCanaries(clusterOf(world), {
    name,
    flags: { output: "text", ...flags },
    surroundings: { stdout, stderr: createOutput(), env: { NO_COLOR: "1", ...env } },
  });
  return { code, text: stdout.text(), lines: stdout.lines() };
}

const longMessage =
  "stage 2/4 (25 %): error-rate needs 310 more canary requests, about 40 s; ".repeat(3);

const condition = (type: string, status: "True" | "False", reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
  lastTransitionTime: secondsAgo(60),
});

function inStageTwo(): CanaryStatus {
  return {
    phase: "Waiting",
    message: longMessage,
    canaryWeight: 25,
    observedWeight: 24,
    rollbackBoundSeconds: 100,
    waiting: {
      reason: "Paused",
      since: secondsAgo(300),
      message: "paused by jane; go on with: serin resume",
    },
    release: {
      id: "abc-3",
      templateHash: "abc",
      images: ["example.com/team/orders:42"],
      startedAt: secondsAgo(600),
      primaryReplicas: 4,
      peakWeight: 25,
      stage: {
        index: 1,
        count: 4,
        weight: 25,
        enteredAt: secondsAgo(72),
        trafficConfirmedAt: secondsAgo(58),
      },
    },
    analysis: [
      {
        name: "error-rate",
        verdict: "Pass",
        message: "",
        canaryValue: 0.4123,
        stableValue: 0.38,
        limit: 5,
        samples: 1204,
        at: secondsAgo(3),
      },
      {
        name: "latency-p99",
        verdict: "NoData",
        message: "",
        limit: 500,
        samples: 0,
        at: secondsAgo(3),
      },
    ],
    history: [
      {
        id: "old-2",
        images: ["example.com/team/orders:41"],
        startedAt: secondsAgo(8_040),
        endedAt: secondsAgo(7_200),
        outcome: "Failed",
        reason: "MetricLimitExceeded",
        peakWeight: 10,
      },
    ],
  };
}

function rolledBack(): CanaryStatus {
  return {
    phase: "Failed",
    message: "rolled back",
    release: {
      id: "abc-3",
      templateHash: "abc",
      images: [],
      startedAt: secondsAgo(600),
      primaryReplicas: 4,
      peakWeight: 10,
      rollback: {
        reason: "MetricLimitExceeded",
        message: "error-rate: 20 %, limit 5 %",
        detectedAt: secondsAgo(66),
        decidedAt: secondsAgo(60),
        appliedAt: secondsAgo(59.8),
        confirmedAt: secondsAgo(54),
      },
    },
  };
}

describe("one Canary", () => {
  it("is shown with its weights, its stage, what was measured, why it waits and what can be done", async () => {
    await create("orders", inStageTwo());
    const { code, lines, text } = await get("orders");
    expect(code).toBe(exitCodes.done);
    expect(lines[0]).toBe("orders in shop  Waiting");
    expect(lines[1]).toContain("25 % set, 24 % seen");
    expect(text).toMatch(/^Target +Deployment orders-workload$/m);
    expect(text).toMatch(/^Release +orders:42, started 10m00s ago$/m);
    expect(text).toMatch(/^Stage +2 of 4: 25 %, traffic confirmed 58s ago, stays at least 1m00s$/m);
    expect(text).toMatch(/^Waits +Paused for 5m00s: paused by jane; go on with: serin resume$/m);
    expect(text).toMatch(/^ +to give up: serin abort orders -n shop --reason "<why>"$/m);
    expect(text).toMatch(/^Bound +traffic is off within 100 s of a fault .*allowed: 120 s/m);
    expect(text).toMatch(/^error-rate +0\.412 +0\.38 +5 +1204 +Pass +3s ago$/m);
    expect(text).toMatch(/^latency-p99 +– +– +500 +0 +NoData +3s ago$/m);
    expect(text).toMatch(/^2h00m ago +Failed +14m00s +10 % +MetricLimitExceeded +orders:41$/m);
  });

  it("counts the stages of the release, whatever its spec has become", async () => {
    const { release, ...status } = inStageTwo();
    const stage = { index: 4, count: 6, weight: 25, enteredAt: secondsAgo(72) };
    await create("orders", { ...status, ...(release && { release: { ...release, stage } }) });
    const { text } = await get("orders");
    expect(text).toMatch(/^Stage +5 of 6: 25 %, entered 1m12s ago, traffic not confirmed yet$/m);
  });

  it("says that a stage which waits for approval was not entered, and how to give up once", async () => {
    const message = 'waits for approval; or: serin abort orders -n shop --reason "<why>"';
    const waiting = { reason: "Approval" as const, since: secondsAgo(5), message };
    await create("orders", { ...inStageTwo(), waiting });
    const { text } = await get("orders");
    expect(text).toMatch(/^Stage +2 of 4: 25 %, not entered before its approval$/m);
    expect(text.split("serin abort")).toHaveLength(2);
  });

  it("fits a terminal of 80 columns, and loses no word of what it says", async () => {
    await create("orders", inStageTwo());
    const { lines } = await get("orders", {}, { columns: 80 });
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const words = lines.join(" ").replaceAll(/\s+/g, " ");
    expect(words).toContain(longMessage.trim());
  });

  it("shows what speaks against the version beside stable, and what is excluded", async () => {
    const { analysis = [], ...status } = inStageTwo();
    const compared = analysis.map((metric, index) =>
      index === 0 ? { ...metric, evidence: 0.31, excludedExcess: 1.2 } : metric,
    );
    await create("orders", { ...status, analysis: compared });
    const { text } = await get("orders");
    expect(text).toMatch(/^METRIC .* REQUESTS +EVIDENCE +EXCLUDED +VERDICT +CHECKED$/m);
    expect(text).toMatch(/^error-rate +0\.412 +0\.38 +5 +1204 +0\.31 +> 1\.2 +Pass +3s ago$/m);
    expect(text).toMatch(/^latency-p99 +– +– +500 +0 +– +– +NoData/m);
  });

  it("says of a rollback why, and how fast each step was", async () => {
    await create("orders", rolledBack());
    const { text } = await get("orders");
    expect(text).toMatch(/^Rollback +MetricLimitExceeded: error-rate: 20 %, limit 5 %$/m);
    expect(text).toMatch(
      /^Next +push another version, or release this one again with: serin retry orders -n shop$/m,
    );
    expect(text).toContain("decided 1m00s ago, routes clear 0.2 s later, traffic gone 6.0 s later");
  });

  it("says what to mend when it is not accepted, with the lines to add as they are", async () => {
    const message =
      "the rule must have both destinations. Make it:\nroute:\n  - destination:\n      host: orders";
    await create("orders", {
      phase: "Initialized",
      message,
      conditions: [condition("Accepted", "False", "DestinationMissing", message)],
    });
    const { lines, text } = await get("orders", {}, { columns: 80 });
    expect(text).toMatch(/^Problem +DestinationMissing: the rule must have both destinations/m);
    expect(lines).toContain("             - destination:");
    expect(text).not.toContain("\nNow ");
  });

  it("says that no controller has looked at it", async () => {
    await create("orders");
    const { lines, text } = await get("orders");
    expect(lines[0]).toBe("orders in shop  New");
    expect(text).toContain("no controller has looked at it yet; is one running?");
  });

  it("is named nearly right: the right name is in the error", async () => {
    await create("orders");
    await expect(get("order")).rejects.toMatchObject({
      exitCode: exitCodes.failed,
      message: "Canary order is not in namespace shop; did you mean orders?",
    });
    await expect(get("payments")).rejects.toMatchObject({
      message: "Canary payments is not in namespace shop; there are orders",
    });
  });
});

describe("the history", () => {
  it("marks what was promoted without evidence, or by somebody's command", async () => {
    const record = (id: string) => ({
      id,
      images: [],
      startedAt: secondsAgo(60),
      endedAt: secondsAgo(30),
      outcome: "Succeeded" as const,
      reason: "Promoted",
      peakWeight: 100,
    });
    const history = [
      { ...record("a"), unproven: true },
      { ...record("b"), command: "promoteFull by jane" },
      record("c"),
    ];
    await create("orders", { phase: "Succeeded", history });
    const { text } = await get("orders");
    const reasons = text.match(/Promoted.*/g)?.map((line) => line.trim());
    expect(reasons).toEqual(["Promoted (unproven)", "Promoted (by command)", "Promoted"]);
  });
});

describe("commands", () => {
  it("are shown with their answer, and as open until there is one", async () => {
    const lastCommand = {
      id: "1",
      action: "promote",
      by: "jane",
      reason: "urgent",
      at: secondsAgo(120),
      outcome: "Refused",
      message: "no release runs",
    } as const;
    await create("orders", { phase: "Succeeded", lastCommand, commandIds: ["1"] });
    const command = (id: string) => JSON.stringify({ id, action: "pause", by: "joe" });
    const annotate = (id: string) =>
      world.sandbox.admin.request({
        method: "PATCH",
        path: `${canaries("shop")}/orders`,
        patch: "merge",
        body: { metadata: { annotations: { "serin.dev/command": command(id) } } },
      });
    await annotate("2");
    const { text } = await get("orders");
    expect(text).toMatch(
      /^Command +promote by jane \(urgent\), 2m00s ago: Refused: no release runs$/m,
    );
    expect(text).toMatch(/^Asked +pause by joe \(not answered yet\)$/m);
    await annotate("1");
    expect((await get("orders")).text).not.toContain("Asked");
  });
});

describe("many Canaries", () => {
  it("are a table, sorted, with what each does now", async () => {
    await create("payments", { phase: "Succeeded", message: "promoted", canaryWeight: 0 });
    await create("orders", inStageTwo());
    const { lines } = await get(undefined);
    expect(lines[0]).toMatch(/^NAME +PHASE +STAGE +SET +SEEN +MESSAGE$/);
    expect(lines[1]).toMatch(/^orders +Waiting +2\/4 +25 % +24 % +stage 2\/4 \(25 %\): error-rate/);
    expect(lines[1]).toContain(longMessage.trim());
    expect(lines[2]).toMatch(/^payments +Succeeded +0 % +– +promoted$/);
  });

  it.each([40, 80, 120])("fit a terminal of %i columns", async (columns) => {
    await create("a-service-with-quite-a-long-name", inStageTwo());
    for (const output of ["text", "wide"] as const) {
      const { lines } = await get(undefined, { output, allNamespaces: true }, { columns });
      expect(lines).toHaveLength(2);
      expect(lines.filter((line) => line.length > columns)).toEqual([]);
    }
  });

  it("of all namespaces name theirs, of an empty one say where to look", async () => {
    await create("orders", inStageTwo());
    await create("orders", undefined, "other");
    const { lines } = await get(undefined, { allNamespaces: true });
    expect(lines.slice(1).map((line) => line.split(/ +/).slice(0, 2))).toEqual([
      ["other", "orders"],
      ["shop", "orders"],
    ]);
    await world.sandbox.admin.request({ method: "DELETE", path: `${canaries("shop")}/orders` });
    expect((await get(undefined)).text).toBe(
      "there is no Canary in namespace shop; choose another by -n, or see all by -A\n",
    );
  });

  it("are shown wide with bound, age, target and images", async () => {
    await create("orders", inStageTwo());
    world.clock.jumpWall(90_000);
    const { lines } = await get(undefined, { output: "wide" });
    expect(lines[1]).toMatch(/ 100s +1m30s +orders-workload +orders:42 +stage 2/);
  });
});

describe("a line that a terminal would break", () => {
  it("is broken between words, and lines up", async () => {
    await create("orders", { ...inStageTwo(), message: "word ".repeat(30).trim() });
    const { lines } = await get("orders", {}, { columns: 60 });
    const at = lines.findIndex((line) => line.startsWith("Now"));
    expect(lines[at]).toMatch(/^Now {8}word( word)*$/);
    expect(lines[at + 1]).toMatch(/^ {11}word( word)*$/);
  });
});

describe("-o json and -o yaml", () => {
  it("give what the server has, without the fields of its bookkeeping", async () => {
    await create("orders", inStageTwo());
    const one: unknown = JSON.parse((await get("orders", { output: "json" })).text);
    expect(one).toMatchObject({
      kind: "Canary",
      metadata: { name: "orders" },
      status: { phase: "Waiting", canaryWeight: 25 },
    });
    expect(JSON.stringify(one)).not.toContain("managedFields");
    expect(parse((await get("orders", { output: "yaml" })).text)).toEqual(one);
    const list: unknown = JSON.parse((await get(undefined, { output: "json" })).text);
    expect(list).toMatchObject({ kind: "List", items: [{ metadata: { name: "orders" } }] });
  });
});

describe("--exit-code", () => {
  it.each<[phase: string, status: () => CanaryStatus, code: number]>([
    ["a good end", () => ({ phase: "Succeeded" }), exitCodes.done],
    ["a running release", () => ({ phase: "Progressing" }), exitCodes.done],
    ["a failed release", rolledBack, exitCodes.failed],
    ["a wait", inStageTwo, exitCodes.needsHuman],
    ["a suspension", () => ({ phase: "Suspended" }), exitCodes.needsHuman],
    [
      "a stall",
      () => ({ conditions: [condition("Stalled", "True", "PrimaryMissing", "gone")] }),
      exitCodes.needsHuman,
    ],
  ])("tells %s", async (_, status, code) => {
    await create("orders", status());
    expect((await get("orders", { exitCode: true })).code).toBe(code);
    expect((await get("orders")).code).toBe(exitCodes.done);
  });
});

describe("colours", () => {
  it("are for terminals alone, and not for those who want none", async () => {
    await create("orders", rolledBack());
    const env = { NO_COLOR: "" };
    expect((await get("orders", {}, { columns: 80, env })).text).toContain("\u001b[31mFailed");
    expect((await get("orders", {}, { columns: 80 })).text).not.toContain("\u001b");
    expect((await get("orders", {}, { env })).text).not.toContain("\u001b");
  });
});

describe("--watch", () => {
  it("shows every change until it is interrupted", async () => {
    await create("orders", { phase: "Initialized", message: "waiting for a new version" });
    const stop = new AbortController();
    const stdout = createOutput();
    const { ended } = observeEnd(
      showCanaries(clusterOf(world, { signal: stop.signal }), {
        name: undefined,
        flags: { output: "text", watch: true },
        surroundings: { stdout, stderr: createOutput(), env: {} },
      }),
    );
    await world.settle();
    await setStatus("orders", inStageTwo());
    await world.settle();
    stop.abort();
    await world.advance(10);
    expect(ended()).toEqual({ code: exitCodes.done, message: "" });
    const rows = stdout.lines().filter((line) => line.startsWith("orders"));
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain("Initialized");
    expect(rows[1]).toContain("Waiting");
  });
});
