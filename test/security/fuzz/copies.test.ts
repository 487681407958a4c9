/** What is made from objects as they came: copies that lose nothing and change one thing, whatever the objects hold. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonPointer, removedAt, replacedAt } from "../../../src/adapters/kubernetes/json-patch.ts";
import {
  isRawObject,
  isRecord,
  type RawObject,
} from "../../../src/adapters/kubernetes/raw-object.ts";
import { deriveMetadata } from "../../../src/adapters/kubernetes/workloads/derived-metadata.ts";
import { exchangeVersions } from "../../../src/adapters/kubernetes/workloads/own-selectors.ts";
import {
  hashPrimaryTemplate,
  primaryManifest,
  toPrimaryTemplate,
} from "../../../src/adapters/kubernetes/workloads/primary-copy.ts";
import {
  canonicalJson,
  hashTemplate,
  type Template,
} from "../../../src/adapters/kubernetes/workloads/template-hash.ts";
import { decodeVirtualService } from "../../../src/adapters/traffic/istio/decode.ts";
import { hashOf } from "../../../src/adapters/traffic/istio/generated.ts";
import { findHttpRules } from "../../../src/adapters/traffic/istio/http-rule.ts";
import { findMirror } from "../../../src/adapters/traffic/istio/mirror.ts";
import { anyJson, damaged, thrownBy } from "../../support/hostile.ts";
import { findManifest, readManifests } from "../../support/manifests.ts";

const shop = readManifests("deploy/examples/order-service");
const { spec } = findManifest(shop, "Deployment");
const selector = { label: "app", value: spec.selector.matchLabels.app };
const versions = { label: "app", from: selector.value, to: `${selector.value}-primary` };
const metadata = {
  namespace: "shop",
  name: "orders",
  labels: { app: "orders" },
  annotations: { a: "b" },
};
const options = {
  name: "orders-primary",
  canary: "orders",
  selector,
  replicas: 2,
  templateHash: "h",
};
const asTemplate = (value: unknown): Template => (isRecord(value) ? value : {});

describe("a copy of a Deployment", () => {
  it("is made of whatever came, and its hash is its original's", () => {
    fc.assert(
      fc.property(damaged(spec.template), (value) => {
        const template = asTemplate(value);
        const copy = toPrimaryTemplate(template, selector);
        expect(hashPrimaryTemplate(copy, selector)).toBe(hashTemplate(template));
        expect(thrownBy(() => exchangeVersions(template["spec"], versions))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it("keeps every name that came with it, those that objects inherit too", () => {
    const odd: RawObject = {
      metadata: { ...metadata, annotations: JSON.parse('{"__proto__":"x","constructor":"y"}') },
      spec: JSON.parse('{"__proto__":{"polluted":1},"constructor":2}'),
    };
    const text = JSON.stringify(primaryManifest(odd, spec.template, options));
    for (const part of ['"__proto__":"x"', '"constructor":"y"', '"__proto__":{"polluted":1}'])
      expect(text).toContain(part);
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("never fails to be made", () => {
    fc.assert(
      fc.property(damaged({ metadata, spec }), (raw) => {
        const error = isRawObject(raw)
          ? thrownBy(() => [
              primaryManifest(raw, asTemplate(raw["spec"]), options),
              deriveMetadata(raw, "a", "b"),
            ])
          : undefined;
        expect(error).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

describe("JSON in one order", () => {
  it("is the same for the same value, and another for another", () => {
    fc.assert(
      fc.property(anyJson, anyJson, (one, other) => {
        const text = canonicalJson(one);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        const isSame = text === canonicalJson(other);
        expect(isSame).toBe(
          JSON.stringify(JSON.parse(text)) === JSON.stringify(JSON.parse(canonicalJson(other))),
        );
        expect(hashOf({ one }) === hashOf({ one: other })).toBe(isSame);
      }),
    );
  });
});

describe("a change of one place", () => {
  const place = fc.array(
    fc.oneof(fc.constantFrom("__proto__", "constructor", "http", "a/b~c"), fc.nat(3)),
    { maxLength: 3 },
  );

  it("changes nothing else, and nothing that all objects inherit", () => {
    fc.assert(
      fc.property(anyJson, place, anyJson, (value, path, leaf) => {
        const before = JSON.stringify(value);
        expect(
          thrownBy(() => [replacedAt(value, path, leaf), removedAt(value, path)]),
        ).toBeUndefined();
        expect(JSON.stringify(value)).toBe(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
        expect(jsonPointer(path).split("/")).toHaveLength(path.length + 1);
      }),
    );
  });
});

describe("a route", () => {
  it("is found or refused in words, and its mirror known, whatever its object holds", () => {
    const routes = findManifest(shop, "VirtualService");
    fc.assert(
      fc.property(
        damaged({ ...routes, metadata }),
        fc.constantFrom("primary", "constructor", undefined),
        (raw, name) => {
          const read = () => {
            const object = isRawObject(raw) ? decodeVirtualService(raw) : undefined;
            if (object === undefined) return;
            findHttpRules(object, name === undefined ? undefined : [name]);
            for (const rule of object.spec.http) findMirror(rule, { host: "orders" });
          };
          const error = thrownBy(read);
          expect(error === undefined || (error instanceof Error && error.name === "ZodError")).toBe(
            true,
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});
