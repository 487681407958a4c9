/** What Serin keeps in a Canary stays far below what the API server takes, whatever people and servers say to it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CanarySpec } from "../../src/api/canary-spec.ts";
import { claimsOf } from "../../src/core/canary/claims.ts";
import { decide } from "../../src/core/canary/decide.ts";
import { anySnapshot } from "../support/any-snapshot.ts";
import { now } from "../support/snapshots.ts";

interface Schema {
  readonly type: string;
  readonly enum?: readonly string[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
}

const crds = fileURLToPath(new URL("../../crds", import.meta.url));
const schemaOf = (plural: string): Readonly<Record<string, Schema>> =>
  parse(readFileSync(join(crds, `${plural}.yaml`), "utf8")).spec.versions[0].schema.openAPIV3Schema
    .properties;

/** Longest JSON that the schema allows, in characters; Infinity without a bound. */
function longest(schema: Schema): number {
  const unbounded = Number.POSITIVE_INFINITY;
  switch (schema.type) {
    case "object": {
      const members = Object.entries(schema.properties ?? {}).map(
        ([name, of]) => name.length + 4 + longest(of),
      );
      const others = schema.additionalProperties;
      const each =
        others === undefined ? 0 : (schema.maxProperties ?? unbounded) * (260 + longest(others));
      return 2 + members.reduce((sum, one) => sum + one, 0) + each;
    }
    case "array":
      return (
        2 +
        (schema.maxItems ?? unbounded) *
          (1 + (schema.items === undefined ? unbounded : longest(schema.items)))
      );
    case "string":
      return (
        2 +
        (schema.maxLength ??
          Math.max(0, ...(schema.enum ?? ["x".repeat(2 ** 31 - 1)]).map((one) => one.length)))
      );
    case "number":
    case "integer":
      return 24;
    case "boolean":
      return 5;
    default:
      return unbounded;
  }
}

describe("what a schema allows", () => {
  it.each(["canaries", "analysistemplates", "clusteranalysistemplates", "alertproviders"])(
    "has a bound everywhere, in %s",
    (plural) => {
      const { apiVersion: _, kind: __, metadata: ___, ...parts } = schemaOf(plural);
      for (const part of Object.values(parts)) expect(longest(part)).toBeLessThan(2 ** 30);
    },
  );

  it("fits with everything at its longest below 1.5 MB, claims counted as a spec can make them", () => {
    const { status } = schemaOf("canaries");
    const { release, ...others } = status?.properties ?? {};
    const { claims: _, ...rest } = release?.properties ?? {};
    const name = "n".repeat(253);
    const gateways = Array.from({ length: 16 }, (_, at) => `${at}${"g".repeat(300)}`);
    const hosts = Array.from({ length: 32 }, (_, at) => `${at}${name}`.slice(0, 253));
    const spec = CanarySpec.parse({
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "orders" },
      routing: { istio: { virtualServices: [{ name: "orders" }] } },
    });
    const virtualServices = Array.from({ length: 8 }, () => ({
      name,
      routes: Array.from({ length: 16 }, () => name),
    }));
    const generate = { ...spec.routing.istio?.generate, hosts, gateways };
    const routing = { istio: { ...spec.routing.istio, virtualServices, generate } };
    const claims = JSON.stringify(claimsOf(Object.assign(spec, { routing }), "shop")).length;
    const all = [...Object.values(others), ...Object.values(rest)].reduce(
      (sum, of) => sum + longest(of),
      claims,
    );
    expect(all).toBeLessThan(1_500_000);
  });
});

describe("a status that is written", () => {
  it("is small, however long the texts are that it is made from", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const decision = decide(snapshot, now);
        const status =
          decision.kind === "Transition" || decision.kind === "Rollback" ? decision.status : {};
        expect(JSON.stringify(status).length).toBeLessThan(200_000);
        expect(status.outbox?.length ?? 0).toBeLessThanOrEqual(20);
      }),
      { numRuns: 300 },
    );
  });
});
