import { describe, expect, it } from "vitest";
import { known, missing, unknown } from "../../src/core/fact.ts";

describe("a fact", () => {
  it("is a value that was read", () => {
    expect(known(3)).toEqual({ kind: "Known", value: 3 });
  });

  it("is the absence of a thing, with a reason and the fix", () => {
    expect(missing("RouteNotFound", "add a route named primary")).toEqual({
      kind: "Missing",
      reason: "RouteNotFound",
      because: "add a route named primary",
    });
  });

  it("is the absence of knowledge, with why", () => {
    expect(unknown("the cache has not synced")).toEqual({
      kind: "Unknown",
      because: "the cache has not synced",
    });
  });
});
