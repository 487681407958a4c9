import { expect, it } from "vitest";
import { hasCapacity, stageLabel, stageOf } from "../../../../src/core/canary/rules/stage.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import type { Workload } from "../../../../src/core/canary/snapshot.ts";
import { known, unknown } from "../../../../src/core/fact.ts";
import { aReleasing, aSnapshot, nextTarget, now, progressing } from "../../../support/snapshots.ts";

const inStage = (index: number, target: Partial<Workload> = {}) =>
  assessSituation(
    aReleasing(progressing(index, "entered"), { target: known({ ...nextTarget, ...target }) }),
    now,
  );

it("is named as people count", () => {
  expect(stageLabel(inStage(1))).toBe("stage 2/4 (25 %)");
  expect(stageOf(inStage(1))?.weight).toBe(25);
  const idle = assessSituation(aSnapshot(), now);
  expect([stageLabel(idle), stageOf(idle)]).toEqual(["", undefined]);
});

it.each([
  ["enough", 1, { availableReplicas: 2 }, true],
  ["one too few", 1, { availableReplicas: 1 }, false],
  ["as many as the primary at 100 %", 3, { availableReplicas: 4 }, true],
  ["one fewer than the primary at 100 %", 3, { availableReplicas: 3 }, false],
  ["older ones among them", 1, { isRolledOut: false }, false],
  ["another template's", 1, { templateHash: "third" }, false],
])("has the pods that it needs: %s", (_, index, target, holds) => {
  expect(hasCapacity(inStage(index, target)).holds).toBe(holds);
});

it("says how many pods it waits for", () => {
  expect(hasCapacity(inStage(3, { availableReplicas: 1 }))).toMatchObject({
    because: "stage 4/4 (100 %): 1 of 4 canary pods are available",
  });
  const blind = aReleasing(progressing(1, "entered"), { target: unknown("not read yet") });
  expect(hasCapacity(assessSituation(blind, now))).toMatchObject({ because: "not read yet" });
  expect(hasCapacity(assessSituation(aSnapshot(), now)).holds).toBe(false);
});
