/** What else selects the target's pods, on the embedded API server: found by the caches that the controller has. */
import { beforeEach, describe, expect, it } from "vitest";
import { istioCrds } from "../../../../src/sandbox/crds/istio.ts";
import { createWorkloadBed, deployment, deploymentPath, type WorkloadBed } from "./workload-bed.ts";

let bed: WorkloadBed;
beforeEach(async () => {
  bed = await createWorkloadBed({ isSimulated: false });
  const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  for (const definition of [...istioCrds, podMonitorKind]) await bed.create(crds, definition);
  for (const name of ["istio-system", "bank"])
    await bed.create("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    });
  await bed.create(deploymentPath(), deployment());
});

const podMonitorKind = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "podmonitors.monitoring.coreos.com" },
  spec: {
    group: "monitoring.coreos.com",
    scope: "Namespaced",
    names: {
      plural: "podmonitors",
      singular: "podmonitor",
      kind: "PodMonitor",
      listKind: "PodMonitorList",
    },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
          },
        },
      },
    ],
  },
};

const groups = {
  Service: ["v1", "/api/v1", "services"],
  NetworkPolicy: ["networking.k8s.io/v1", "/apis/networking.k8s.io/v1", "networkpolicies"],
  PodDisruptionBudget: ["policy/v1", "/apis/policy/v1", "poddisruptionbudgets"],
  AuthorizationPolicy: [
    "security.istio.io/v1",
    "/apis/security.istio.io/v1",
    "authorizationpolicies",
  ],
  PeerAuthentication: ["security.istio.io/v1", "/apis/security.istio.io/v1", "peerauthentications"],
  PodMonitor: ["monitoring.coreos.com/v1", "/apis/monitoring.coreos.com/v1", "podmonitors"],
} as const;
type Kind = keyof typeof groups;

interface Options {
  readonly name?: string;
  readonly namespace?: string;
  readonly metadata?: object;
}

async function put(kind: Kind, spec: object, options: Options = {}): Promise<void> {
  const [apiVersion, root, plural] = groups[kind];
  const { name = "other", namespace = "shop", metadata = {} } = options;
  const body = { apiVersion, kind, metadata: { name, ...metadata }, spec };
  await bed.create(`${root}/namespaces/${namespace}/${plural}`, body);
  await bed.settle();
}

const neighbours = () => bed.workloads.observe(bed.scope).neighbours;
const refusal = () => {
  const fact = neighbours();
  return fact.kind === "Missing" ? `${fact.reason}: ${fact.because}` : fact.kind;
};
const ports = [{ port: 80 }];
const own = { app: "orders" };
const theirs = { app: "orders-primary" };
const both = { tier: "web" };

describe("a Service", () => {
  it("that would lose its endpoints is refused, with the lines that keep them", async () => {
    await put("Service", { selector: { app: "orders", tier: "web" }, ports });
    expect(refusal()).toBe(
      [
        "PrimaryNotSelected: Service shop/other selects app: orders, which the primary's pods do not have (theirs is orders-primary): it would lose its endpoints. " +
          'Let it select labels that both versions have, or, if it is for the new version alone, annotate it serin.dev/canary-only: "true":',
        "spec:",
        "  selector:",
        "    tier: web",
      ].join("\n"),
    );
  });

  it("that selects by that label alone is shown the others that the pods have", async () => {
    await put("Service", { selector: own, ports });
    expect(refusal()).toMatch(
      /selector:\n {4}tier: web\n {4}app.kubernetes.io\/instance: argo-app$/,
    );
  });

  it.each<[string, object, Options]>([
    ["selects both versions", { selector: both, ports }, {}],
    ["selects other pods", { selector: { app: "mails" }, ports }, {}],
    ["selects no pods by itself", { ports }, {}],
    [
      "is what clients call, which the routes speak for",
      { selector: own, ports },
      { name: "orders" },
    ],
    ["is the canary's own", { selector: own, ports }, { name: "orders-canary" }],
    [
      "is Serin's",
      { selector: own, ports },
      { metadata: { labels: { "serin.dev/canary": "orders" } } },
    ],
    [
      "is meant for the canary alone",
      { selector: own, ports },
      { metadata: { annotations: { "serin.dev/canary-only": "true" } } },
    ],
    ["is in another namespace", { selector: own, ports }, { namespace: "bank" }],
  ])("that %s is none of it", async (_, spec, options) => {
    await put("Service", spec, options);
    expect(neighbours()).toEqual({ kind: "Known", value: [] });
  });
});

describe("a policy", () => {
  const labelled = (matchLabels: object) => ({ matchLabels });
  it.each<[Kind, object, RegExp]>([
    [
      "NetworkPolicy",
      { podSelector: labelled(own) },
      /NetworkPolicy shop\/other .* in spec.podSelector .*both:\nmatchExpressions:\n {2}- key: app\n {4}operator: In\n {4}values:\n {6}- orders\n {6}- orders-primary$/,
    ],
    [
      "NetworkPolicy",
      {
        podSelector: labelled({ app: "db" }),
        ingress: [{ from: [{ podSelector: labelled(own) }] }],
      },
      /in spec.ingress\[0\]/,
    ],
    [
      "NetworkPolicy",
      { podSelector: {}, egress: [{}, { to: [{ podSelector: labelled(own) }] }] },
      /in spec.egress\[1\]/,
    ],
    [
      "AuthorizationPolicy",
      { selector: labelled(own) },
      /AuthorizationPolicy shop\/other .*second one .*\nspec:\n {2}selector:\n {4}matchLabels:\n {6}app: orders-primary$/,
    ],
    [
      "PeerAuthentication",
      { selector: labelled(own), mtls: { mode: "STRICT" } },
      /PeerAuthentication shop\/other/,
    ],
  ])("%s that selects the target's pods alone is refused: %j", async (kind, spec, says) => {
    await put(kind, spec);
    expect(refusal()).toMatch(/^PrimaryNotSelected: /);
    expect(refusal()).toMatch(says);
  });

  it.each<[Kind, object]>([
    ["NetworkPolicy", { podSelector: {} }],
    ["NetworkPolicy", { podSelector: labelled(both) }],
    [
      "NetworkPolicy",
      {
        podSelector: {
          matchExpressions: [{ key: "app", operator: "In", values: ["orders", "orders-primary"] }],
        },
      },
    ],
    [
      "NetworkPolicy",
      {
        podSelector: {},
        ingress: [{ from: [{ podSelector: labelled(own) }, { podSelector: labelled(theirs) }] }],
      },
    ],
    [
      "NetworkPolicy",
      {
        podSelector: {},
        ingress: [{ from: [{ podSelector: labelled(own) }, { namespaceSelector: {} }] }],
      },
    ],
    [
      "NetworkPolicy",
      {
        podSelector: {},
        ingress: [{ from: [{ podSelector: labelled(own), namespaceSelector: {} }] }],
      },
    ],
    ["AuthorizationPolicy", {}],
    ["PeerAuthentication", { mtls: { mode: "STRICT" } }],
  ])("%s that speaks of both versions is none of it: %j", async (kind, spec) => {
    await put(kind, spec);
    expect(neighbours()).toEqual({ kind: "Known", value: [] });
  });

  it("that another one repeats for the primary's pods is none of it, if it says the same", async () => {
    const rules = [{ to: [{ operation: { methods: ["GET"] } }] }];
    await put("AuthorizationPolicy", { selector: labelled(own), rules });
    await put("AuthorizationPolicy", { selector: labelled(theirs) }, { name: "laxer" });
    expect(refusal()).toMatch(/AuthorizationPolicy shop\/other/);
    await put("AuthorizationPolicy", { selector: labelled(theirs), rules }, { name: "same" });
    expect(neighbours()).toEqual({ kind: "Known", value: [] });
  });

  it("of Istio's root namespace holds here too, and of others it does not", async () => {
    await put("PeerAuthentication", { selector: labelled(own) }, { namespace: "bank" });
    expect(neighbours().kind).toBe("Known");
    await put("PeerAuthentication", { selector: labelled(own) }, { namespace: "istio-system" });
    expect(refusal()).toMatch(/PeerAuthentication istio-system\/other/);
  });
});

describe("what is warned of", () => {
  it.each<Kind>(["PodDisruptionBudget", "PodMonitor"])("is a %s", async (kind) => {
    await put(kind, { selector: { matchLabels: own } });
    const fact = neighbours();
    expect(fact.kind === "Known" ? fact.value : []).toEqual([
      expect.stringMatching(`${kind} shop/other selects the target's pods in spec.selector`),
    ]);
    await put(kind, { selector: { matchLabels: theirs } }, { name: "second" });
    expect(neighbours()).toEqual({ kind: "Known", value: [] });
  });
});

it("waits until everything that may select pods has been read", async () => {
  const fresh = await createWorkloadBed({ isStarted: false });
  expect(fresh.workloads.observe(fresh.scope).neighbours).toEqual({ kind: "Known", value: [] });
  await bed.remove(deploymentPath("orders"));
  await put("Service", { selector: own, ports });
  expect(neighbours()).toEqual({ kind: "Known", value: [] });
});
