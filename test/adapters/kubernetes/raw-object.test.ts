import { describe, expect, it } from "vitest";
import {
  isOlderVersion,
  isRawObject,
  keyOf,
  metadataAlone,
  withoutManagedFields,
} from "../../../src/adapters/kubernetes/raw-object.ts";

describe("a version", () => {
  it.each([
    ["9", "10", true],
    ["10", "9", false],
    ["10", "10", false],
    ["99999999999999999998", "99999999999999999999", true],
    ["abc", "abd", false],
    ["1", "abc", false],
    ["01", "2", false],
    [undefined, "2", false],
    ["1", undefined, false],
  ])("%s compared with %s is older: %s", (a, b, expected) => {
    expect(isOlderVersion(a, b)).toBe(expected);
  });
});

describe("an object", () => {
  it.each([
    [{ metadata: { name: "a" } }, true],
    [{ apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "b", uid: "c" } }, true],
    [{ metadata: { name: "" } }, false],
    [{ metadata: { name: 1 } }, false],
    [{ metadata: { name: "a", resourceVersion: 7 } }, false],
    [{ kind: 3, metadata: { name: "a" } }, false],
    [{ metadata: {} }, false],
    [{}, false],
    [[], false],
    [null, false],
    ["text", false],
  ])("%j is one: %s", (value, expected) => {
    expect(isRawObject(value)).toBe(expected);
  });

  it("has a key with its namespace, if it is in one", () => {
    expect([keyOf("shop", "a"), keyOf(undefined, "a"), keyOf("", "a")]).toEqual([
      "shop/a",
      "a",
      "a",
    ]);
  });
});

describe("What is kept of an object", () => {
  const metadata = { name: "a", namespace: "shop", annotations: { owner: "me" } };
  const written = { ...metadata, managedFields: [{ manager: "kubectl" }] };
  const object = { apiVersion: "v1", kind: "Service", metadata: written, spec: { ports: [] } };

  it("is everything but who wrote which field", () => {
    expect(withoutManagedFields(object)).toEqual({ ...object, metadata });
    expect(object.metadata).toBe(written);
  });

  it("is its metadata alone, where the rest is in the view", () => {
    expect(metadataAlone(object)).toEqual({ metadata });
  });
});
