import { expect, it } from "vitest";
import type { ReleaseRecord } from "../../../src/api/canary-status.ts";
import { areOldRequestsTold } from "../../../src/core/canary/old-requests.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { known } from "../../../src/core/fact.ts";
import { ago, aReleasing, errorRate, now, progressing } from "../../support/snapshots.ts";

const superseded: ReleaseRecord = {
  id: "older-1",
  images: ["web:1"],
  startedAt: ago(300),
  endedAt: ago(0),
  outcome: "Superseded",
  reason: "NewRevision",
  peakWeight: 10,
};

/** Checked every 15 s, propagation 5 s. */
function guard(
  before: Partial<ReleaseRecord>,
  { scrapeSeconds = 15, status = progressing(0, "entered") } = {},
) {
  const metrics = known([{ ...errorRate({ total: 0 }, { total: 900 }), scrapeSeconds }]);
  const history = [{ ...superseded, ...before }];
  return areOldRequestsTold(
    assessSituation(aReleasing({ ...status, canaryWeight: 0, history }, { metrics }), now),
  );
}

it.each([
  [15, 35],
  [30, 65],
  [60, 125],
])(
  "holds the first weight until the last scrape every %d s is in a block of its own, %d s",
  (scrapeSeconds, seconds) => {
    expect(guard({ endedAt: ago(seconds - 1) }, { scrapeSeconds })).toEqual({
      holds: false,
      because: "waiting until callers have told of the last requests to the version before",
      dueAt: now + 1_000,
    });
    expect(guard({ endedAt: ago(seconds) }, { scrapeSeconds }).holds).toBe(true);
  },
);

it.each<[string, Partial<ReleaseRecord>]>([
  ["had no traffic", { peakWeight: 0 }],
  ["succeeded", { outcome: "Succeeded" }],
  ["failed, whose traffic was seen to stop", { outcome: "Failed" }],
])("waits for no version that %s", (_, before) => {
  expect(guard(before).holds).toBe(true);
});

it("waits for the one that had traffic, whatever came between", () => {
  const status = { ...progressing(0, "entered"), canaryWeight: 0 };
  const history = [{ ...superseded, id: "unseen-2", peakWeight: 0 }, superseded];
  const world = aReleasing({ ...status, history });
  expect(areOldRequestsTold(assessSituation(world, now)).holds).toBe(false);
});

it("holds no weight after the first, and no person's word", () => {
  expect(guard({}, { status: progressing(0, "confirmed") }).holds).toBe(true);
  const { release } = progressing(0, "entered");
  if (release?.stage === undefined) throw new Error("a release has a stage");
  const stage = { ...release.stage, byCommand: "c1" };
  expect(guard({}, { status: progressing(0, "entered", { release: { stage } }) }).holds).toBe(true);
});
