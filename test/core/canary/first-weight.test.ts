import { expect, it } from "vitest";
import { isBeforeFirstWeight } from "../../../src/core/canary/first-weight.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { aReleasing, initialized, now, progressing } from "../../support/snapshots.ts";

const isBefore = (status = progressing(0, "entered"), weight = 0) =>
  isBeforeFirstWeight(assessSituation(aReleasing({ ...status, canaryWeight: weight }), now));

it("is told before the first weight alone", () => {
  expect(isBefore()).toBe(true);
  expect(isBefore(progressing(0, "confirmed"))).toBe(false);
  expect(isBefore(progressing(1, "entered"), 10)).toBe(false);
  expect(isBefore(initialized())).toBe(false);
});

it("is passed by where a person's command, or the spec, skips the guards", () => {
  const { release } = progressing(0, "entered");
  if (release?.stage === undefined) throw new Error("a release has a stage");
  const stage = { ...release.stage, byCommand: "c1" };
  expect(isBefore(progressing(0, "entered", { release: { stage } }))).toBe(false);
  const { status, spec } = assessSituation(aReleasing(progressing(0, "entered")), now);
  if (spec === undefined) throw new Error("it has a spec");
  expect(isBeforeFirstWeight({ status, spec: { ...spec, skipAnalysis: true } })).toBe(false);
});
