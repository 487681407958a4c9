import { describe, expect, it } from "vitest";
import { haveCopiesArrived } from "../../../src/core/analysis/copies.ts";

const proof = (canary: number, stable: number, more: object = {}) =>
  haveCopiesArrived({
    percentage: 10,
    hasUnmanagedRules: false,
    traffic: { canary, stable, latestEndAt: 0 },
    ...more,
  });

describe("copies", () => {
  it.each([
    ["half of the percentage of stable's requests", 10, 200, true],
    ["less than half of it", 10, 201, false],
    ["ten of few", 10, 50, true],
    ["nine of few", 9, 50, false],
    ["of a service whose stable pods report nothing yet", 12, 0, true],
  ])("arrive: %s", (_, canary, stable, holds) => {
    expect(proof(canary, stable).holds).toBe(holds);
  });

  it("may be as few as a tenth of it where other rules send requests that are not copied", () => {
    expect(proof(10, 1000, { hasUnmanagedRules: true }).holds).toBe(true);
    expect(proof(10, 1001, { hasUnmanagedRules: true }).holds).toBe(false);
  });

  it("are no live requests", () => {
    expect(proof(40, 400)).toEqual({
      holds: true,
      message: "40 copies beside 400 live requests",
      observedShare: 0,
    });
  });

  it.each([
    [0, 0, "no requests were seen since the routes changed"],
    [4, 400, "4 copies beside 400 live requests; 10 are needed"],
    [11, 400, "11 copies beside 400 live requests; at least 5 % is needed"],
  ])("are waited for in words: %i of %i", (canary, stable, because) => {
    expect(proof(canary, stable)).toMatchObject({ holds: false, because });
  });

  it("that nobody counts point at the template", () => {
    expect(proof(0, 400)).toMatchObject({
      because: expect.stringContaining('reporter=~"{{ reporter }}"'),
    });
    expect(
      haveCopiesArrived({ percentage: 10, hasUnmanagedRules: false, traffic: undefined }),
    ).toEqual({ holds: false, because: "no requests were seen since the routes changed" });
  });
});
