import { describe, expect, it } from "vitest";
import { Metric } from "../../../src/api/canary-spec.ts";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { compareRules, excessToExclude, marginsOf } from "../../../src/core/canary/compared.ts";
import { metricFacts } from "../../support/analysis.ts";
import {
  ago,
  aMirroring,
  aReleasing,
  aSpec,
  finalising,
  initialized,
  mirrorFirst,
  mirroring,
  now,
  progressing,
} from "../../support/snapshots.ts";

const metric = Metric.parse({ name: "e", templateRef: { name: "t" }, limit: { max: 5 } });
const margins = marginsOf(metric, "Ratio");
if (margins === undefined) throw new Error("errors are compared by default");

describe("the margins", () => {
  it("are the defaults of the metric's kind, unless the spec has others or none", () => {
    expect(margins.harmful).toEqual({ ratio: 1.5, excess: 0.005 });
    expect(marginsOf(metric, "Latency")?.harmful).toEqual({ ratio: 1.5, excess: 0.01 });
    const own = { tolerated: { ratio: 1, add: 0.5 }, harmful: { ratio: 2, add: 2 } };
    expect(marginsOf({ compare: own }, "Latency")).toEqual({
      tolerated: { ratio: 1, excess: 0.005 },
      harmful: { ratio: 2, excess: 0.02 },
    });
    expect(marginsOf({ compare: null }, "Ratio")).toBeUndefined();
    expect(marginsOf(metric, "Value")).toBeUndefined();
  });
});

describe("what must be excluded before a stage is left", () => {
  const excess = (status: CanaryStatus, spec = aSpec()) => excessToExclude(spec, status, margins);

  it("is the less the less of the traffic the next one gets", () => {
    expect(excess(progressing(0, "confirmed"))).toBeCloseTo(0.02, 12);
    expect(excess(progressing(1, "confirmed"))).toBeCloseTo(0.01, 12);
    expect(excess(progressing(2, "confirmed"))).toBeCloseTo(0.005, 12);
  });

  it("is nothing at 100, in a mirror stage, and without a release", () => {
    expect(excess(progressing(3, "confirmed"))).toBeUndefined();
    expect(excess(mirroring("confirmed"), aSpec({ stages: mirrorFirst }))).toBeUndefined();
    expect(excess(initialized())).toBeUndefined();
  });
});

describe("how blocks are compared", () => {
  const rules = (status: CanaryStatus) =>
    compareRules(aReleasing(status), aSpec(), { facts: metricFacts(), metric });

  it("spreads the evidence over the longest way through the stages", () => {
    expect(rules(progressing(0, "confirmed"))?.plannedBlocks).toBe(480);
    const short = aSpec({ stages: [{ weight: 100, minSeconds: 1, maxSeconds: 15 }] });
    const snapshot = aReleasing(progressing(0, "confirmed"));
    expect(compareRules(snapshot, short, { facts: metricFacts(), metric })?.plannedBlocks).toBe(16);
  });

  it("counts a stage's blocks for the canary from a scrape after the routes, once its traffic is seen", () => {
    const confirmed = rules(progressing(1, "confirmed"));
    expect(confirmed?.proofFrom).toBe(now - 230_000 + 15_000);
    expect(confirmed?.isAlone).toBe(false);
    expect(rules(progressing(1, "routed"))?.proofFrom).toBe(Infinity);
    expect(rules(progressing(1, "shifted"))?.proofFrom).toBe(Infinity);
    expect(rules(progressing(1, "entered"))?.proofFrom).toBe(Date.parse(ago(300)));
    expect(rules(progressing(0, "entered"))?.proofFrom).toBe(Infinity);
  });

  it("has no stable beside all traffic, and no evidence without live traffic", () => {
    expect(rules(progressing(3, "confirmed"))?.isAlone).toBe(true);
    expect(rules(finalising())?.evidenceFrom).toBe(Infinity);
    expect(rules(progressing(0, "entered"))?.evidenceFrom).toBe(Infinity);
    expect(rules(progressing(0, "routed"))?.evidenceFrom).toBeLessThan(now);
  });

  it("is not at all for copies, nor where the spec wants none", () => {
    const mirrored = aMirroring("confirmed");
    const spec = aSpec({ stages: mirrorFirst });
    expect(compareRules(mirrored, spec, { facts: metricFacts(), metric })).toBeUndefined();
    const off = { facts: metricFacts(), metric: { ...metric, compare: null } };
    expect(compareRules(aReleasing(progressing(1, "confirmed")), aSpec(), off)).toBeUndefined();
  });
});
