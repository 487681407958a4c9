import { describe, expect, it } from "vitest";
import type { DrainStatus } from "../../../../src/api/canary-status.ts";
import { isDrainOver } from "../../../../src/core/canary/rules/drain-rules.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import type { MetricFacts, Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import { metricFacts } from "../../../support/analysis.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  decideNow,
  errorRate,
  failed,
  finalising,
  initializing,
  now,
  settled,
  silent,
  someRoutes,
  statusAfter,
  unreadable,
  unused,
} from "../../../support/snapshots.ts";

function draining(drain: Partial<DrainStatus>, world: Partial<Snapshot> = {}): Snapshot {
  return aReleasing(failed({ drain: { startedAt: ago(100), ...drain } }), world);
}
const routed = (seconds: number, metric: MetricFacts): Snapshot =>
  draining({ routedAt: ago(seconds) }, { metrics: known([metric]) });

describe("the routes", () => {
  it.each([
    ["carry nothing", known(someRoutes()), "recordRouted"],
    ["carry some", known(someRoutes({ canaryWeight: 1 })), "lowerRoutes"],
    ["say nothing explicit", known(someRoutes({ isUniform: false })), "hold"],
    ["are unknown", unknown("not read yet"), "hold"],
  ])("are off once they %s", (_, routes, rule) => {
    expect(decideNow(draining({}, { routes }))).toMatchObject({ rule });
  });
});

describe("a drain", () => {
  it.each([
    ["seen to have stopped", 40, silent, "confirmDrain"],
    ["still seen", 60, errorRate({ total: 1 }), "reportUnconfirmedDrain"],
    ["not read at all, in time", 34, unreadable, "hold"],
    ["not read at all, late", 35, unreadable, "reportUnconfirmedDrain"],
    ["of a service that nobody calls, within the delay", 64, unused, "hold"],
    ["not looked for yet, however late", 900, metricFacts(), "hold"],
    ["of a service that nobody calls, after it", 65, unused, "confirmDrain"],
  ])("is %s", (_, seconds, metric, rule) => {
    expect(decideNow(routed(seconds, metric))).toMatchObject({ rule });
  });

  it("is reported late once, and confirmed all the same", () => {
    const late = { routedAt: ago(60), unconfirmed: true };
    expect(decideNow(draining(late))).toMatchObject({ kind: "Converge" });
    const stopped = draining(late, { metrics: known([silent]) });
    expect(statusAfter(stopped).outbox).toMatchObject([{ reason: "RolledBack" }]);
  });

  it("is reported late to nobody where no version was rolled back", () => {
    const drain = { startedAt: ago(40), routedAt: ago(36) };
    const status = statusAfter(aReleasing(finalising({ drain })));
    expect(status.drain?.unconfirmed).toBe(true);
    expect(status.outbox).toBeUndefined();
  });

  it("goes on while metrics are missing, and ends when they are back", () => {
    const blind = draining(
      { routedAt: ago(60), unconfirmed: true },
      { metrics: missing("TemplateNotFound", "…") },
    );
    const told = { ...blind, status: statusAfter(blind) };
    expect(decideNow(told).kind).not.toBe("Transition");
    expect(decideNow({ ...told, metrics: known([silent]) })).toMatchObject({ kind: "Transition" });
  });

  it("of the initialisation ends in Initialized", () => {
    const status = settled(
      initializing("Shift", { drain: { startedAt: ago(90), routedAt: ago(80) } }),
    );
    const world = aSnapshot({ status, target: known(aWorkload()), metrics: known([silent]) });
    expect(statusAfter(world)).toMatchObject({
      phase: "Initialized",
      message: "the primary serves all traffic; waiting for a new version",
      outbox: [{ reason: "Initialized", facts: { stableImages: "web:1" } }],
    });
    expect(statusAfter(world)).not.toHaveProperty("initialisation");
  });

  it("of a failed release tells how long everything took", () => {
    const status = statusAfter(routed(40, silent));
    expect(status.release?.rollback?.confirmedAt).toBe(ago(0));
    expect(status.outbox).toMatchObject([
      {
        reason: "RolledBack",
        severity: "Error",
        facts: { decidedSeconds: "30", confirmedSeconds: "40" },
      },
    ]);
  });

  it("of a release that ended without a verdict tells nothing more", () => {
    const snapshot = routed(40, silent);
    const status = { ...snapshot.status, phase: "Initialized" as const };
    expect(statusAfter({ ...snapshot, status }).outbox).toBeUndefined();
  });
});

describe("idle pods", () => {
  const over = (seconds: number) =>
    isDrainOver(assessSituation(draining({ routedAt: ago(90), confirmedAt: ago(seconds) }), now));

  it.each([
    [29, false],
    [30, true],
  ])("are kept for 30 s after their last request: %i s, %s", (seconds, holds) => {
    expect(over(seconds).holds).toBe(holds);
  });

  it("are looked at again when that time is over", () => {
    expect(over(20)).toMatchObject({ dueAt: now + 10_000 });
  });

  it("are kept while their last request was not seen", () => {
    expect(isDrainOver(assessSituation(draining({ routedAt: ago(900) }), now)).holds).toBe(false);
  });
});
