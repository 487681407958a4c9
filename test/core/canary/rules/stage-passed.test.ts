import { describe, expect, it } from "vitest";
import type { StageStatus } from "../../../../src/api/canary-status.ts";
import {
  addToComparison,
  type Comparison,
  newComparison,
} from "../../../../src/core/analysis/sequential/comparison.ts";
import { decide } from "../../../../src/core/canary/decide.ts";
import { isPassedUnproven, isStagePassed } from "../../../../src/core/canary/rules/stage-passed.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import type { MetricFacts, Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, unknown } from "../../../../src/core/fact.ts";
import { metricFacts } from "../../../support/analysis.ts";
import { errorBlock, errorRules } from "../../../support/comparing.ts";
import { createSeededRandom } from "../../../support/seeded-random.ts";
import {
  ago,
  aReleasing,
  aSpec,
  aSpecWith,
  decideNow,
  errorRate,
  healthy,
  now,
  progressing,
} from "../../../support/snapshots.ts";

const { analysis, ...rest } = aSpec();
const onNoTraffic = { action: "PromoteAfterSeconds" as const, seconds: 60 };
const specs = {
  plain: aSpec(),
  skipping: aSpec({ skipAnalysis: true }),
  unused: { ...rest, analysis: { ...analysis, onNoTraffic } },
};
const quiet = metricFacts({ readAt: now, quietSince: now - 100_000 });

function passed(
  spec: keyof typeof specs,
  stage: Partial<StageStatus>,
  metric: MetricFacts = healthy,
): string {
  const whole = { index: 0, weight: 100, enteredAt: ago(200), shiftedAt: ago(190), ...stage };
  const status = progressing(3, "confirmed", { release: { stage: whole } });
  const world = aReleasing(status, { spec: known(specs[spec]), metrics: known([metric]) });
  const s = assessSituation(world, now);
  const { holds } = isStagePassed(s);
  if (!holds) return "no";
  return isPassedUnproven(s) ? "unproven" : "yes";
}

describe("a stage is passed", () => {
  const confirmed = (seconds: number) => ({ routedAt: ago(180), trafficConfirmedAt: ago(seconds) });

  it.each([
    [60, healthy, "yes"],
    [59, healthy, "no"],
    [60, errorRate({ total: 4 }), "no"],
    [60, quiet, "no"],
  ])("on evidence: after %i s", (seconds, metric, outcome) => {
    expect(passed("plain", confirmed(seconds), metric)).toBe(outcome);
  });

  it("not while the routes are not known, and on what it had once they are again", () => {
    const status = progressing(1, "confirmed", {
      release: { stage: { index: 1, weight: 25, enteredAt: ago(200), ...confirmed(60) } },
    });
    const world = aReleasing(status, { metrics: known([healthy]) });
    const isPassed = (snapshot: Snapshot) => isStagePassed(assessSituation(snapshot, now)).holds;
    expect(isPassed({ ...world, routes: unknown("not read yet") })).toBe(false);
    expect(decideNow({ ...world, routes: unknown("not read yet") })).toMatchObject({
      kind: "Converge",
      actions: [],
    });
    expect(isPassed(world)).toBe(true);
  });

  it.each([
    ["plain", 5, "no"],
    ["skipping", 4, "no"],
    ["skipping", 5, "unproven"],
  ] as const)("without analysis: %s, routed %i s ago", (spec, seconds, outcome) => {
    expect(passed(spec, { routedAt: ago(seconds) })).toBe(outcome);
  });

  it.each([
    ["plain", 100, quiet, "no"],
    ["unused", 59, quiet, "no"],
    ["unused", 60, quiet, "unproven"],
    ["unused", 100, errorRate({ total: 4 }), "no"],
  ] as const)("without callers: %s, routed %i s ago", (spec, seconds, metric, outcome) => {
    expect(passed(spec, { routedAt: ago(seconds) }, metric)).toBe(outcome);
  });

  it("on evidence, where there is some, also if silence would do", () => {
    expect(passed("unused", confirmed(60))).toBe("yes");
  });

  it.each([
    [4, "no"],
    [5, "yes"],
  ])("by command, which somebody takes upon them: routed %i s ago", (seconds, outcome) => {
    expect(passed("plain", { routedAt: ago(seconds), passedBy: "7" }, quiet)).toBe(outcome);
  });

  it("never before its weight is routed", () => {
    for (const spec of ["plain", "skipping", "unused"] as const)
      expect(passed(spec, {}, quiet)).toBe("no");
  });
});

describe("a stage that had its time", () => {
  const random = createSeededRandom(21);
  const comparison = Array.from({ length: 6 }).reduce<Comparison>(
    (state) => addToComparison(state, errorBlock(random, { canary: 0, stable: 0 }), errorRules),
    newComparison("Ratio"),
  );
  const few = { ...healthy, state: { ...healthy.state, comparison } };

  /** At 50 %, for so long, where harm above so many points must be excluded by then. */
  function decided(seconds: number, excessBelow: number): string {
    const spec = aSpecWith({ compare: undefined });
    const onInconclusive = { action: "PromoteIfExcluded" as const, excessBelow };
    const content = { ...spec, analysis: { ...spec.analysis, onInconclusive } };
    const stage = {
      index: 2,
      weight: 50,
      enteredAt: ago(seconds),
      shiftedAt: ago(seconds),
      routedAt: ago(seconds),
      trafficConfirmedAt: ago(seconds),
    };
    const status = progressing(2, "confirmed", { release: { stage } });
    const world = aReleasing(status, { spec: known(content), metrics: known([few]) });
    const passed = isStagePassed(assessSituation(world, now));
    return `${decide(world, now).rule}: ${passed.holds ? passed.message : passed.because}`;
  }

  it("goes on if what the spec names is excluded, and says so", () => {
    expect(decided(1800, 2)).toMatch(
      /^advance: .*an excess above 2 points is excluded \(onInconclusive\)$/,
    );
    expect(decided(1799, 2)).toMatch(/^hold: .*more canary requests exclude an excess above 0.5/);
  });

  it("waits for a human if more is possible", () => {
    expect(decided(1800, 0.6)).toMatch(/^waitUndecided: /);
  });
});
