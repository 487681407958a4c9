import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  hasDrained,
  hasTrafficMoved,
  isSilent,
  learnUnmanagedShare,
  trafficSince,
} from "../../../src/core/analysis/traffic.ts";
import { blocksUntil, metricFacts, ratio } from "../../support/analysis.ts";

const facts = (arms: readonly (readonly [canary: number, stable: number])[], spanMs = 15_000) =>
  metricFacts({
    blocks: blocksUntil(
      600_000,
      arms.map(([canary, stable]) => [ratio(canary), ratio(stable)]),
      spanMs,
    ),
  });

describe("the traffic since an instant", () => {
  const metric = facts([
    [50, 0],
    [6, 90],
    [6, 95],
  ]);

  it.each([
    ["grows backwards to ten canary requests", 0, { canary: 12, stable: 185 }],
    ["takes only blocks that start at or after it", 570_001, { canary: 6, stable: 95 }],
  ])("%s", (_name, fromMs, traffic) => {
    expect(trafficSince([metric], fromMs)).toEqual({ ...traffic, latestEndAt: 600_000 });
  });

  it("is that of the metric that has most", () => {
    expect(trafficSince([facts([[1, 9]]), metric, facts([[10, 20]])], 0)?.stable).toBe(185);
  });

  it("is unknown without blocks", () => {
    expect(trafficSince([metric], 585_001)).toBeUndefined();
    expect(trafficSince([], 0)).toBeUndefined();
  });
});

describe("the proof that traffic moved", () => {
  const proof = (
    canary: number,
    stable: number,
    weight: number,
    unmanaged: { share?: number; rules?: boolean } = {},
  ) =>
    hasTrafficMoved({
      weight,
      unmanagedShare: unmanaged.share,
      hasUnmanagedRules: unmanaged.rules ?? false,
      traffic: { canary, stable, latestEndAt: 0 },
    });

  it.each([
    ["half the weight is enough", proof(10, 190, 10), true],
    ["less is not", proof(10, 191, 10), false],
    ["ten canary requests are needed", proof(9, 9, 10), false],
    ["unmanaged traffic lowers what is needed", proof(10, 390, 10, { share: 0.5 }), true],
    ["by no more than its share", proof(10, 391, 10, { share: 0.5 }), false],
    ["before it is learned much is allowed for", proof(10, 990, 10, { rules: true }), true],
    ["but not everything", proof(10, 991, 10, { rules: true }), false],
    ["at 100 % stable may keep 2 %", proof(98, 2, 100), true],
    ["and no more", proof(979, 21, 100), false],
    ["or the learned share with its slack", proof(68, 32, 100, { share: 0.3 }), true],
    ["and no more than that", proof(60, 40, 100, { share: 0.3 }), false],
    ["with less slack on more requests", proof(6800, 3200, 100, { share: 0.3 }), false],
    ["before it is learned the canary needs half", proof(50, 50, 100, { rules: true }), true],
    ["and no less", proof(49, 51, 100, { rules: true }), false],
  ])("%s", (_name, { holds }, expected) => {
    expect(holds).toBe(expected);
  });

  it("speaks in shares", () => {
    expect(proof(24, 76, 25)).toEqual({
      holds: true,
      message: "the canary got 24 % of 100 requests at weight 25",
      observedShare: 0.24,
    });
    expect(proof(10, 190, 25)).toEqual({
      holds: false,
      because: "the canary got 5 % of 200 requests; at least 12.5 % is needed",
      observedShare: 0.05,
    });
  });

  it("fails without traffic", () => {
    const nothing = { weight: 10, unmanagedShare: undefined, hasUnmanagedRules: false };
    expect(hasTrafficMoved({ ...nothing, traffic: undefined })).toEqual({
      holds: false,
      because: "no requests were seen since the routes changed",
    });
  });

  it("is total, and more canary requests never undo it", () => {
    const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.tuple(fc.nat(5000), fc.nat(5000), fc.integer({ min: 1, max: 100 })),
        share,
        fc.boolean(),
        ([canary, stable, weight], learned, rules) => {
          const unmanaged = learned === undefined ? { rules } : { rules, share: learned };
          const before = proof(canary, stable, weight, unmanaged);
          const { observedShare = 0 } = before;
          expect(observedShare >= 0 && observedShare <= 1).toBe(true);
          fc.pre(before.holds && weight < 100);
          expect(proof(canary + 1, stable, weight, unmanaged).holds).toBe(true);
        },
      ),
    );
  });
});

describe("the share of unmanaged traffic", () => {
  it("is learned with two standard errors on top", () => {
    // 35 % of 10,000 at weight 50: 0.3 unmanaged, error 0.0095.
    expect(learnUnmanagedShare(undefined, 50, 3500, 6500)).toBeCloseTo(0.319, 3);
  });

  it.each([
    ["stays as it was on too few requests", 10, 12, 100],
    ["stays as it was without ten canary requests", 50, 9, 9],
    ["stays as it was when it may be none", 50, 240, 260],
    ["is not learned at weight 100", 100, 700, 300],
    ["is not learned without requests", 50, 0, 0],
  ])("%s", (_name, weight, canary, stable) => {
    expect(learnUnmanagedShare(0.25, weight, canary, stable)).toBe(0.25);
    expect(learnUnmanagedShare(undefined, weight, canary, stable)).toBeUndefined();
  });

  it("is learned to be next to none on many requests", () => {
    expect(learnUnmanagedShare(0.25, 50, 50_000, 50_000)).toBeCloseTo(0.0063, 3);
  });

  it("lets a release pass at 100 % that got there with it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 60 }),
        fc.integer({ min: 2000, max: 100_000 }),
        (percent, requests) => {
          const managed = 1 - percent / 100;
          const canary = Math.round(requests * managed * 0.5);
          const learned = learnUnmanagedShare(undefined, 50, canary, requests - canary);
          const atEnd = Math.floor(requests * managed);
          const traffic = { canary: atEnd, stable: requests - atEnd, latestEndAt: 0 };
          const proof = { weight: 100, unmanagedShare: learned, hasUnmanagedRules: true, traffic };
          expect(learned).toBeGreaterThanOrEqual(percent / 100 - 0.001);
          expect(hasTrafficMoved(proof).holds).toBe(true);
        },
      ),
    );
  });
});

describe("a drain", () => {
  const proof = { routedAt: 565_000, settleMs: 20_000 };

  it.each([
    [
      "is seen when only stable had requests",
      facts([
        [10, 90],
        [0, 100],
      ]),
      proof,
      "Yes",
    ],
    [
      "is not when the block ended too early",
      facts([[0, 100]]),
      { ...proof, routedAt: 580_001 },
      "Unknown",
    ],
    ["is when it ended just then", facts([[0, 100]]), { ...proof, routedAt: 580_000 }, "Yes"],
    ["has not happened when later requests came", facts([[1, 100]]), proof, "No"],
    [
      "is unknown when they may be earlier ones",
      facts([[1, 100]]),
      { ...proof, routedAt: 565_001 },
      "Unknown",
    ],
    ["is unknown when nobody calls", facts([[0, 0]]), proof, "Unknown"],
    ["is unknown without blocks", facts([]), proof, "Unknown"],
    [
      "needs a whole scrape interval",
      facts(
        [
          [1, 30],
          [0, 30],
          [0, 30],
        ],
        5000,
      ),
      proof,
      "Unknown",
    ],
    [
      "takes a whole scrape interval",
      facts(
        [
          [1, 30],
          [0, 30],
          [0, 30],
          [0, 30],
        ],
        5000,
      ),
      proof,
      "Yes",
    ],
  ] as const)("%s", (_name, metric, input, answer) => {
    expect(hasDrained([metric], input)).toBe(answer);
  });

  it.each([
    ["is unknown a minute after the last request", 660_000, "Unknown"],
    ["has not happened until then", 659_999, "No"],
  ])("%s", (_name, readAt, answer) => {
    const metric = metricFacts({ ...facts([[1, 100]]).state, readAt });
    expect(hasDrained([metric], proof)).toBe(answer);
  });

  it("has not happened if one metric saw later requests", () => {
    expect(hasDrained([facts([[0, 100]]), facts([[1, 100]])], proof)).toBe("No");
  });

  it("is seen if one metric shows it and none contradicts", () => {
    expect(hasDrained([facts([]), facts([[0, 100]])], proof)).toBe("Yes");
    expect(hasDrained([], proof)).toBe("Unknown");
  });
});

describe("silence", () => {
  const quiet = metricFacts({ readAt: 600_000 });

  it.each([
    ["is a good read, a scrape later, without requests", quiet, 585_000, 601_000, true],
    ["is not known earlier", quiet, 585_001, 601_000, false],
    ["is not known from an old read", quiet, 500_000, 665_001, false],
    ["is not known before any read", metricFacts(), 500_000, 601_000, false],
    ["is broken by a request", facts([[0, 1]]), 580_000, 601_000, false],
    [
      "is not broken by an earlier one",
      metricFacts({ ...facts([[0, 1]]).state, readAt: 620_000 }),
      600_000,
      621_000,
      true,
    ],
    [
      "begins a minute after the last request",
      metricFacts({ ...facts([[1, 9]]).state, readAt: 660_000 }),
      580_000,
      661_000,
      true,
    ],
    [
      "has not begun until then",
      metricFacts({ ...facts([[1, 9]]).state, readAt: 659_999 }),
      580_000,
      661_000,
      false,
    ],
  ])("%s", (_name, metric, sinceMs, now, silent) => {
    expect(isSilent([metric], sinceMs, now)).toBe(silent);
  });

  it("is not known while reads fail, nor without metrics", () => {
    const failure = { reason: "Timeout", message: "", at: 600_000 };
    expect(isSilent([metricFacts({ readAt: 600_000, failure })], 500_000, 601_000)).toBe(false);
    expect(isSilent([], 0, 1)).toBe(false);
    const value = metricFacts({ readAt: 600_000 }, { kind: "Value" });
    expect(isSilent([value], 500_000, 601_000)).toBe(false);
    expect(isSilent([value, metricFacts({ readAt: 600_000 })], 500_000, 601_000)).toBe(true);
  });
});
