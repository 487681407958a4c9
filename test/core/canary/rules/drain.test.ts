import { describe, expect, it } from "vitest";
import type { DrainStatus } from "../../../../src/api/canary-status.ts";
import { isDrainOver } from "../../../../src/core/canary/rules/drain.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import { ago, aReleasing, failed, now } from "../../../support/snapshots.ts";

const draining = (drain: Partial<DrainStatus>) =>
  aReleasing(failed({ drain: { startedAt: ago(100), ...drain } }));

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
