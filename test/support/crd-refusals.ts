/** One object, or change of one, for every rule in CEL that Serin's definitions have: what any API server must refuse. */
import { objectSchema } from "../../src/codegen/custom-resource-definition.ts";
import { kinds } from "../../src/codegen/kinds.ts";
import type { StructuralSchema } from "../../src/codegen/structural-schema.ts";

export type Members = Readonly<Record<string, unknown>>;

export interface SerinObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: Members;
  readonly status?: Members;
}

const own = (kind: string, name: string, spec: Members): SerinObject => ({
  apiVersion: "serin.dev/v1alpha1",
  kind,
  metadata: { name },
  spec,
});

export const canary = (name: string, spec: Members = {}): SerinObject =>
  own("Canary", name, {
    targetRef: { name: "order-service" },
    routing: { istio: { virtualServices: [{ name: "order-service" }] } },
    ...spec,
  });
export const template = (name: string, spec: Members): SerinObject =>
  own("AnalysisTemplate", name, { provider: { prometheus: {} }, ...spec });
export const provider = (name: string, spec: Members): SerinObject =>
  own("AlertProvider", name, spec);

/** Where the objects of a kind are, in one namespace. */
export function collectionOf(kind: string, namespace = "default"): string {
  const { plural, scope } = kinds.find((other) => other.kind === kind) ?? { plural: "", scope: "" };
  const within = scope === "Cluster" ? "" : `/namespaces/${namespace}`;
  return `/apis/serin.dev/v1alpha1${within}/${plural}`;
}

export interface Refusal {
  /** Kind and place in its schema that the rule is written at. */
  readonly where: string;
  readonly message: string;
  /** The field that the answer names. */
  readonly field: string;
  /** A merge patch of the specs of what was created before, for rules about changes. */
  readonly change?: Members;
  readonly object: SerinObject;
}

const ratio = { total: "requests_total", bad: 'requests_total{code="500"}' };
const mirror = (more: Members) => ({ mirror: { sideEffects: "None", ...more } });
const service = { port: 80, targetPort: 8080 };
const secret = { name: "slack", key: "address" };
const weights = (...list: number[]) => list.map((weight) => ({ weight }));
const generating = (generate: Members, istio: Members = {}) =>
  canary("a", { service, routing: { istio: { generate, ...istio } } });

/** A refused Canary, where the field is the place of the rule. */
const ofCanary = (field: string, message: string, spec: Members): Refusal => ({
  where: `Canary ${field.replaceAll(/\[\d+\]/g, "[]")}`,
  message,
  field,
  object: canary("a", spec),
});

const ofMatch = (where: string, match: Members): Refusal => ({
  where: `Canary spec.routing.istio.generate.match[].${where}`,
  message: "give exactly one of exact, prefix and regex",
  field: `spec.routing.istio.generate.match[0].${where.replace("{}", "[x]")}`,
  object: generating({ match: [match] }),
});

const ofCanaries: readonly Refusal[] = [
  {
    where: "Canary ",
    message: "metadata.name may have at most 63 characters: it becomes the value of a label",
    field: "",
    object: canary("a".repeat(64)),
  },
  {
    where: "Canary spec.targetRef",
    message: "targetRef cannot be changed; delete the Canary and create one for the other workload",
    field: "spec.targetRef",
    change: { targetRef: { name: "other" } },
    object: canary("moved"),
  },
  ofCanary("spec.routing", "name exactly one routing provider: istio", { routing: {} }),
  ofCanary("spec", "routing.istio.generate needs service.port and service.targetPort", {
    routing: { istio: { generate: {} } },
  }),
  ofCanary("spec.routing.istio", "give exactly one of virtualServices and generate", {
    routing: { istio: {} },
  }),
  {
    where: "Canary spec.routing.istio",
    message: "leave destinationRule out: it is generated with the rest",
    field: "spec.routing.istio",
    object: generating({}, { destinationRule: {} }),
  },
  ofMatch("uri", { uri: {} }),
  ofMatch("method", { method: { exact: "GET", prefix: "G" } }),
  ofMatch("authority", { authority: {} }),
  ofMatch("headers{}", { headers: { x: {} } }),
  ofMatch("queryParams{}", { queryParams: { x: { exact: "a", regex: "a" } } }),
  ofCanary("spec.stages", "weights must rise from stage to stage, for example 10, 25, 50, 100", {
    stages: weights(25, 10, 100),
  }),
  ofCanary("spec.stages", "the last stage must have weight 100; add { weight: 100 }", {
    stages: weights(10),
  }),
  ofCanary("spec.stages", "mirror stages must stand before the first weight", {
    stages: [{ weight: 10 }, mirror({}), { weight: 100 }],
  }),
  ofCanary("spec.stages[0]", "give a stage exactly one of weight and mirror", {
    stages: [{ ...mirror({}), weight: 10 }, { weight: 100 }],
  }),
  ofCanary("spec.stages[0]", "maxSeconds must not be below minSeconds; raise maxSeconds", {
    stages: [{ weight: 100, minSeconds: 1801 }],
  }),
  ofCanary("spec.stages[0].mirror", "a percentage above 10 needs allowAbove10: true", {
    stages: [mirror({ percentage: 11 }), { weight: 100 }],
  }),
  ofCanary(
    "spec.stages[0].mirror",
    "target Canary needs sideEffects: None, that is, requests that may be answered twice",
    { stages: [{ mirror: {} }, { weight: 100 }] },
  ),
  ofCanary(
    "spec.analysis.onNoTraffic",
    "give seconds with action PromoteAfterSeconds, and only with it",
    { analysis: { onNoTraffic: { action: "PromoteAfterSeconds" } } },
  ),
  ofCanary(
    "spec.analysis.onInconclusive",
    "give excessBelow with action PromoteIfExcluded, and only with it",
    { analysis: { onInconclusive: { action: "PromoteIfExcluded" } } },
  ),
  ofCanary(
    "spec.analysis.metrics[0].compare",
    "harmful must be more than tolerated: raise harmful.add above tolerated.add, and harmful.ratio to at least tolerated.ratio",
    {
      analysis: {
        metrics: [
          {
            name: "errors",
            templateRef: { kind: "ClusterAnalysisTemplate", name: "istio-error-rate" },
            limit: { max: 5 },
            compare: { tolerated: { ratio: 1.2, add: 0.5 }, harmful: { ratio: 1.5, add: 0.5 } },
          },
        ],
      },
    },
  ),
];

const ofTemplates: readonly Refusal[] = ["AnalysisTemplate", "ClusterAnalysisTemplate"].flatMap(
  (kind) => [
    {
      where: `${kind} spec`,
      message: "give exactly one of ratio, latency and value",
      field: "spec",
      object: { ...template("a", { ratio, latency: { histogram: "h" } }), kind },
    },
    {
      where: `${kind} spec.provider`,
      message: "name exactly one provider: prometheus",
      field: "spec.provider",
      object: { ...template("a", { ratio, provider: {} }), kind },
    },
  ],
);

const ofProvider = (field: string, message: string, spec: Members): Refusal => ({
  where: `AlertProvider ${field}`,
  message,
  field,
  object: provider("a", spec),
});
const https = "must begin with https://; plain http is for a loopback address only";
const plain = "http://a.example.com";

const ofProviders: readonly Refusal[] = [
  ofProvider("spec", "name exactly one provider: slack or webhook", {}),
  ofProvider("spec.webhook", "give exactly one of address and secretRef", { webhook: {} }),
  ofProvider("spec.slack", "give exactly one of address, secretRef and botToken", { slack: {} }),
  ofProvider("spec.slack", "botToken needs channel: name the channel that the bot posts to", {
    slack: { botToken: secret },
  }),
  ofProvider(
    "spec.slack",
    "channel needs botToken: an incoming webhook posts to the channel it was made for",
    { slack: { secretRef: secret, channel: "#a" } },
  ),
  ofProvider("spec.slack", `address ${https}`, { slack: { address: plain } }),
  ofProvider("spec.slack", `apiAddress ${https}`, {
    slack: { secretRef: secret, apiAddress: plain },
  }),
];

export const refusals: readonly Refusal[] = [...ofCanaries, ...ofTemplates, ...ofProviders];

/** The rules that have no row above, which a test must find none of. */
export function rulesWithoutRefusal(): readonly string[] {
  const rules = kinds.flatMap((kind) => rulesOf(kind.kind, "", objectSchema(kind)));
  const rows = new Set(refusals.map(({ where, message }) => `${where}: ${message}`));
  return rules.filter((rule) => !rows.has(rule));
}

function rulesOf(kind: string, path: string, schema: StructuralSchema): readonly string[] {
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  const { additionalProperties, items, properties = {} } = schema;
  return [
    ...(schema["x-kubernetes-validations"] ?? []).map(
      ({ message }) => `${kind} ${path}: ${message}`,
    ),
    ...Object.entries(properties).flatMap(([key, child]) => rulesOf(kind, at(key), child)),
    ...(items === undefined ? [] : rulesOf(kind, `${path}[]`, items)),
    ...(additionalProperties === undefined ? [] : rulesOf(kind, `${path}{}`, additionalProperties)),
  ];
}
