import { describe, expect, it } from "vitest";
import type { EventReason } from "../../../src/api/conditions.ts";
import { eventFacts } from "../../../src/api/event-facts.ts";
import {
  endedFacts,
  occurrence,
  releaseStarted,
  rollbackStartedFacts,
  rolledBackFacts,
  stableFacts,
  unconfirmedFacts,
} from "../../../src/core/canary/notices.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { known, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aRelease,
  aReleasing,
  aSnapshot,
  aSpec,
  broken,
  failed,
  now,
  progressing,
} from "../../support/snapshots.ts";

const bad = assessSituation(
  aReleasing(progressing(1, "confirmed"), { metrics: known([broken]) }),
  now,
);
const off = assessSituation(
  aReleasing(failed({ drain: { startedAt: ago(9), routedAt: ago(8) } })),
  now,
);

describe("facts", () => {
  it("of a rollback that begins name what was measured", () => {
    expect(rollbackStartedFacts(bad, bad.evidence, "MetricLimitExceeded")).toEqual({
      release: "next-1",
      images: "web:2",
      stableImages: "web:1",
      cause: "MetricLimitExceeded",
      peakWeight: "25",
      metric: "error-rate",
      value: "20",
      limit: "5",
      unit: "%",
      samples: "100",
      decidedSeconds: "30",
    });
  });

  it("of a rollback without a metric leave out what there is not", () => {
    expect(rollbackStartedFacts(off, undefined, "NewRevision")).toEqual({
      release: "next-1",
      images: "web:2",
      stableImages: "web:1",
      cause: "NewRevision",
      peakWeight: "25",
    });
  });

  it("of a rollback that was confirmed count from the first check beyond the limit", () => {
    const { release } = off.status;
    const rollback = {
      reason: "MetricLimitExceeded",
      message: "",
      detectedAt: ago(40),
      decidedAt: ago(10),
      appliedAt: ago(8),
    };
    const status = { ...off.status, release: { ...aRelease(release), rollback } };
    expect(rolledBackFacts(off, status)).toMatchObject({
      cause: "MetricLimitExceeded",
      decidedSeconds: "30",
      appliedSeconds: "32",
      confirmedSeconds: "40",
    });
  });

  it("of a rollback that was not confirmed say how long was waited", () => {
    expect(unconfirmedFacts(off)).toMatchObject({ waitedSeconds: "8", metric: "error-rate" });
  });

  it("hold what their event has, and nothing else", () => {
    const given: Partial<Record<EventReason, object>> = {
      RollbackStarted: rollbackStartedFacts(bad, bad.evidence, "MetricLimitExceeded"),
      RolledBack: rolledBackFacts(off, off.status),
      RollbackUnconfirmed: unconfirmedFacts(off),
      Superseded: endedFacts(bad),
      Reverted: endedFacts(bad),
      ReleaseStarted: releaseStarted(bad, aRelease(), aSpec()).facts,
    };
    for (const [reason, facts] of Object.entries(given)) {
      const lists = Object.entries(eventFacts).find(([name]) => name === reason)?.[1];
      const always: readonly string[] = lists?.always ?? [];
      const names = Object.keys(facts);
      expect(names).toEqual(expect.arrayContaining([...always]));
      expect([...always, ...(lists?.ifKnown ?? [])]).toEqual(expect.arrayContaining(names));
    }
  });

  it("are cut to what the schema takes", () => {
    const images = Array.from({ length: 5 }, () => "i".repeat(200));
    const { facts } = releaseStarted(bad, aRelease({ images }), aSpec());
    expect(facts).toMatchObject({ images: expect.stringMatching(/^.{511}…$/) });
  });

  it("leave out the stable images while the primary is unknown", () => {
    const blind = assessSituation(aSnapshot({ primary: unknown("not read yet") }), now);
    expect(stableFacts(blind)).toEqual({});
  });
});

describe("what may happen again", () => {
  it("has another id each time", () => {
    const later = assessSituation(aSnapshot(), now + 1);
    expect(occurrence(later)).not.toBe(occurrence(assessSituation(aSnapshot(), now)));
  });
});
