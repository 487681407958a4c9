import { Environment } from "@marcbachmann/cel-js";
import { describe, expect, it } from "vitest";
import { objectSchema } from "../../src/codegen/custom-resource-definition.ts";
import { kinds } from "../../src/codegen/kinds.ts";
import type { StructuralSchema } from "../../src/codegen/structural-schema.ts";

/** One rule's message with values on both sides; `old` is the value before an update. */
interface Case {
  readonly where: string;
  readonly message: string;
  readonly accepted: readonly unknown[];
  readonly refused: readonly unknown[];
  readonly old?: unknown;
}

const secret = { name: "slack", key: "address" };
const margins = (tolerated: object, harmful: object) => ({ tolerated, harmful });
const weights = (...list: number[]) => list.map((weight) => ({ weight }));

const cases: readonly Case[] = [
  {
    where: "Canary ",
    message: "metadata.name may have at most 63 characters: it becomes the value of a label",
    accepted: [{ metadata: { name: "a".repeat(63) } }],
    refused: [{ metadata: { name: "a".repeat(64) } }],
  },
  {
    where: "Canary spec.targetRef",
    message: "targetRef cannot be changed; delete the Canary and create one for the other workload",
    old: { apiVersion: "apps/v1", kind: "Deployment", name: "order-service" },
    accepted: [{ apiVersion: "apps/v1", kind: "Deployment", name: "order-service" }],
    refused: [{ apiVersion: "apps/v1", kind: "Deployment", name: "order-service-2" }],
  },
  {
    where: "Canary spec.routing",
    message: "name exactly one routing provider: istio",
    accepted: [{ istio: {} }],
    refused: [{}],
  },
  {
    where: "Canary spec",
    message: "routing.istio.generate needs service.port and service.targetPort",
    accepted: [
      { routing: { istio: {} } },
      { routing: {}, service: {} },
      { routing: { istio: { generate: {} } }, service: { port: 80, targetPort: 8080 } },
    ],
    refused: [
      { routing: { istio: { generate: {} } } },
      { routing: { istio: { generate: {} } }, service: { port: 80 } },
      { routing: { istio: { generate: {} } }, service: { targetPort: 8080 } },
    ],
  },
  {
    where: "Canary spec.routing.istio",
    message: "give exactly one of virtualServices and generate",
    accepted: [{ virtualServices: [] }, { generate: {} }],
    refused: [{}, { virtualServices: [], generate: {} }],
  },
  {
    where: "Canary spec.routing.istio",
    message: "leave destinationRule out: it is generated with the rest",
    accepted: [{ generate: {} }, { virtualServices: [], destinationRule: {} }],
    refused: [{ generate: {}, destinationRule: {} }],
  },
  ...["uri", "method", "authority"].map(
    (field): Case => ({
      where: `Canary spec.routing.istio.generate.match[].${field}`,
      message: "give exactly one of exact, prefix and regex",
      accepted: [{ exact: "a" }, { prefix: "" }, { regex: "a+" }],
      refused: [{}, { exact: "a", prefix: "a" }],
    }),
  ),
  {
    where: "Canary spec.stages[]",
    message: "maxSeconds must not be below minSeconds; raise maxSeconds",
    accepted: [{ minSeconds: 60, maxSeconds: 60 }],
    refused: [{ minSeconds: 60, maxSeconds: 59 }],
  },
  {
    where: "Canary spec.analysis.onNoTraffic",
    message: "give seconds with action PromoteAfterSeconds, and only with it",
    accepted: [{ action: "Hold" }, { action: "PromoteAfterSeconds", seconds: 60 }],
    refused: [{ action: "PromoteAfterSeconds" }, { action: "Hold", seconds: 60 }],
  },
  {
    where: "Canary spec.analysis.onInconclusive",
    message: "give excessBelow with action PromoteIfExcluded, and only with it",
    accepted: [{ action: "Pause" }, { action: "PromoteIfExcluded", excessBelow: 3 }],
    refused: [{ action: "PromoteIfExcluded" }, { action: "Rollback", excessBelow: 3 }],
  },
  {
    where: "Canary spec.analysis.metrics[].compare",
    message:
      "harmful must be more than tolerated: raise harmful.add above tolerated.add, and harmful.ratio to at least tolerated.ratio",
    accepted: [
      margins({ ratio: 1.2, add: 0.1 }, { ratio: 1.5, add: 0.5 }),
      margins({ ratio: 1.2, add: 0.1 }, { ratio: 1.2, add: 0.2 }),
    ],
    refused: [
      margins({ ratio: 1.2, add: 0.1 }, { ratio: 1.1, add: 0.5 }),
      margins({ ratio: 1.2, add: 0.1 }, { ratio: 1.5, add: 0.1 }),
    ],
  },
  {
    where: "Canary spec.stages",
    message: "weights must rise from stage to stage, for example 10, 25, 50, 100",
    accepted: [
      weights(10, 25, 50, 100),
      weights(100),
      weights(99, 100),
      [{ mirror: {} }, ...weights(10, 100)],
    ],
    refused: [weights(25, 10, 100), weights(10, 10, 100), weights(100, 100), weights(10, 100, 50)],
  },
  {
    where: "Canary spec.stages",
    message: "the last stage must have weight 100; add { weight: 100 }",
    accepted: [weights(100), weights(1, 100)],
    refused: [weights(99), weights(10, 50)],
  },
  {
    where: "Canary spec.stages",
    message: "mirror stages must stand before the first weight",
    accepted: [[{ mirror: {} }, { mirror: {} }, ...weights(10, 100)]],
    refused: [
      [...weights(10), { mirror: {} }, ...weights(100)],
      [...weights(10, 100), { mirror: {} }],
    ],
  },
  {
    where: "Canary spec.stages[]",
    message: "give a stage exactly one of weight and mirror",
    accepted: [{ weight: 10 }, { mirror: {} }],
    refused: [{ minSeconds: 60 }, { weight: 10, mirror: {} }],
  },
  {
    where: "Canary spec.stages[].mirror",
    message: "a percentage above 10 needs allowAbove10: true",
    accepted: [
      { percentage: 10, allowAbove10: false },
      { percentage: 11, allowAbove10: true },
    ],
    refused: [{ percentage: 11, allowAbove10: false }],
  },
  {
    where: "Canary spec.stages[].mirror",
    message: "target Canary needs sideEffects: None, that is, requests that may be answered twice",
    accepted: [{ target: "Canary", sideEffects: "None" }],
    refused: [{ target: "Canary" }],
  },
  ...["AnalysisTemplate", "ClusterAnalysisTemplate"].flatMap((kind): Case[] => [
    {
      where: `${kind} spec`,
      message: "give exactly one of ratio, latency and value",
      accepted: [{ ratio: {} }, { latency: {} }, { value: {} }],
      refused: [{}, { ratio: {}, latency: {} }, { ratio: {}, value: {} }],
    },
    {
      where: `${kind} spec.provider`,
      message: "name exactly one provider: prometheus",
      accepted: [{ prometheus: {} }],
      refused: [{}],
    },
  ]),
  {
    where: "AlertProvider spec",
    message: "name exactly one provider: slack or webhook",
    accepted: [{ slack: {} }, { webhook: {} }],
    refused: [{}, { slack: {}, webhook: {} }],
  },
  {
    where: "AlertProvider spec.webhook",
    message: "give exactly one of address and secretRef",
    accepted: [{ address: "http://a" }, { secretRef: secret }],
    refused: [{}, { address: "http://a", secretRef: secret }],
  },
  {
    where: "AlertProvider spec.slack",
    message: "give exactly one of address, secretRef and botToken",
    accepted: [{ address: "https://a" }, { secretRef: secret }, { botToken: secret }],
    refused: [
      {},
      { address: "https://a", secretRef: secret },
      { secretRef: secret, botToken: secret },
    ],
  },
  {
    where: "AlertProvider spec.slack",
    message: "botToken needs channel: name the channel that the bot posts to",
    accepted: [{ botToken: secret, channel: "#releases" }, { secretRef: secret }],
    refused: [{ botToken: secret }],
  },
  {
    where: "AlertProvider spec.slack",
    message: "channel needs botToken: an incoming webhook posts to the channel it was made for",
    accepted: [{ botToken: secret, channel: "#releases" }, { secretRef: secret }],
    refused: [{ secretRef: secret, channel: "#releases" }],
  },
  ...["address", "apiAddress"].map(
    (field): Case => ({
      where: "AlertProvider spec.slack",
      message: `${field} must begin with https://; plain http is for a loopback address only`,
      accepted: [
        {},
        { [field]: "https://hooks.slack.com/services/T0/B0/x" },
        { [field]: "http://127.0.0.1:8080/hook" },
        { [field]: "http://localhost" },
        { [field]: "http://[::1]:8080/" },
      ],
      refused: [
        { [field]: "http://hooks.slack.com/services/T0/B0/x" },
        { [field]: "http://localhost.example.com/" },
        { [field]: "http://127.0.0.1.example.com/" },
        { [field]: "http://127x0y0z1/" },
      ],
    }),
  ),
];

interface Rule {
  readonly where: string;
  readonly message: string;
  readonly rule: string;
}

function rulesOf(kind: string, path: string, schema: StructuralSchema): readonly Rule[] {
  const own = (schema["x-kubernetes-validations"] ?? []).map(({ rule, message }) => ({
    where: `${kind} ${path}`,
    message,
    rule,
  }));
  const below = Object.entries(schema.properties ?? {}).flatMap(([key, child]) =>
    rulesOf(kind, path === "" ? key : `${path}.${key}`, child),
  );
  const items = schema.items === undefined ? [] : rulesOf(kind, `${path}[]`, schema.items);
  return [...own, ...below, ...items];
}

const rules = kinds.flatMap((kind) => rulesOf(kind.kind, "", objectSchema(kind)));

/** CEL's integers are 64 bits wide; JSON's whole numbers become them, and stay apart from others. */
function toCel(value: unknown): unknown {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toCel(child)]));
}

/** Plain CEL with what Kubernetes adds to it, as far as our rules use it. */
const cel = new Environment({ unlistedVariablesAreDyn: true }).registerFunction(
  "list.isSorted(): bool",
  (list: readonly bigint[]) =>
    list.every((item, index) => index === 0 || (list[index - 1] ?? 0n) <= item),
);

describe("the rules in CEL", () => {
  it("have values on both sides here, each of them", () => {
    const tested = cases.map(({ where, message }) => `${where}: ${message}`);
    expect(tested.toSorted()).toEqual(
      rules.map(({ where, message }) => `${where}: ${message}`).toSorted(),
    );
    expect(cases.filter((c) => c.accepted.length === 0 || c.refused.length === 0)).toEqual([]);
  });

  it.each(cases)("refuse what they must and nothing else ($where: $message)", (item) => {
    const found = rules.find(
      ({ where, message }) => where === item.where && message === item.message,
    );
    const holds = (self: unknown): unknown =>
      cel.evaluate(found?.rule ?? "no such rule", { self: toCel(self), oldSelf: toCel(item.old) });
    for (const value of item.accepted) expect([value, holds(value)]).toEqual([value, true]);
    for (const value of item.refused) expect([value, holds(value)]).toEqual([value, false]);
  });
});
