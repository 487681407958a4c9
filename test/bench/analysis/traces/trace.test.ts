import { describe, expect, it } from "vitest";
import type { Scenario } from "../scenarios/scenario.ts";
import { findScenario } from "../scenarios/scenarios.ts";
import { Exposure } from "./exposure.ts";
import { slowOf } from "./tally.ts";
import { bucketsAt, cellSize, errorsAt, parts, podOf, requestsAt, slices, Trace } from "./trace.ts";

function scenario(name: string): Scenario {
  const found = findScenario(name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

const trace = new Trace();

function begun(name: string, weight: number, scrapeSeconds = 15, run = 1): Exposure {
  trace.begin(scenario(name), 1, run);
  const exposure = new Exposure(trace, scrapeSeconds, "Pods");
  exposure.begin(scenario(name), 0);
  exposure.setWeight(weight);
  return exposure;
}

describe("a trace", () => {
  it("is the same however it is read", () => {
    const read = (...seconds: readonly number[]) => {
      trace.begin(scenario("B1"), 1, 2);
      return seconds.map((second) => {
        const at = trace.cellAt("canary", second, 3);
        return [...trace.cells.subarray(at, at + parts * cellSize)];
      });
    };
    expect(read(600, 0)).toEqual(read(0, 600).toReversed());
  });

  it("differs from run to run", () => {
    const read = (run: number) => {
      trace.begin(scenario("B1"), 1, run);
      const at = trace.cellAt("stable", 0, 0);
      return [...trace.cells.subarray(at, at + parts * cellSize)];
    };
    expect(read(1)).not.toEqual(read(2));
  });

  it("has the same requests in both arms, each in one bucket, no more errors than requests", () => {
    trace.begin(scenario("B15"), 1, 3);
    for (let slice = 0; slice < slices; slice += 1) {
      const places = (["stable", "canary"] as const).map((arm) => trace.cellAt(arm, 300, slice));
      const [stable, canary] = places.map((at) => [
        ...trace.cells.subarray(at, at + parts * cellSize),
      ]);
      for (let part = 0; part < parts; part += 1) {
        const field = (cells: readonly number[] | undefined, place: number) =>
          cells?.[part * cellSize + place] ?? -1;
        expect(field(stable, requestsAt)).toBe(field(canary, requestsAt));
        expect(field(canary, errorsAt)).toBeLessThanOrEqual(field(canary, requestsAt));
        const from = part * cellSize + bucketsAt;
        const counted = canary
          ?.slice(from, (part + 1) * cellSize)
          .reduce((sum, count) => sum + count, 0);
        expect(counted).toBe(field(canary, requestsAt));
      }
    }
  });

  it.each([
    ["B1", 5],
    ["B15", 3],
    ["B16", 2.55],
    ["N1", 0.7],
  ] as const)("has the canary's errors that %s asks for", (name, percent) => {
    const exposure = begun(name, 100);
    exposure.advance(3600);
    const { requests, errors } = exposure.total("canary");
    expect(Math.abs(requests / 50 / 3600 - 1)).toBeLessThan(0.02);
    // Bursts of 10 make the error larger; the last of an hour are cut.
    expect(Math.abs((100 * errors) / requests / percent - 1)).toBeLessThan(0.12);
  });

  it("spreads the requests of a version evenly over its pods", () => {
    for (const [arm, from, pods] of [
      ["canary", 0, 2],
      ["stable", 2, 8],
    ] as const) {
      const shares = Array.from({ length: pods }, () => 0);
      for (let slice = from; slice < (arm === "canary" ? 2 : slices); slice += 1)
        for (let part = 0; part < parts; part += 1) {
          const pod = podOf(arm, slice, part);
          shares[pod] = (shares[pod] ?? 0) + 1;
        }
      expect(new Set(shares).size).toBe(1);
    }
  });

  it("has errors in runs where they come in bursts", () => {
    const variances = ["H8", "H9", "H2"].map((name) => {
      const exposure = begun(name, 0);
      const counts: number[] = [];
      let before = 0;
      for (let second = 15; second <= 1800; second += 15) {
        exposure.advance(second);
        const { errors } = exposure.total("stable");
        counts.push(errors - before);
        before = errors;
      }
      const mean = before / counts.length;
      return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean;
    });
    expect(variances[0]).toBeGreaterThan(6);
    expect(variances[1]).toBeGreaterThan(1);
    expect(variances[2]).toBeLessThan(1.5);
  });
});

describe("an exposure", () => {
  it("gives the canary the slices of its weight, from the moment on at which it is set", () => {
    const exposure = begun("H1", 10);
    exposure.advance(60);
    exposure.setWeight(50);
    exposure.advance(120);
    const [canary, stable] = [exposure.total("canary"), exposure.total("stable")];
    const share = canary.requests / (canary.requests + stable.requests);
    // The last scrapes lag by up to 15 s.
    expect(share).toBeGreaterThan(0.24);
    expect(share).toBeLessThan(0.31);
  });

  it("shows what was scraped, with the same requests whatever the interval", () => {
    const totals = [5, 15].map((seconds) => {
      const exposure = begun("B12", 100, seconds);
      exposure.advance(600);
      return exposure.total("canary");
    });
    const [fine, coarse] = totals;
    expect(fine?.requests).toBeGreaterThanOrEqual(coarse?.requests ?? 0);
    expect((fine?.requests ?? 0) - (coarse?.requests ?? 0)).toBeLessThan(50 * 15);
  });

  it("counts in a minute what came between its first and its last sample, and nothing of one sample", () => {
    const exposure = begun("H1", 10);
    exposure.advance(15);
    expect(exposure.increase("canary", 60)).toBeUndefined();
    exposure.advance(60);
    // Four samples are three intervals: 45 s at 50 requests a second.
    expect(exposure.increase("canary", 60)?.requests).toBeGreaterThan(45 * 50 * 0.94);
    expect(exposure.increase("canary", 60)?.requests).toBeLessThan(45 * 50 * 1.06);
    expect(exposure.latestIncrease("canary", 60)?.requests).toBeLessThan(15 * 50 * 1.1);
  });

  it("has no new samples while nothing is scraped", () => {
    const exposure = begun("H13", 10);
    exposure.advance(120);
    const before = exposure.total("canary");
    exposure.advance(299);
    expect(exposure.total("canary")).toEqual(before);
    expect(exposure.increase("canary", 60)).toBeUndefined();
    exposure.advance(600);
    expect(exposure.total("canary").requests).toBeGreaterThan(before.requests);
  });

  it("counts bad requests beyond those that stable would have served, from the onset on", () => {
    const exposure = begun("B8", 20);
    exposure.advance(240);
    expect(exposure.excess).toBe(0);
    exposure.advance(840);
    // 10 requests a second for 600 s, 4.9 points.
    expect(Math.abs(exposure.excess / (6000 * 0.049) - 1)).toBeLessThan(0.2);
    const slow = begun("B12", 20);
    slow.advance(600);
    expect(Math.abs(slow.excess / (6000 * 0.0273) - 1)).toBeLessThan(0.3);
    expect(slowOf(slow.total("canary"))).toBeGreaterThan(slow.excess);
  });

  it("is of the faulty arm from 30 % on where the fault needs load", () => {
    const below = begun("B21", 25);
    below.advance(300);
    const above = begun("B21", 30);
    above.advance(300);
    expect(below.total("canary").errors / below.total("canary").requests).toBeLessThan(0.01);
    expect(above.total("canary").errors / above.total("canary").requests).toBeGreaterThan(0.04);
  });
});
