import { expect, it } from "vitest";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { known, missing } from "../../../src/core/fact.ts";
import { aNewcomer, aReleasing, aSpec, broken, now, progressing } from "../../support/snapshots.ts";

it("calls a Canary new that was never touched", () => {
  expect(assessSituation(aNewcomer(), now)).toMatchObject({
    phase: "New",
    spec: aSpec(),
    acceptance: { kind: "Accepted" },
    evidence: undefined,
    now,
  });
});

it("draws evidence from the checks of a release", () => {
  const snapshot = aReleasing(progressing(0, "confirmed"), { metrics: known([broken]) });
  expect(assessSituation(snapshot, now)).toMatchObject({
    phase: "Progressing",
    checks: [{ verdict: "Fail" }],
    evidence: { reason: "MetricLimitExceeded" },
  });
});

it("has no spec while it cannot be read", () => {
  const snapshot = aNewcomer({ spec: missing("Invalid", "spec.stages: …") });
  expect(assessSituation(snapshot, now)).toMatchObject({
    spec: undefined,
    acceptance: { kind: "Refused", reason: "Invalid" },
    checks: [],
  });
});
