import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backOffMs } from "../../src/controller/back-off.ts";
import {
  retryFirstMs,
  retryMaxMs,
  tellFirstMs,
  tellMaxMs,
  urgentFirstMs,
  urgentMaxMs,
} from "../../src/controller/limits.ts";

const retry = { firstMs: retryFirstMs, maxMs: retryMaxMs };
const urgent = { firstMs: urgentFirstMs, maxMs: urgentMaxMs };
const tell = { firstMs: tellFirstMs, maxMs: tellMaxMs };

describe("backOffMs", () => {
  it.each([
    ["a pass", retry, 0, 200],
    ["a pass", retry, 1, 400],
    ["a pass", retry, 7, 25_600],
    ["a pass", retry, 8, 30_000],
    ["a rollback", urgent, 0, 50],
    ["a rollback", urgent, 4, 800],
    ["a rollback", urgent, 5, 1_000],
    ["a message", tell, 0, 1_000],
    ["a message", tell, 8, 256_000],
    ["a message", tell, 9, 300_000],
  ])("doubles from the first wait to the longest: %s, failure %#", (_, bounds, attempt, waitMs) => {
    expect(backOffMs(attempt, bounds, () => 0)).toBe(waitMs);
  });

  it("stays at the longest wait however often it fails", () => {
    for (const attempt of [20, 21, 1_000, Number.MAX_SAFE_INTEGER])
      expect(backOffMs(attempt, retry, () => 0)).toBe(30_000);
  });

  it("takes at most a fifth off, so that many keys do not come back as one", () => {
    expect(backOffMs(8, retry, () => 1)).toBe(24_000);
    fc.assert(
      fc.property(fc.nat(40), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const full = backOffMs(attempt, retry, () => 0);
        const wait = backOffMs(attempt, retry, () => random);
        return wait <= full && wait >= 0.8 * full - 1;
      }),
    );
  });
});
