import { describe, expect, it } from "vitest";
import type { DrainStatus } from "../../../../src/api/canary-status.ts";
import { isDrainOver } from "../../../../src/core/canary/rules/drain.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import { known } from "../../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  errorRate,
  failed,
  now,
  someRoutes,
  statusAfter,
} from "../../../support/snapshots.ts";

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

describe("requests that do not stop", () => {
  it("are told with the rules by which they may come", () => {
    const otherRoutes = ["VirtualService shop/beside, its HTTP rule (30 %)"];
    const status = failed({ drain: { startedAt: ago(56), routedAt: ago(55) } });
    const late = aReleasing(status, {
      metrics: known([errorRate({ total: 50 })]),
      routes: known(someRoutes({ otherRoutes })),
    });
    const { outbox, message } = statusAfter(late);
    const named = /; it is also reached by VirtualService shop\/beside, its HTTP rule \(30 %\)$/;
    expect(outbox).toMatchObject([
      { reason: "RollbackUnconfirmed", message: expect.stringMatching(named) },
    ]);
    expect(message).toMatch(named);
  });

  // Settled after 20 s, scraped up to 15 s later, read up to 15 s after that, within 5 s.
  it.each([
    [54.9, undefined],
    [55, true],
  ])("are told once no scrape and no read can be under way any more: %d s, %s", (seconds, told) => {
    const status = failed({ drain: { startedAt: ago(60), routedAt: ago(seconds) } });
    const late = aReleasing(status, { metrics: known([errorRate({ total: 50 })]) });
    expect(statusAfter(late).drain?.unconfirmed).toBe(told);
  });
});
