import { beforeAll, describe, expect, it } from "vitest";
import { createCluster } from "../../src/adapters/kubernetes/cluster/cluster.ts";
import { clusterInformers } from "../../src/adapters/kubernetes/cluster/informers.ts";
import { createEventRecorder } from "../../src/adapters/kubernetes/events.ts";
import { Lease } from "../../src/adapters/kubernetes/lease.ts";
import { specRevisionInformers } from "../../src/adapters/kubernetes/spec-revisions/informers.ts";
import { createSpecRevisions } from "../../src/adapters/kubernetes/spec-revisions/spec-revisions.ts";
import { createTransport } from "../../src/adapters/kubernetes/transport.ts";
import { workloadInformers } from "../../src/adapters/kubernetes/workloads/informers.ts";
import { createWorkloads } from "../../src/adapters/kubernetes/workloads/workloads.ts";
import { istioInformers } from "../../src/adapters/traffic/istio/informers.ts";
import { createTrafficRouter } from "../../src/adapters/traffic/registry.ts";
import { GeneratedRouting } from "../../src/api/generated-routing.ts";
import { customResourceDefinition } from "../../src/codegen/custom-resource-definition.ts";
import { kinds } from "../../src/codegen/kinds.ts";
import type { Identity } from "../../src/core/canary/snapshot.ts";
import type { RouteScope } from "../../src/ports/traffic-router.ts";
import { createApiServer } from "../../src/sandbox/api-server/api-server.ts";
import { istioCrds } from "../../src/sandbox/crds/istio.ts";
import {
  type Access,
  accessOf,
  isAllowed,
  type PolicyRule,
  rightOf,
  rightsOf,
} from "../support/access-review.ts";
import { fetchOf } from "../support/embedded-api.ts";
import { findManifest, readManifests } from "../support/manifests.ts";
import { createManualClock, settleTasks } from "../support/manual-clock.ts";
import { createRecordingLog } from "../support/recording-log.ts";

const base = readManifests("deploy/base");
const rules: readonly PolicyRule[] = [
  ...findManifest(base, "ClusterRole").rules,
  ...findManifest(base, "Role").rules,
];
const example = readManifests("deploy/examples/order-service");
const namespace = "order-prod";
const scope = {
  namespace,
  canary: "order-service",
  target: "order-service",
  service: "order-service",
  selectorLabel: undefined,
};
const selector = { label: "app", value: "order-service" };

/** Rights for what does not happen to the example, and why they are needed. */
const usedElsewhere = [
  // One object of a cache is read again when a write met another version of it.
  "get canaries.serin.dev",
  // An abort that was answered is removed.
  "patch canaries.serin.dev",
  "get deployments.apps",
  "get services",
  // A rollback whose patch does not fit writes the object whole.
  "update virtualservices.networking.istio.io",
  // The Prometheus operator's kind is not in the example's cluster.
  "list podmonitors.monitoring.coreos.com",
  "watch podmonitors.monitoring.coreos.com",
  // Routes by host, and those that are generated: an apply of what is not there needs create beside patch.
  "create services",
  "create destinationrules.networking.istio.io",
  "create virtualservices.networking.istio.io",
  // An Event that is told again counts up.
  "get events",
  "patch events",
  // A Canary that is deleted: its namespace, its primary. (Its finalizer is patched as an abort is.)
  "get namespaces",
  "delete deployments.apps",
  // Clusters with KEDA.
  "list scaledobjects.keda.sh",
  "watch scaledobjects.keda.sh",
  // Templates and alert providers with credentials.
  "get secrets",
];

/** The example on an embedded API server, and all adapters on it whose requests are written down. */
async function createBed() {
  const clock = createManualClock();
  const server = createApiServer({ clock });
  const log = createRecordingLog();
  const served = fetchOf(server);
  const common = {
    clock,
    log,
    random: () => 0.5,
    baseUrl: "http://api.test",
    qps: 1e6,
    burst: 1e6,
  };
  const others = createTransport({ ...common, fetch: served, userAgent: "others" });
  const accesses: Access[] = [];
  const transport = createTransport({
    ...common,
    userAgent: "serin",
    fetch: (url, init) => {
      accesses.push(accessOf(init.method, url));
      return served(url, init);
    },
  });
  const post = (path: string, body: object) => others.request({ method: "POST", path, body });
  const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  for (const kind of kinds) await post(crds, customResourceDefinition(kind));
  for (const definition of istioCrds) await post(crds, definition);
  await post("/api/v1/namespaces", findManifest(base, "Namespace"));
  for (const { object } of example) await post(collectionOf(object), object);

  const deps = { ...common, transport };
  const informers = {
    cluster: clusterInformers(deps),
    workloads: workloadInformers(deps),
    istio: istioInformers(deps),
    revisions: specRevisionInformers(deps),
  };
  for (const group of Object.values(informers)) {
    for (const informer of Object.values(group)) informer.start();
  }
  await settleTasks(60);
  const workloads = createWorkloads({
    ...deps,
    informers: { ...informers.workloads, services: informers.istio.services },
    onPodChange: () => undefined,
  });
  const events = createEventRecorder({ ...deps, component: "serin", instance: "serin-0" });
  const cluster = createCluster({
    transport,
    informers: informers.cluster,
    ownNamespace: "serin-system",
    events,
    clock,
  });
  const router = createTrafficRouter({ istio: { transport, informers: informers.istio } });
  const specRevisions = createSpecRevisions({
    transport,
    log,
    reads: informers.revisions.specRevisions,
    ownNamespace: "serin-system",
  });
  const ports = { cluster, workloads, specRevisions, router };
  return { clock, log, transport, others, accesses, deps, ...ports };
}

function collectionOf(object: { readonly apiVersion: string; readonly kind: string }): string {
  const { apiVersion, kind } = object;
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const plural = kind === "Canary" ? "canaries" : `${kind.toLowerCase()}s`;
  return kind === "Namespace" ? `${root}/${plural}` : `${root}/namespaces/${namespace}/${plural}`;
}

describe("on the example", () => {
  let bed: Awaited<ReturnType<typeof createBed>>;
  beforeAll(async () => {
    bed = await createBed();
  });
  const routeScope = () => {
    const spec = bed.cluster.canary({ namespace, name: "order-service" })?.spec;
    if (spec?.kind !== "Known") throw new Error("the example's Canary cannot be read");
    const { routing } = spec.value;
    return { ...scope, canaryUid: "uid", service: "order-service", selector, routing };
  };

  it("finds everything that the Canary names", () => {
    const facts = bed.workloads.observe({ ...scope, canaryUid: "uid" });
    expect(facts.target.kind).toBe("Known");
    expect(facts.selector).toMatchObject({ kind: "Known", value: selector });
    expect(facts.autoscaler).toEqual({ kind: "Known", value: undefined });
    expect(bed.router.observe(routeScope())).toMatchObject({
      kind: "Known",
      value: { canaryWeight: 0, isUniform: true, hasUnmanagedRules: true, missingObjects: [] },
    });
    for (const name of ["error-rate", "latency-p99"]) {
      const found = bed.cluster.template(namespace, { kind: "AnalysisTemplate", name });
      expect(found.kind).toBe("Known");
    }
    expect(bed.cluster.alertProvider(namespace, "slack-releases").kind).toBe("Known");
  });

  it("asks the API server for nothing that the base does not allow, and for all that it does", async () => {
    const identity: Identity | undefined = bed.cluster.canary({
      namespace,
      name: "order-service",
    })?.identity;
    if (identity === undefined) throw new Error("no Canary");
    const workloadScope = { ...scope, canaryUid: identity.uid };
    const target = () => bed.workloads.observe(workloadScope).target;
    const primary = () => bed.workloads.observe(workloadScope).primary;
    const hashOf = (fact: ReturnType<typeof target>) =>
      fact.kind === "Known" ? fact.value.templateHash : "";
    const versionOf = (fact: ReturnType<typeof target>) =>
      fact.kind === "Known" ? fact.value.resourceVersion : "";

    const firstHash = hashOf(target());
    await bed.workloads.createPrimary(workloadScope, 2, firstHash);
    await bed.workloads.scale(workloadScope, "Target", 1, versionOf(target()));
    bed.workloads.watchPods(workloadScope, true);
    await settleTasks(30);
    for (const image of ["a:2", "a:3", "a:4"]) await release(image);
    // A template that the target does not have any more is looked for among its ReplicaSets.
    const lost = bed.workloads.copyTemplate(
      workloadScope,
      { templateHash: "gone", savedHash: hashOf(primary()) },
      versionOf(primary()),
    );
    await expect(lost).rejects.toMatchObject({ reason: "TemplateMissing" });
    await bed.workloads
      .restoreTemplate(workloadScope, firstHash, versionOf(primary()))
      .catch(() => undefined);
    const { spec } = bed.cluster.canary(identity) ?? {};
    if (spec?.kind !== "Known") throw new Error("the example's Canary cannot be read");
    for (const releaseId of ["a-1", "b-2", "c-3", "d-4"])
      await bed.specRevisions.save(
        identity,
        { releaseId, spec: spec.value, templates: [] },
        undefined,
      );
    const routes = bed.router.observe(routeScope());
    await bed.router.raise(
      routeScope(),
      10,
      routes.kind === "Known" ? routes.value.resourceVersions : {},
    );
    await bed.router.lower(routeScope(), 0);
    const generated: RouteScope = {
      ...routeScope(),
      service: "made",
      ports: { name: "http", port: 80, targetPort: 8080 },
      selector: { ...selector, shared: { part: "made" } },
      routing: { istio: { generate: GeneratedRouting.parse({}), propagationSeconds: 5 } },
    };
    await bed.router.createObjects(generated, 0);
    await bed.router.removeGenerated(generated, "Route");
    await bed.router.removeGenerated(generated, "Subsets");
    const told = {
      id: "a-1",
      reason: "Initialized",
      severity: "Info",
      message: "m",
      at: "",
      facts: {},
    } as const;
    await bed.cluster.writeStatus({ identity, status: { phase: "Initialized" }, mode: "Urgent" });
    await bed.cluster.recordEvent(identity, told);
    const lease = new Lease({
      ...bed.deps,
      namespace: "serin-system",
      name: "serin",
      identity: "serin-0",
      onAcquired: () => undefined,
      onLost: () => undefined,
    });
    lease.start();
    await bed.clock.run(5_000);
    await lease.stop();

    expect(bed.accesses.filter((access) => !isAllowed(rules, access))).toEqual([]);
    const used = new Set(bed.accesses.map(rightOf));
    const unused = rightsOf(rules).filter((right) => !used.has(right));
    expect(unused.toSorted()).toEqual(usedElsewhere.toSorted());

    async function release(image: string): Promise<void> {
      const path = `${collectionOf(findManifest(example, "Deployment"))}/order-service`;
      const containers = [{ name: "order-service", image }];
      await bed.others.request({
        method: "PATCH",
        path,
        patch: "merge",
        body: { spec: { template: { spec: { containers } } } },
      });
      await settleTasks(30);
      const hashes = { templateHash: hashOf(target()), savedHash: hashOf(primary()) };
      await bed.workloads.copyTemplate(workloadScope, hashes, versionOf(primary()));
      await settleTasks(30);
    }
  });
});
