import { describe, expect, it } from "vitest";
import {
  assessRetreat,
  blindAt,
  hasRecoveredAtOnce,
  isStableWell,
  retreatOf,
} from "../../../src/core/canary/retreat.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { MetricFacts, Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known } from "../../../src/core/fact.ts";
import { blocksUntil, metricFacts, ratio } from "../../support/analysis.ts";
import {
  ago,
  aReleasing,
  blind,
  broken,
  failed,
  healthy,
  now,
  progressing,
  promoting,
  retreated,
  shared,
  unreadable,
} from "../../support/snapshots.ts";

const of = (status: Parameters<typeof aReleasing>[0], ...metrics: readonly MetricFacts[]) =>
  assessSituation(aReleasing(status, { metrics: known(metrics) }), now);

describe("a cause to retreat", () => {
  const causeOf = (...metrics: readonly MetricFacts[]) =>
    assessRetreat(of(progressing(1, "confirmed"), ...metrics));

  it("is an incident that both versions share, with the numbers of both", () => {
    expect(causeOf(shared)).toMatchObject({
      reason: "SharedIncident",
      metric: "error-rate",
      value: 20,
      stableValue: 20,
      limit: 5,
      detectedAt: now - 30_000,
      message: expect.stringMatching(/20 % of .* requests, limit 5 %.*stable is beyond the limit/),
    });
  });

  it("is a lack of data as long as a rollback may take", () => {
    const since = (seconds: number) =>
      causeOf(metricFacts({ ...blind.state, heardAt: now - seconds * 1000 }));
    expect(since(120)).toMatchObject({
      reason: "NoData",
      detectedAt: now - 120_000,
      message: "no usable data for 2 min: error-rate: Timeout: no answer within 5 s",
    });
    expect(since(119)).toBeUndefined();
  });

  it("is none while all is well, or while one version alone is beyond its limit", () => {
    expect(causeOf(healthy)).toBeUndefined();
    expect(causeOf(broken)).toBeUndefined();
    expect(causeOf(unreadable)).toBeUndefined();
  });

  it.each([
    ["at weight 0", progressing(0, "entered")],
    ["while the primary is being replaced", promoting("Available")],
    ["after the end", failed()],
  ])("is none %s", (_, status) => {
    expect(assessRetreat(of(status, shared))).toBeUndefined();
    expect(assessRetreat(of(status, blind))).toBeUndefined();
  });

  it("of a lack of data is looked for in time", () => {
    expect(blindAt(of(progressing(1, "confirmed"), unreadable))).toBe(now + 100_000);
    expect(blindAt(of(retreated("NoData"), blind))).toBeUndefined();
  });
});

/** Stable's blocks of 5 s since the retreat was confirmed 90 s ago: bad for so long, then good. */
function recovering(badSeconds: number, seconds = 90): MetricFacts {
  const count = seconds / 5;
  const arms = Array.from({ length: count }, (_, index) => {
    const isBad = (index + 1) * 5 <= badSeconds;
    return [ratio(0), ratio(200, isBad ? 60 : 0)] as const;
  });
  const endAt = now - (90 - seconds) * 1000;
  return metricFacts({ blocks: blocksUntil(endAt, arms, 5_000), readAt: endAt });
}

describe("stable after a retreat", () => {
  const incident = retreated("SharedIncident");
  const isBlamed = (facts: MetricFacts, status = incident): boolean =>
    hasRecoveredAtOnce(of(status, facts)).holds;

  it("speaks against the canary when it recovers within a minute, in two checks", () => {
    expect(isBlamed(recovering(0))).toBe(true);
    expect(isBlamed(recovering(60))).toBe(true);
    expect(isBlamed(recovering(65))).toBe(false);
    expect(isBlamed(recovering(0, 5))).toBe(false);
    expect(isBlamed(recovering(0, 10))).toBe(true);
  });

  it("says how long it took", () => {
    expect(hasRecoveredAtOnce(of(incident, recovering(40)))).toMatchObject({
      message:
        "error-rate: 20 % of both; stable recovered within 40 s once the new version had no traffic",
    });
  });

  it("is not heard before the retreat was seen to have worked, nor after a lack of data", () => {
    const drain = { startedAt: ago(101), routedAt: ago(100) };
    expect(isBlamed(recovering(0), retreated("SharedIncident", { status: { drain } }))).toBe(false);
    expect(isBlamed(recovering(0), retreated("NoData"))).toBe(false);
  });

  it("is well when it has held every limit for the warm-up", () => {
    const well = (badSeconds: number) => isStableWell(of(incident, recovering(badSeconds)));
    expect(well(60).holds).toBe(true);
    expect(well(65)).toEqual({
      holds: false,
      because:
        "all traffic is off the new version; it starts again at its first stage once stable holds every limit for 30 s (error-rate: so far for 25 s)",
    });
    expect(well(90)).toMatchObject({ because: expect.stringMatching(/error-rate: not yet/) });
  });

  it("may be reached beside the canary by a way that is not managed: then twice the deadline is waited", () => {
    const called = (seconds: number) => {
      const drain = { startedAt: ago(301), routedAt: ago(seconds), unconfirmed: true };
      const arms = Array.from({ length: 20 }, () => [ratio(20), ratio(200)] as const);
      const facts = metricFacts({ blocks: blocksUntil(now, arms, 5_000), readAt: now });
      return isStableWell(of(retreated("NoData", { status: { drain } }), facts)).holds;
    };
    expect(called(105)).toBe(true);
    expect(called(60)).toBe(false);
  });
});

describe("a retreat", () => {
  it("is in force in a stage only", () => {
    const snapshot = (status: Snapshot["status"]) => ({ status });
    expect(retreatOf(snapshot(retreated("NoData")))?.reason).toBe("NoData");
    expect(retreatOf(snapshot({ ...retreated("NoData"), phase: "Initialized" }))).toBeUndefined();
  });
});
