import { expect, it } from "vitest";
import {
  propagationSeconds,
  rollbackBoundSeconds,
} from "../../../src/core/canary/rollback-bound.ts";
import { metricFacts } from "../../support/analysis.ts";
import { aSpec, aSpecWith } from "../../support/snapshots.ts";

it.each([
  ["Ratio", 70],
  ["Latency", 100],
] as const)("is, by the defaults, for %s %i s", (kind, seconds) => {
  expect(rollbackBoundSeconds(aSpec(), [metricFacts({}, { kind })])).toBe(seconds);
});

it("takes the largest over the metrics, each with its own limit", () => {
  const spec = aSpec();
  const [metric] = spec.analysis.metrics;
  const patient = { ...metric?.limit, max: 5, minSamples: 20, consecutive: 4 };
  const metrics = [metric, metric].flatMap((one) => (one === undefined ? [] : [one]));
  const analysis = {
    ...spec.analysis,
    metrics: metrics.map((one, index) => (index === 0 ? one : { ...one, limit: patient })),
  };
  expect(rollbackBoundSeconds({ ...spec, analysis }, [metricFacts(), metricFacts()])).toBe(100);
});

it.each([{ dryRun: true }, { onFail: "Pause" as const }])(
  "leaves out a metric that rolls nothing back: %j",
  (metric) => {
    expect(rollbackBoundSeconds(aSpecWith(metric), [metricFacts()])).toBeUndefined();
  },
);

it("is none without metrics, and without a routing provider nothing spreads", () => {
  expect(rollbackBoundSeconds(aSpec(), [])).toBeUndefined();
  expect(propagationSeconds(aSpec())).toBe(5);
  expect(propagationSeconds(aSpec({ routing: {} }))).toBe(0);
});
