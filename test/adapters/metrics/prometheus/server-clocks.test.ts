import { describe, expect, it } from "vitest";
import { MAX_CLOCK_DIFFERENCE_BELIEVED_MS } from "../../../../src/adapters/metrics/prometheus/limits.ts";
import { createServerClocks } from "../../../../src/adapters/metrics/prometheus/server-clocks.ts";

const now = Date.UTC(2026, 10, 21, 12, 0, 0);
const clocks = () => createServerClocks({ now: () => now });
const dateOf = (ms: number): string => new Date(ms).toUTCString();

describe("the clocks of servers", () => {
  it("are followed when they are minutes off", () => {
    const known = clocks();
    expect(known.isCorrectedBy("http://a", dateOf(now + 300_000))).toBe(true);
    expect(known.atServer("http://a", now)).toBe(now + 300_000);
    expect(known.atServer("http://b", now)).toBe(now);
  });

  it.each([
    dateOf(now + MAX_CLOCK_DIFFERENCE_BELIEVED_MS + 1_000),
    dateOf(0),
    "Sat, 13 Sep 275760 00:00:00 GMT",
    "yesterday",
    "",
    undefined,
  ])("are not followed to a time that none can show: %s", (date) => {
    const known = clocks();
    expect(known.isCorrectedBy("http://a", date)).toBe(false);
    expect(known.atServer("http://a", now)).toBe(now);
  });
});
