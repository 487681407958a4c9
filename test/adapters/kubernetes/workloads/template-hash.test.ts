import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hashPrimaryTemplate,
  toPrimaryTemplate,
} from "../../../../src/adapters/kubernetes/workloads/primary-copy.ts";
import {
  canonicalJson,
  hashTemplate,
} from "../../../../src/adapters/kubernetes/workloads/template-hash.ts";

const template = {
  metadata: { labels: { app: "orders", tier: "web" }, annotations: { note: "a" } },
  spec: { containers: [{ name: "app", image: "orders:1" }] },
};

/** The same value with the members of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe("the hash of a template", () => {
  it("does not depend on the order of members", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it("says everything that the value says", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("is that of the ReplicaSet made from it, and blind to an empty creationTimestamp", () => {
    const ofReplicaSet = {
      ...template,
      metadata: {
        ...template.metadata,
        creationTimestamp: null,
        labels: { ...template.metadata.labels, "pod-template-hash": "abc" },
      },
    };
    expect(hashTemplate(ofReplicaSet)).toBe(hashTemplate(template));
  });

  it.each([
    ["an image", { spec: { containers: [{ name: "app", image: "orders:2" }] } }],
    ["an annotation", { metadata: { ...template.metadata, annotations: { note: "b" } } }],
    ["a field that nobody knows yet", { spec: { ...template.spec, futureField: { deep: [1] } } }],
  ])("changes with %s", (_, change) => {
    expect(hashTemplate({ ...template, ...change })).not.toBe(hashTemplate(template));
  });

  it("never changes between releases of Serin", () => {
    expect(hashTemplate(template)).toMatchInlineSnapshot(`"391681f69b79e353"`);
  });
});

describe("the primary's template", () => {
  const selector = { label: "app", value: "orders" };

  it("differs from the target's in the value of one label alone", () => {
    expect(toPrimaryTemplate(template, selector)).toEqual({
      ...template,
      metadata: { ...template.metadata, labels: { app: "orders-primary", tier: "web" } },
    });
  });

  it("has the hash of the template it was copied from", () => {
    const copy = toPrimaryTemplate(template, selector);
    expect(hashPrimaryTemplate(copy, selector)).toBe(hashTemplate(template));
  });

  it("has that hash too where it speaks of its own pods, or of the other version's", () => {
    const spread = (app: string) => ({
      ...template,
      spec: {
        ...template.spec,
        topologySpreadConstraints: [{ maxSkew: 1, labelSelector: { matchLabels: { app } } }],
      },
    });
    const copy = toPrimaryTemplate(spread("orders"), selector);
    expect(copy).toMatchObject({ spec: spread("orders-primary").spec });
    for (const app of ["orders", "orders-primary"]) {
      const original = spread(app);
      expect(hashPrimaryTemplate(toPrimaryTemplate(original, selector), selector)).toBe(
        hashTemplate(original),
      );
    }
  });

  it("has another hash once somebody has changed it", () => {
    const copy = toPrimaryTemplate(template, selector);
    const changed = { ...copy, spec: { containers: [{ name: "app", image: "hotfix" }] } };
    expect(hashPrimaryTemplate(changed, selector)).not.toBe(hashTemplate(template));
  });

  it("has another hash when it is no copy at all", () => {
    const other = { ...template, metadata: { labels: { app: "else" } } };
    expect(hashPrimaryTemplate(other, selector)).not.toBe(hashTemplate(template));
  });
});
