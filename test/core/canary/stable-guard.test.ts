import { expect, it } from "vitest";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { mayBeginBesideStable } from "../../../src/core/canary/stable-guard.ts";
import { known } from "../../../src/core/fact.ts";
import { aReleasing, errorRate, now, progressing, retreated } from "../../support/snapshots.ts";

const guard = (secondsAgo: number | undefined, status = progressing(0, "entered")) => {
  const breachEndAt = secondsAgo === undefined ? undefined : now - secondsAgo * 1000;
  const stable = { breaches: 0, breachEndAt, judgedAt: now };
  const metrics = known([errorRate({ total: 0 }, { total: 900 }, { stable })]);
  return mayBeginBesideStable(assessSituation(aReleasing(status, { metrics }), now));
};

it("holds the first weight until stable was within its limits for the warm-up", () => {
  expect(guard(29)).toEqual({
    holds: false,
    because:
      "not started: stable itself is beyond the limit of error-rate, 5 %; the release begins once it holds it again",
  });
  expect(guard(30).holds).toBe(true);
  expect(guard(undefined).holds).toBe(true);
});

it("holds no weight after the first, and no person's word", () => {
  expect(guard(0, progressing(1, "entered")).holds).toBe(true);
  expect(guard(0, progressing(0, "confirmed")).holds).toBe(true);
  expect(guard(0, retreated("SharedIncident")).holds).toBe(true);
  const { release } = progressing(0, "entered");
  if (release?.stage === undefined) throw new Error("a release has a stage");
  const stage = { ...release.stage, byCommand: "c1" };
  expect(guard(0, progressing(0, "entered", { release: { stage } })).holds).toBe(true);
});
