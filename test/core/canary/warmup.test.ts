import { describe, expect, it } from "vitest";
import {
  latencyLimitsFrom,
  pureBlocksFrom,
  ratioLimitsFrom,
} from "../../../src/core/canary/warmup.ts";
import { known, unknown } from "../../../src/core/fact.ts";
import { aPod, initialized, mirroring, now, progressing } from "../../support/snapshots.ts";

const never = Number.POSITIVE_INFINITY;
const podsReady = (...secondsAgo: readonly number[]) =>
  known({
    canary: secondsAgo.map((seconds) => aPod({ readyChangedAt: now - seconds * 1000 })),
    primary: [aPod({ readyChangedAt: now })],
  });

describe("latency limits", () => {
  const status = progressing(1, "confirmed");

  it("do not apply before there was traffic", () => {
    expect(latencyLimitsFrom(progressing(0, "shifted"), podsReady(100), 30)).toBe(never);
    expect(latencyLimitsFrom(initialized(), podsReady(100), 30)).toBe(never);
  });

  it("apply a warm-up after the first traffic, and after the newest ready pod", () => {
    expect(latencyLimitsFrom(status, podsReady(400), 30)).toBe(now - 270_000);
    expect(latencyLimitsFrom(status, podsReady(400, 20), 30)).toBe(now + 10_000);
    expect(latencyLimitsFrom(status, unknown("not read yet"), 30)).toBe(now - 270_000);
  });

  it("are asked of blocks that hold nothing of the warm-up, by interval and scrape", () => {
    expect(pureBlocksFrom(now, 15, 15)).toBe(now + 30_000);
    expect(pureBlocksFrom(now, 5, 15)).toBe(now + 30_000);
    expect(pureBlocksFrom(now, 15, 5)).toBe(now + 20_000);
    expect(pureBlocksFrom(never, 15, 15)).toBe(never);
  });

  it("apply a warm-up after the first copies in a mirror stage", () => {
    expect(latencyLimitsFrom(mirroring("routed"), podsReady(400), 30)).toBe(now - 200_000);
    expect(latencyLimitsFrom(mirroring("shifted"), podsReady(400), 30)).toBe(never);
  });

  it("do not wait for pods that are not ready", () => {
    const pods = known({ canary: [aPod({ isReady: false, readyChangedAt: now })], primary: [] });
    expect(latencyLimitsFrom(status, pods, 30)).toBe(now - 270_000);
  });
});

describe("limits of ratios", () => {
  it.each([
    ["not before the first weight", progressing(0, "entered"), never],
    ["from the first weight on", progressing(0, "shifted"), now - 240_000],
    ["from the first copies on", mirroring("shifted"), now - 240_000],
    ["through later stages", progressing(2, "entered"), now - 300_000],
    ["not without a release", initialized(), never],
  ])("apply %s", (_, status, from) => {
    expect(ratioLimitsFrom(status)).toBe(from);
  });

  it("begin no later once the routes were seen", () => {
    const routed = progressing(0, "routed", {
      release: { firstTrafficAt: "2026-11-21T11:59:00.000Z" },
    });
    expect(ratioLimitsFrom(routed)).toBe(now - 240_000);
  });
});
