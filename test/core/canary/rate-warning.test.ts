import { describe, expect, it } from "vitest";
import { warnOfRate } from "../../../src/core/canary/rate-warning.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { known } from "../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  aSpecWith,
  decideNow,
  errorRate,
  now,
  progressing,
  statusAfter,
} from "../../support/snapshots.ts";

/** In a stage of an error rate on 20 requests, twice in a row, every 15 s. */
function warned(perBlock: number, metric = {}, status = progressing(1, "confirmed")) {
  const spec = known(aSpecWith(metric, { name: "second" }));
  const metrics = [errorRate({ total: perBlock }), errorRate({ total: 1000 })];
  const s = assessSituation(aReleasing(status, { spec, metrics: known(metrics) }), now);
  return warnOfRate(s, s.status);
}

describe("a rate of requests", () => {
  it("that brings enough for every check is told of by nobody", () => {
    expect(warned(20)).toBeUndefined();
  });

  it("that does not is warned of, with the time that a fault may last", () => {
    // 20 requests take 30 s instead of 15 s, twice.
    expect(warned(10)).toBe(
      "at 0.67 requests a second to the new version, the 20 that error-rate is judged on take 30 s: a fault may last 100 s; lower limit.minSamples, or give the first stage more weight",
    );
    expect(warned(19)).toMatch(/a fault may last 72 s/);
  });

  it.each([{ dryRun: true }, { onFail: "Pause" as const }])(
    "matters only to metrics that roll back: %j",
    (metric) => {
      expect(warned(10, metric)).toBeUndefined();
    },
  );

  it("is not known before the stage has its traffic, nor without any", () => {
    expect(warned(10, {}, progressing(1, "routed"))).toBeUndefined();
    expect(warned(0)).toBeUndefined();
  });

  it("stands in the status, and goes with its cause", () => {
    const status = { rollbackBoundWarning: "too few", refreshedAt: ago(40) };
    const world = (total: number) =>
      aReleasing(progressing(1, "confirmed", { status }), {
        // Stable gets as much as the weight leaves it, so that nothing looks wrong but the rate.
        metrics: known([errorRate({ total }, { total: 3 * total })]),
      });
    expect(decideNow(world(2)).rule).toBe("refresh");
    expect(statusAfter(world(2)).rollbackBoundWarning).toMatch(/^at 0.13 requests a second/);
    expect(statusAfter(world(100))).not.toHaveProperty("rollbackBoundWarning");
  });
});
