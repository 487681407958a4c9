import { beforeAll, describe, expect, it } from "vitest";
import { createTransport } from "../../src/adapters/kubernetes/transport.ts";
import { composeCaches } from "../../src/compose/controller.ts";
import { Config, flagName } from "../../src/config.ts";
import { createApiServer } from "../../src/sandbox/api-server/api-server.ts";
import { istioCrds } from "../../src/sandbox/crds/istio.ts";
import { accessOf, isAllowed, type PolicyRule, rightsOf } from "../support/access-review.ts";
import { hasKubectl } from "../support/api-server-kubectl.ts";
import { fetchOf } from "../support/embedded-api.ts";
import { schemaProblem } from "../support/kubernetes-schemas.ts";
import { buildEdited, buildKustomization } from "../support/kustomize.ts";
import { findManifest, type Manifest } from "../support/manifests.ts";
import { createManualClock, settleTasks } from "../support/manual-clock.ts";
import { createRecordingLog } from "../support/recording-log.ts";

const components = ["service-monitor", "pod-monitor", "alerts", "dashboard", "mesh"].map(
  (name) => `deploy/components/${name}`,
);
const kindsIn = (objects: readonly Manifest[]): readonly string[] =>
  objects.map(({ object }) => object.kind);

/** Rights in all namespaces, and in the install's own. */
function rulesIn(objects: readonly Manifest[]) {
  const of = (kind: string): readonly PolicyRule[] =>
    objects.flatMap(({ object }) => (object.kind === kind ? object.rules : []));
  return { everywhere: of("ClusterRole"), inside: of("Role") };
}

describe.skipIf(!hasKubectl())("what kubectl builds", () => {
  let base: readonly Manifest[];
  let cluster: readonly Manifest[];
  let moved: readonly Manifest[];
  let namespaced: readonly Manifest[];
  let whole: readonly Manifest[];

  beforeAll(async () => {
    const overlay = "deploy/overlays";
    [base, cluster, moved, namespaced, whole] = await Promise.all([
      buildKustomization("deploy/base"),
      buildKustomization(`${overlay}/cluster`),
      buildEdited(`${overlay}/namespaced`, { components, namespace: "team-a" }),
      buildKustomization(`${overlay}/namespaced`),
      buildEdited(`${overlay}/cluster`, { components, namespace: "platform" }),
    ]);
  });

  it("is valid to the schemas of Kubernetes, Istio and the Prometheus operator", () => {
    const all = [...base, ...cluster, ...moved, ...namespaced, ...whole];
    expect(all.map(schemaProblem).filter((problem) => problem !== undefined)).toEqual([]);
  });

  it("has the CRDs before everything that may need them, in every install", () => {
    for (const objects of [base, cluster, namespaced])
      expect(kindsIn(objects).filter((kind) => kind === "CustomResourceDefinition")).toHaveLength(
        4,
      );
  });

  it("is the base, spread over zones and nodes, in the cluster's install", () => {
    const { spec } = findManifest(cluster, "Deployment").spec.template;
    const { topologySpreadConstraints, ...rest } = spec;
    expect(rest).toEqual(findManifest(base, "Deployment").spec.template.spec);
    expect(
      topologySpreadConstraints.map((each: { readonly topologyKey: string }) => each.topologyKey),
    ).toEqual(["topology.kubernetes.io/zone", "kubernetes.io/hostname"]);
    for (const { whenUnsatisfiable, labelSelector } of topologySpreadConstraints) {
      expect(whenUnsatisfiable).toBe("ScheduleAnyway");
      expect(labelSelector).toEqual(findManifest(base, "Deployment").spec.selector);
    }
    expect(kindsIn(cluster).toSorted()).toEqual(kindsIn(base).toSorted());
  });

  it("brings every component's objects into the install's own namespace", () => {
    for (const [objects, expected] of [
      [whole, "platform"],
      [moved, "team-a"],
    ] as const) {
      expect(findManifest(objects, "Deployment").metadata.namespace).toBe(expected);
      const kinds = ["ServiceMonitor", "PodMonitor", "PrometheusRule", "ConfigMap"];
      for (const kind of [...kinds, "PeerAuthentication", "AuthorizationPolicy"])
        expect(findManifest(objects, kind).metadata.namespace).toBe(expected);
    }
  });

  it("selects Serin's pods and no others, whatever selects", () => {
    const own = findManifest(whole, "Deployment").spec.selector.matchLabels;
    for (const kind of [
      "ServiceMonitor",
      "PodMonitor",
      "PeerAuthentication",
      "AuthorizationPolicy",
    ])
      expect(findManifest(whole, kind).spec.selector.matchLabels).toEqual(own);
    expect(findManifest(whole, "Service").metadata.labels).toMatchObject(own);
    const { ports } = findManifest(whole, "Deployment").spec.template.spec.containers[0];
    const [port] = findManifest(whole, "Service").spec.ports;
    expect(findManifest(whole, "ServiceMonitor").spec.endpoints[0].port).toBe(port.name);
    expect(findManifest(whole, "PodMonitor").spec.podMetricsEndpoints[0].port).toBe(ports[0].name);
    expect(findManifest(whole, "AuthorizationPolicy").spec.rules[0].to[0].operation.ports).toEqual([
      String(ports[0].containerPort),
    ]);
  });

  it("refuses plain requests in the mesh, and lets the sidecar reach istiod and a rollback pass it by", () => {
    expect(findManifest(whole, "PeerAuthentication").spec.mtls).toEqual({ mode: "STRICT" });
    const { metadata } = findManifest(whole, "Deployment").spec.template;
    expect(metadata.labels["sidecar.istio.io/inject"]).toBe("true");
    expect(metadata.annotations["traffic.sidecar.istio.io/excludeOutboundPorts"]).toBe("443,6443");
    expect(findManifest(whole, "NetworkPolicy").spec.egress).toContainEqual({
      ports: [{ port: 15012 }],
    });
  });

  describe("for one namespace", () => {
    it("tells Serin to work there alone, with settings that it knows", () => {
      const { env } = findManifest(namespaced, "Deployment").spec.template.spec.containers[0];
      const own = { fieldRef: { fieldPath: "metadata.namespace" } };
      expect(env).toContainEqual({ name: "SERIN_NAMESPACE", valueFrom: own });
      expect(env).toContainEqual({ name: "SERIN_OWN_NAMESPACE", valueFrom: own });
      expect(Object.keys(Config.shape).map(flagName)).toContain("namespace");
    });

    it("leaves the namespace itself to who owns it", () => {
      expect(kindsIn(namespaced)).not.toContain("Namespace");
    });

    it("allows the same as for the cluster, there instead of everywhere", () => {
      const one = rulesIn(namespaced);
      const all = rulesIn(cluster);
      const rights = (rules: readonly PolicyRule[]) => rightsOf(rules).toSorted();
      expect(rights([...one.everywhere, ...one.inside])).toEqual(
        rights([...all.everywhere, ...all.inside]),
      );
      const named = ({ everywhere }: { readonly everywhere: readonly PolicyRule[] }) =>
        everywhere.flatMap(({ resourceNames = [] }) => resourceNames);
      expect(named(one)).toEqual(named(all));
    });

    it("gives no right outside but to read what has no namespace", () => {
      expect(rightsOf(rulesIn(namespaced).everywhere).toSorted()).toEqual([
        "list clusteranalysistemplates.serin.dev",
        "list customresourcedefinitions.apiextensions.k8s.io",
        "watch clusteranalysistemplates.serin.dev",
        "watch customresourcedefinitions.apiextensions.k8s.io",
      ]);
    });

    it("asks for nothing that it may not have", async () => {
      const clock = createManualClock();
      const server = createApiServer({ clock });
      const served = fetchOf(server);
      const common = {
        clock,
        log: createRecordingLog(),
        random: () => 0.5,
        baseUrl: "http://api.test",
      };
      const limits = { qps: 1e6, burst: 1e6 };
      const others = createTransport({ ...common, ...limits, fetch: served, userAgent: "others" });
      const crds = namespaced.filter(({ object }) => object.kind === "CustomResourceDefinition");
      const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      for (const body of [...crds.map(({ object }) => object), ...istioCrds])
        await others.request({ method: "POST", path, body });
      const asked: { readonly method: string; readonly url: string }[] = [];
      const transport = createTransport({
        ...common,
        ...limits,
        userAgent: "serin",
        fetch: (url, init) => {
          asked.push({ method: init.method, url });
          return served(url, init);
        },
      });
      const namespace = findManifest(namespaced, "Deployment").metadata.namespace;
      const caches = composeCaches({ ...common, transport, namespace });
      const informers = [
        ...Object.values(caches.cluster),
        ...Object.values(caches.workloads),
        ...Object.values(caches.istio),
        ...Object.values(caches.revisions),
      ];
      for (const informer of informers) informer.start();
      await settleTasks(60);
      const rules = rulesIn(namespaced);
      const refused = asked.filter(({ method, url }) => {
        const isInside = url.includes(`/namespaces/${namespace}/`);
        return !isAllowed(isInside ? rules.inside : rules.everywhere, accessOf(method, url));
      });
      expect(refused).toEqual([]);
      expect(asked.length).toBeGreaterThan(20);
      await Promise.all(informers.map((informer) => informer.stop()));
    });
  });

  it("binds every role to the account of the pods, in whatever namespace", () => {
    for (const objects of [base, cluster, moved, namespaced, whole]) {
      const { metadata, spec } = findManifest(objects, "Deployment");
      const account = {
        kind: "ServiceAccount",
        name: spec.template.spec.serviceAccountName,
        namespace: metadata.namespace,
      };
      const roles = objects.filter(({ object }) => /^(Cluster)?Role$/.test(object.kind));
      const bindings = objects.filter(({ object }) => object.kind.endsWith("RoleBinding"));
      expect(bindings.map(({ object }) => object.subjects)).toEqual(bindings.map(() => [account]));
      const bound = bindings.map(({ object }) => `${object.roleRef.kind} ${object.roleRef.name}`);
      const named = roles.map(({ object }) => `${object.kind} ${object.metadata.name}`);
      expect(bound.toSorted()).toEqual(named.toSorted());
    }
  });
});
