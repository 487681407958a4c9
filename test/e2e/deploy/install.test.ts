/**
 * An install for one namespace by helm, on a real API server of its own: the chart is taken, the bundle takes a whole
 * release through with the rights that it gives, no other namespace is touched, and nothing of people's goes with it.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Transport } from "../../../src/adapters/kubernetes/transport.ts";
import { bundle } from "../../../src/codegen/bundle.ts";
import { buildEdited } from "../../support/kustomize.ts";
import { eventually } from "../../support/real-time.ts";
import { cacheFolder, findComponent, istioCrdFile } from "../setup/components.ts";
import { isAtRest, restProblems } from "../support/aftermath.ts";
import { readAudit } from "../support/audit.ts";
import { type Belongings, belongingKinds, rememberBelongings } from "../support/belongings.ts";
import { whenReady } from "../support/child.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane.ts";
import { root, serinToken, startProgram } from "../support/environment.ts";
import { freePort } from "../support/free-port.ts";
import { isMissing } from "../support/is-missing.ts";
import { kubectl } from "../support/kubectl.ts";
import { startPrometheus } from "../support/prometheus.ts";
import { type SerinProcess, startSerin } from "../support/serin.ts";
import { createShop, shopName, versions } from "../support/shop.ts";
import { connectAdmin } from "../support/suite.ts";

const namespace = "one-team";
const chart = join(root, "deploy/helm/serin");

interface Place {
  readonly plane: ControlPlane;
  readonly admin: Transport;
  readonly serin: SerinProcess;
}

type Stoppable = Pick<ControlPlane, "stop">;

/** As a person with a kubeconfig runs it. */
async function helm(plane: ControlPlane, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    findComponent("helm") ?? "helm",
    [...words, "--namespace", namespace, "--kubeconfig", plane.adminKubeconfig],
    { env: { PATH: process.env["PATH"], HOME: plane.folder } },
  );
  return stdout;
}

/** What was started is in `started` also when the rest does not come up. */
async function startPlace(started: Stoppable[]): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "serin-e2e-install-"));
  const plane = await startControlPlane(join(folder, "control-plane"));
  started.push(plane);
  const { adminKubeconfig } = plane;
  await kubectl(adminKubeconfig, ["create", "-f", join(cacheFolder(), istioCrdFile)]);
  await helm(plane, "install", "serin", chart, "--create-namespace", "--set", "namespaced=true");
  const crds = ["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"];
  await kubectl(adminKubeconfig, crds);
  await kubectl(adminKubeconfig, ["apply", "-f", join(root, "analysis-templates")]);
  const logs = join(folder, "programs");
  mkdirSync(logs);
  started.push(startProgram("kubelet", logs, [adminKubeconfig]));
  const port = await freePort();
  const mesh = startProgram("mesh", logs, [adminKubeconfig, String(port)]);
  started.push(mesh);
  const address = `http://127.0.0.1:${port}`;
  await whenReady(mesh, 30_000, async () => (await fetch(`${address}/-/ready`)).ok);
  const prometheus = await startPrometheus({
    folder: join(folder, "prometheus"),
    discovery: [`${address}/targets`],
  });
  started.push(prometheus.child);
  const app = join(folder, "app");
  await bundle(app);
  const token = await serinToken(adminKubeconfig, namespace);
  const serinKubeconfig = plane.kubeconfigFor("serin", token);
  const serin = await startSerin(
    { folder, prometheus, serinKubeconfig },
    {
      name: "serin-one",
      program: join(app, "serin.mjs"),
      flags: [`--namespace=${namespace}`, `--own-namespace=${namespace}`],
    },
  );
  started.push(serin);
  return { plane, admin: await connectAdmin(adminKubeconfig), serin };
}

describe.skipIf(isMissing("helm"))("an install by helm for one namespace", () => {
  let place: Place;
  const started: Stoppable[] = [];
  beforeAll(async () => {
    place = await startPlace(started);
  });
  afterAll(async () => {
    for (const one of started.toReversed()) await one.stop();
  });

  it("takes a release through every stage with its own rights, and touches no other namespace", async () => {
    const { admin, plane, serin } = place;
    await serin.whenReady();
    const others = await createShop(admin, { namespace: "others", replicas: 1 });
    let belongings: Belongings | undefined;
    const shop = await createShop(admin, {
      namespace,
      replicas: 2,
      async beforeCanary() {
        const named = { namespace, name: shopName };
        belongings = await rememberBelongings(admin, named, belongingKinds);
      },
    });
    await shop.until("initialised", 60_000, ({ phase }) => phase === "Initialized");
    await belongings?.edit("deployments", () => shop.push("2", versions.good));
    const status = await shop.until(
      "succeeded",
      170_000,
      (now) => now.phase === "Succeeded" && isAtRest(now),
    );
    if (belongings === undefined) throw new Error("nobody looked before Serin came");
    const ending = { phase: "Succeeded", releases: ["Succeeded Promoted"], serves: "2" } as const;
    expect(await restProblems({ shop, replicas: 2, belongings }, status, ending)).toEqual([]);
    expect(await others.status()).toEqual({});
    const asked = await readAudit(plane.auditLog);
    expect(asked.filter(({ isForbidden }) => isForbidden)).toEqual([]);
    const outside = asked.filter(
      (request) => request.namespace !== "" && request.namespace !== namespace,
    );
    expect(outside).toEqual([]);
    expect(asked.length).toBeGreaterThan(50);
  }, 300_000);

  it("is, as kustomize builds it, taken by the API server with nothing unknown in it", async () => {
    const { adminKubeconfig } = place.plane;
    const components = ["deploy/components/dashboard", "deploy/components/mesh"];
    for (const [overlay, into] of [
      ["cluster", "platform"],
      ["namespaced", "team-a"],
    ] as const) {
      await kubectl(adminKubeconfig, ["create", "namespace", into]);
      const edit = { components, namespace: into };
      const built = await buildEdited(`deploy/overlays/${overlay}`, edit);
      const text = built.map(({ object }) => stringify(object)).join("---\n");
      const how = ["--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict"];
      const answer = await kubectl(adminKubeconfig, ["apply", ...how, "-f", "-"], text);
      expect(answer.trim().split("\n")).toHaveLength(built.length);
    }
  });

  it("is upgraded with other values, and leaves CRDs and Canaries when it goes", async () => {
    const { admin, plane } = place;
    const deployment = `/apis/apps/v1/namespaces/${namespace}/deployments/serin`;
    const get = (path: string) => admin.request({ method: "GET", path });
    const chosen = ["--set", "namespaced=true", "--set", "replicas=3"];
    await helm(plane, "upgrade", "serin", chart, ...chosen);
    expect(await get(deployment)).toMatchObject({ spec: { replicas: 3 } });
    await helm(plane, "uninstall", "serin");
    const isGone = async () =>
      get(deployment).then(
        () => false,
        () => true,
      );
    await eventually("the Deployment is gone", 30_000, isGone);
    const canary = `/apis/serin.dev/v1alpha1/namespaces/${namespace}/canaries/orders`;
    expect(await get(canary)).toMatchObject({ status: { phase: "Succeeded" } });
    const definitions = await kubectl(plane.adminKubeconfig, ["get", "crd", "-o", "name"]);
    expect(definitions.split("\n").filter((name) => name.endsWith(".serin.dev"))).toHaveLength(4);
  });
});
