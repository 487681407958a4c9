import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replacedAt } from "../../../../src/adapters/kubernetes/json-patch.ts";
import { decodeVirtualService } from "../../../../src/adapters/traffic/istio/decode.ts";
import {
  findManagedRoutes,
  type ManagedRoute,
} from "../../../../src/adapters/traffic/istio/managed-route.ts";
import {
  canaryWeightOf,
  isExplicit,
  planPatch,
  planWeights,
  settingWeights,
} from "../../../../src/adapters/traffic/istio/weights.ts";
import { applyJsonPatch } from "../../../../src/sandbox/api-server/patch/json-patch.ts";
import { hostRoute, scopeWith, subsetRoute, virtualService } from "./mesh-bed.ts";

const weight = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined });
const managed = fc
  .record({
    stable: weight,
    canary: weight,
    isHostForm: fc.boolean(),
    isSwapped: fc.boolean(),
    extras: fc.dictionary(fc.constantFrom("timeout", "retries", "fault", "match"), fc.jsonValue()),
  })
  .map(({ stable, canary, isHostForm, isSwapped, extras }) => {
    const route = (isHostForm ? hostRoute : subsetRoute)(stable, canary);
    return { ...extras, name: "managed", route: isSwapped ? route.toReversed() : route };
  });
const other = fc.record({
  name: fc.constantFrom("a", "b", "c"),
  timeout: fc.constantFrom("1s", "2s"),
  route: fc.constant([{ destination: { host: "elsewhere" }, weight: 7 }]),
});
const objects = fc
  .tuple(fc.array(other, { maxLength: 3 }), managed, fc.array(other, { maxLength: 3 }))
  .map(([before, rule, after]) => {
    const object = virtualService([...before, rule, ...after]);
    return { ...object, metadata: { ...object.metadata, namespace: "shop", uid: "u" } };
  });

const scope = scopeWith({ virtualServices: [{ name: "orders", routes: ["managed"] }] });

function routesOf(object: Parameters<typeof decodeVirtualService>[0]): readonly ManagedRoute[] {
  const found = findManagedRoutes(decodeVirtualService(object), scope, ["managed"]);
  if (found.kind === "Missing") throw new Error(found.because);
  return found.value;
}

/** The object with every weight of the managed rule taken out. */
function withoutWeights(object: unknown): string {
  return JSON.stringify(object, (_, value: unknown) =>
    typeof value === "object" && value !== null && "name" in value && value.name === "managed"
      ? JSON.parse(
          JSON.stringify(value, (key, inner: unknown) => (key === "weight" ? undefined : inner)),
        )
      : value,
  );
}

describe("a planned patch", () => {
  it("makes the weights of the managed rule sum to 100 and changes nothing else", () => {
    fc.assert(
      fc.property(objects, fc.integer({ min: 0, max: 100 }), (object, canaryWeight) => {
        const view = decodeVirtualService(object);
        const routes = routesOf(object);
        const changes = planWeights(routes, () => canaryWeight);
        const patched = applyJsonPatch(
          JSON.parse(JSON.stringify(object)),
          JSON.parse(JSON.stringify(planPatch(view, routes, settingWeights(changes)))),
        );
        const after = decodeVirtualService(JSON.parse(JSON.stringify(patched)));
        const [route] = routesOf(JSON.parse(JSON.stringify(patched)));
        expect(after.spec.http).toHaveLength(object.spec.http.length);
        expect(route === undefined ? undefined : canaryWeightOf(route)).toBe(canaryWeight);
        expect(route === undefined ? undefined : isExplicit(route)).toBe(true);
        expect(withoutWeights(patched)).toBe(withoutWeights(object));
      }),
    );
  });

  it("says the same as writing the whole object", () => {
    fc.assert(
      fc.property(objects, fc.integer({ min: 0, max: 100 }), (object, canaryWeight) => {
        const routes = routesOf(object);
        const changes = planWeights(routes, () => canaryWeight);
        const patch = planPatch(decodeVirtualService(object), routes, settingWeights(changes));
        const written = changes.reduce<unknown>(
          (whole, change) => replacedAt(whole, change.path, change.weight),
          object,
        );
        expect(
          applyJsonPatch(JSON.parse(JSON.stringify(object)), JSON.parse(JSON.stringify(patch))),
        ).toEqual(JSON.parse(JSON.stringify(written)));
      }),
    );
  });

  it.each([-1, 101, 12.5, Number.NaN])("is never made for %d", (canaryWeight) => {
    const object = virtualService([{ name: "managed", route: hostRoute(100, 0) }]);
    const routes = routesOf({
      ...object,
      metadata: { ...object.metadata, namespace: "shop", uid: "u" },
    });
    expect(() => planWeights(routes, () => canaryWeight)).toThrow("is no weight");
  });
});

describe("the canary's weight as the mesh sees it", () => {
  it.each([
    [90, 10, 10, true],
    [0, 100, 100, true],
    [3, 1, 25, false],
    // An absent weight is 0, however small the other.
    [undefined, 1, 100, false],
    [1, undefined, 0, false],
    [100, undefined, 0, false],
    [0, 0, 0, false],
    [undefined, undefined, 0, false],
  ])("of %s and %s is %d percent", (stable, canary, expected, explicit) => {
    const object = virtualService([{ name: "managed", route: hostRoute(stable, canary) }]);
    const [route] = routesOf({
      ...object,
      metadata: { ...object.metadata, namespace: "shop", uid: "u" },
    });
    expect(route === undefined ? undefined : canaryWeightOf(route)).toBe(expected);
    expect(route === undefined ? undefined : isExplicit(route)).toBe(explicit);
  });
});
