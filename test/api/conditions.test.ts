import { describe, expect, expectTypeOf, it } from "vitest";
import type { Condition, ReleaseRecord } from "../../src/api/canary-status.ts";
import {
  type ConditionClaim,
  type ConditionReason,
  type ConditionStatus,
  conditions,
  events,
  isEventReason,
  isFailureReason,
  isRefusalReason,
  isStallReason,
  type ReleaseOutcome,
  type ReleaseReason,
  releaseReasons,
} from "../../src/api/conditions.ts";

const everyReason = [
  ...Object.values(conditions).flatMap(({ reasons }) =>
    Object.values(reasons).flatMap((byReason) => Object.entries<string>(byReason)),
  ),
  ...Object.entries(events).map(([reason, { doc }]) => [reason, doc] as const),
  ...Object.values(releaseReasons).flatMap((reasons) => Object.entries<string>(reasons)),
];

describe("the catalogue of conditions", () => {
  it("names every type and reason in PascalCase, within the bounds of status", () => {
    const words = [...Object.keys(conditions), ...everyReason.map(([reason]) => reason)];
    expect(words.filter((word) => !/^[A-Z][A-Za-z]{1,63}$/.test(word))).toEqual([]);
  });

  it("explains every reason in one sentence on one line", () => {
    const docs = [
      ...Object.values(conditions).map(({ doc }) => doc),
      ...everyReason.map((r) => r[1]),
    ];
    expect(docs.filter((doc) => !/^[A-Z][^\n]*\.$/.test(doc))).toEqual([]);
  });

  it("has a reason for True and for False of every type", () => {
    for (const { reasons } of Object.values(conditions)) {
      expect(Object.keys(reasons.True)).not.toEqual([]);
      expect(Object.keys(reasons.False)).not.toEqual([]);
    }
  });

  it("lets the core claim catalogued reasons only", () => {
    expectTypeOf<ConditionReason<"Stalled", "False">>().toEqualTypeOf<"NotStalled">();
    expectTypeOf<ConditionReason<"Ready", "Unknown">>().toEqualTypeOf<never>();
    expectTypeOf<ConditionStatus>().toEqualTypeOf<Condition["status"]>();
    const claim: ConditionClaim = {
      type: "Accepted",
      status: "False",
      reason: "TargetNotFound",
      message: "no Deployment order-service in order-prod",
    };
    // @ts-expect-error A reason of another status is refused by the compiler.
    const wrong: ConditionClaim = { ...claim, status: "True" };
    expect(wrong.reason).toBe("TargetNotFound");
  });

  it("knows the outcomes of the history", () => {
    expectTypeOf<ReleaseOutcome>().toEqualTypeOf<ReleaseRecord["outcome"]>();
    expectTypeOf<ReleaseReason<"Reverted">>().toEqualTypeOf<"TemplateReverted">();
  });
});

describe("words from outside", () => {
  it.each([
    [isRefusalReason, "RouteNotFound", "RouteLost"],
    [isStallReason, "SavedTemplateMissing", "NotStalled"],
    [isFailureReason, "CanaryCrashing", "CanaryBored"],
    [isEventReason, "RolledBack", "rolledback"],
  ])("are told apart from catalogued ones (%o)", (isReason, known, foreign) => {
    expect(isReason(known)).toBe(true);
    expect(isReason(foreign)).toBe(false);
    expect(isReason("toString")).toBe(false);
  });
});
