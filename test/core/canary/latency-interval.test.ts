import { describe, expect, it } from "vitest";
import { latencyInterval } from "../../../src/core/canary/latency-interval.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { known } from "../../../src/core/fact.ts";
import { blocksUntil, latency, metricFacts } from "../../support/analysis.ts";
import { aReleasing, healthy, now, progressing } from "../../support/snapshots.ts";

const counts = latency(2000, { 100: 1800, 250: 1950, 500: 1999 });
const blocks = blocksUntil(
  now,
  Array.from({ length: 8 }, () => [counts, counts] as const),
);
const p99 = metricFacts({ blocks }, { name: "p99", kind: "Latency" });

describe("the interval of a latency", () => {
  it("is told in the histogram's bounds, over the requests of the release", () => {
    const snapshot = aReleasing(progressing(1, "confirmed"), { metrics: known([p99]) });
    const situation = assessSituation(snapshot, now);
    expect(latencyInterval("p99", situation)).toEqual({ interval: { above: 250, atMost: 500 } });
  });

  it("is none of an error rate, nor of requests before the release", () => {
    const errors = aReleasing(progressing(1, "confirmed"), { metrics: known([healthy]) });
    expect(latencyInterval("error-rate", assessSituation(errors, now))).toEqual({});
    const before = aReleasing(progressing(0, "entered"), { metrics: known([p99]) });
    expect(latencyInterval("p99", assessSituation(before, now))).toEqual({});
  });
});
