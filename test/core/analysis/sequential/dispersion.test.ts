import { describe, expect, it } from "vitest";
import {
  addToDispersion,
  type Dispersion,
  dispersionOf,
  noDispersion,
  type Reporters,
  reportersOf,
} from "../../../../src/core/analysis/sequential/dispersion.ts";
import {
  addToTotals,
  type PodCounts,
  type PodTotals,
} from "../../../../src/core/analysis/sequential/pod-counts.ts";
import { drawBinomial, drawGeometric } from "../../../support/chance.ts";
import { createSeededRandom } from "../../../support/seeded-random.ts";

/** φ after so many blocks of stable's. */
function dispersionAfter(
  blocks: number,
  block: (at: number) => readonly PodCounts[],
  reporters: Reporters = "OwnPods",
): number {
  let state: Dispersion = noDispersion;
  let totals: PodTotals = new Map();
  for (let at = 0; at < blocks; at += 1) {
    const pods = block(at);
    state = addToDispersion(state, pods, totals);
    totals = addToTotals(totals, pods);
  }
  return dispersionOf(state, reporters);
}

const each = (count: number, pod: (index: number) => PodCounts): readonly PodCounts[] =>
  Array.from({ length: count }, (_, index) => pod(index));

describe("the dispersion of bad requests", () => {
  it("is 1 of nothing, and of a service without errors", () => {
    expect(dispersionOf(noDispersion, "Callers")).toBe(1);
    const quiet = dispersionAfter(120, () =>
      each(4, (index) => ({ pod: `${index}`, requests: 100, bad: 0 })),
    );
    expect(quiet).toBe(1);
  });

  it.each([
    [8, 700, 0.001],
    [8, 90, 0.01],
    [2, 5000, 0.02],
    [4, 400, 0.5],
  ])("is 1 of %d pods whose requests fail one by one", (count, requests, share) => {
    const random = createSeededRandom(count * requests);
    const pod = (index: number) => ({
      pod: `${index}`,
      requests,
      bad: drawBinomial(random, requests, share),
    });
    expect(dispersionAfter(160, () => each(count, pod))).toBe(1);
  });

  it("is about the size of bursts", () => {
    const random = createSeededRandom(99);
    const bursty = (index: number): PodCounts => {
      let bad = 0;
      const bursts = drawBinomial(random, 700, 0.0003);
      for (let burst = 0; burst < bursts; burst += 1) bad += drawGeometric(random, 10);
      return { pod: `${index}`, requests: 700, bad };
    };
    const seen = dispersionAfter(160, () => each(8, bursty));
    // E[Y²]/E[Y] of a geometric size with mean 10 is 19.
    expect(seen).toBeGreaterThan(9);
    expect(seen).toBeLessThan(30);
  });

  it("finds bursts where one pod reports everything", () => {
    const random = createSeededRandom(5);
    const burst = () => [
      { pod: "gateway", requests: 700, bad: 8 * drawBinomial(random, 700, 0.001) },
    ];
    expect(dispersionAfter(160, burst, "Callers")).toBeGreaterThan(5);
    const even = () => [{ pod: "gateway", requests: 700, bad: drawBinomial(random, 700, 0.01) }];
    expect(dispersionAfter(160, even, "Callers")).toBe(1);
  });

  it("finds a pod's bursts where callers report, over whom they spread", () => {
    const random = createSeededRandom(8);
    const spread = () => {
      const bursts = drawBinomial(random, 5600, 0.0003);
      return each(8, (index) => ({
        pod: `caller-${index}`,
        requests: 700,
        bad: bursts + drawBinomial(random, 700, 0.0001),
      }));
    };
    expect(dispersionAfter(160, spread, "OwnPods")).toBeLessThan(1.5);
    expect(dispersionAfter(160, spread, "Callers")).toBeGreaterThan(5);
  });

  it("finds bursts that the reporters' scrapes cut in two", () => {
    const random = createSeededRandom(12);
    let rest = 0;
    const cut = () => {
      const burst = 8 * drawBinomial(random, 700, 0.0004);
      const now = Math.round(burst * random());
      const bad = rest + now;
      rest = burst - now;
      return [{ pod: "gateway", requests: 700, bad }];
    };
    const seen = dispersionAfter(240, cut, "Callers");
    expect(seen).toBeGreaterThan(4);
    expect(seen).toBeLessThan(16);
  });

  it("is told by pods only where several of stable's report on themselves", () => {
    expect(reportersOf({ canary: 1, stable: 2 })).toBe("OwnPods");
    expect(reportersOf({ canary: 1, stable: 1 })).toBe("Callers");
    expect(reportersOf(undefined)).toBe("Callers");
  });

  it("takes no pod that always fails more for a burst", () => {
    const random = createSeededRandom(31);
    const unlike = (index: number): PodCounts => ({
      pod: `${index}`,
      requests: 5000,
      bad: drawBinomial(random, 5000, index === 0 ? 0.01 : 0.001),
    });
    expect(dispersionAfter(160, () => each(4, unlike))).toBe(1);
  });

  it("learns from the first block which pods always fail more, however long it was", () => {
    const unlike =
      (requests: number) =>
      (index: number): PodCounts => ({
        pod: `${index}`,
        requests,
        bad: Math.round(requests * (index === 0 ? 0.01 : 0.001)),
      });
    const after = (blocks: number, first: number) =>
      dispersionAfter(blocks, (at) => each(4, unlike(at === 0 ? first : 5000)));
    expect(after(1, 5000)).toBe(1);
    for (const blocks of [1, 2, 5]) expect(after(blocks, 5_000_000)).toBe(1);
  });

  it("takes no outage that all pods share for a burst", () => {
    const random = createSeededRandom(17);
    const common = (at: number) => (index: number) => ({
      pod: `${index}`,
      requests: 900,
      bad: drawBinomial(random, 900, at >= 40 && at < 60 ? 0.2 : 0.002),
    });
    expect(dispersionAfter(120, (at) => each(8, common(at)))).toBe(1);
    expect(dispersionAfter(120, (at) => [common(at)(0)], "Callers")).toBeLessThan(2);
  });
});
