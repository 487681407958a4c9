import { expect, it } from "vitest";
import { firstStage, restartedPhase } from "../../../../src/core/canary/rules/first-stage.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import { unknown } from "../../../../src/core/fact.ts";
import { ago, aReleasing, now, statuses } from "../../../support/snapshots.ts";

const of = (name: string, world = {}) =>
  assessSituation(aReleasing(statuses[name] ?? {}, world), now);

it("begins anew at the first stage, now", () => {
  expect(firstStage(of("full"))).toEqual({
    index: 0,
    count: 4,
    kind: "Weight",
    weight: 10,
    enteredAt: ago(0),
  });
  expect(firstStage(of("full", { spec: unknown("not read yet") }))).toBeUndefined();
});

it("leaves every wait but that for an approval", () => {
  expect(restartedPhase(of("unapproved"))).toEqual({ phase: "Progressing" });
  expect(restartedPhase(of("paused"))).toEqual({});
});
