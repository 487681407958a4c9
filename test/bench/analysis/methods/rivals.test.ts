import { describe, expect, it } from "vitest";
import type { Tally } from "../traces/tally.ts";
import { runArgoDocs, runArgoMinute, runHandRatio } from "./argo.ts";
import { runFlagger } from "./flagger.ts";
import { isPassed, runKayenta } from "./kayenta.ts";
import { shiftOf } from "./mann-whitney.ts";
import { pooledZ, runPeekZ } from "./peek-z.ts";
import { createScriptedTelemetry, tally } from "./scripted-telemetry.ts";

const always = (canary: Tally | undefined, stable: Tally | undefined = tally(1000)) =>
  createScriptedTelemetry((_, version) => (version === "canary" ? canary : stable));
/** The canary shows `worse` in these seconds, and is well in the others. */
const at = (seconds: readonly number[], worse: Tally | undefined) =>
  createScriptedTelemetry((second, version) =>
    version === "canary" && seconds.includes(second) ? worse : tally(1000),
  );
const minutes = (...numbers: readonly number[]) => numbers.map((minute) => 60 * minute);
const promoted = (second: number) => ({ kind: "Promoted", second });
const rolledBack = (second: number) => ({ kind: "RolledBack", second });

describe("flagger", () => {
  it("raises by 10 each minute and promotes when it passes at 50", () => {
    const telemetry = always(tally(1000));
    expect(runFlagger(telemetry, 5)).toEqual(promoted(300));
    expect(telemetry.weights).toEqual([
      [0, 10],
      [60, 20],
      [120, 30],
      [180, 40],
      [240, 50],
    ]);
  });

  it("passes 99 % and P99 of 500 ms, and fails whatever is worse", () => {
    expect(runFlagger(always(tally(1000, 10)), 1).kind).toBe("Promoted");
    expect(runFlagger(always(tally(1000, 11)), 1)).toEqual(rolledBack(120));
    expect(runFlagger(always(tally(1000, 0, { count: 9 })), 1).kind).toBe("Promoted");
    expect(runFlagger(always(tally(1000, 0, { count: 11 })), 1)).toEqual(rolledBack(120));
  });

  it("takes no data and no requests for a failed check", () => {
    expect(runFlagger(always(undefined), 1)).toEqual(rolledBack(120));
    expect(runFlagger(always(tally(0)), 1)).toEqual(rolledBack(120));
  });

  it("rolls back a check after the fifth failure, whenever the others were", () => {
    expect(runFlagger(at(minutes(1, 2, 3, 4, 6), tally(1000, 50)), 5)).toEqual(rolledBack(420));
    expect(runFlagger(at(minutes(1, 2, 3, 4), tally(1000, 50)), 5)).toEqual(promoted(540));
  });
});

describe("argo rollouts", () => {
  it("steps by the clock and promotes at its end", () => {
    const telemetry = always(tally(1000));
    expect(runArgoMinute(telemetry)).toEqual(promoted(600));
    expect(telemetry.weights).toEqual([
      [0, 10],
      [120, 20],
      [240, 30],
      [360, 40],
      [480, 50],
    ]);
    expect(runArgoDocs(always(tally(1000)))).toEqual(promoted(2400));
  });

  it("aborts at the fourth failure of one metric, not of two together", () => {
    expect(runArgoMinute(at(minutes(1, 3, 5), tally(1000, 20)))).toEqual(promoted(600));
    expect(runArgoMinute(at(minutes(1, 3, 5, 7), tally(1000, 20)))).toEqual(rolledBack(420));
    const mixed = createScriptedTelemetry((second) =>
      second <= 180 ? tally(1000, 20) : second <= 360 ? tally(1000, 0, { count: 20 }) : tally(1000),
    );
    expect(runArgoMinute(mixed)).toEqual(promoted(600));
  });

  it("aborts at the fifth error in a row", () => {
    expect(runArgoMinute(at(minutes(1, 2, 3, 4), undefined))).toEqual(promoted(600));
    expect(runArgoMinute(at(minutes(1, 2, 3, 4, 5), undefined))).toEqual(rolledBack(300));
  });

  it("looks, as documented, every 5 minutes from 40 % on, and wants 95 %", () => {
    expect(runArgoDocs(always(tally(1000, 50)))).toEqual(promoted(2400));
    expect(runArgoDocs(always(tally(1000, 51)))).toEqual(rolledBack(1500));
    expect(runArgoDocs(always(tally(1000, 0, { count: 500 })))).toEqual(promoted(2400));
  });

  it("compares by hand with 1.2 times stable, and with one in ten thousand", () => {
    expect(runHandRatio(always(tally(1000, 12), tally(1000, 10)))).toEqual(promoted(600));
    expect(runHandRatio(always(tally(1000, 13), tally(1000, 10)))).toEqual(rolledBack(240));
    expect(runHandRatio(always(tally(10_000, 1), tally(1000, 0)))).toEqual(promoted(600));
    expect(runHandRatio(always(tally(10_000, 2), tally(1000, 0)))).toEqual(rolledBack(240));
  });
});

describe("kayenta", () => {
  const ramp = Array.from({ length: 20 }, (_, index) => 1 + index / 100);
  const plus = (shift: number) => ramp.map((value) => value + shift);

  it("judges after 10, 20 and 30 minutes at 10 %", () => {
    const telemetry = always(tally(1000, 1), tally(9000, 9));
    expect(runKayenta(telemetry)).toEqual(promoted(1800));
    expect(telemetry.weights).toEqual([[0, 10]]);
    expect(runKayenta(always(tally(1000, 20), tally(9000, 9)))).toEqual(rolledBack(600));
    const late = createScriptedTelemetry((second, version) =>
      version === "canary" && second > 600 ? tally(1000, 20) : tally(1000, 1),
    );
    expect(runKayenta(late).kind).toBe("RolledBack");
  });

  it("calls High what lies surely above a quarter of the shift, never what lies below", () => {
    expect(isPassed({ canary: ramp, stable: ramp })).toBe(true);
    expect(isPassed({ canary: plus(0.05), stable: ramp })).toBe(true);
    expect(isPassed({ canary: plus(0.2), stable: ramp })).toBe(false);
    expect(isPassed({ canary: plus(-0.2), stable: ramp })).toBe(true);
  });

  it("fails a metric of which half the points are missing", () => {
    const holes = (count: number) =>
      ramp.map((value, index) => (index < count ? Number.NaN : value));
    expect(isPassed({ canary: holes(9), stable: ramp })).toBe(true);
    expect(isPassed({ canary: holes(10), stable: ramp })).toBe(false);
  });

  it("estimates the shift and its lower limit as the published example has them", () => {
    // R: wilcox.test(x, y, conf.int = TRUE, conf.level = 0.98, exact = FALSE) on two rows of ten.
    const { estimate, low } = shiftOf(plus(0.1), ramp);
    expect(estimate).toBeCloseTo(0.1, 10);
    expect(low).toBeGreaterThan(0.04);
    expect(low).toBeLessThan(0.07);
    expect(shiftOf([1], [0]).low).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe("the z-test that is asked again and again", () => {
  it("is the pooled one, and says nothing of nothing", () => {
    expect(pooledZ([20, 10], [1000, 1000])).toBeCloseTo(1.8395, 3);
    expect(pooledZ([0, 0], [1000, 1000])).toBe(0);
    expect(pooledZ([1, 0], [0, 1000])).toBe(0);
  });

  it("rolls back beyond 2.576 at any scrape, else promotes after 10 minutes", () => {
    const telemetry = (errors: number) => always(tally(1000, errors), tally(1000, 10));
    expect(runPeekZ(telemetry(24), 15)).toEqual(promoted(600));
    expect(runPeekZ(telemetry(26), 15)).toEqual(rolledBack(15));
    expect(
      runPeekZ(always(tally(1000, 0, { count: 26 }), tally(1000, 0, { count: 10 })), 15),
    ).toEqual(rolledBack(15));
  });
});
