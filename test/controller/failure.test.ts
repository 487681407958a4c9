import { describe, expect, it } from "vitest";
import { isBug, remedyFor, takesTrafficOff } from "../../src/controller/failure.ts";
import type { Decision } from "../../src/core/canary/decision.ts";
import { InvariantError, RetryableError, StallError } from "../../src/ports/errors.ts";

const setWeight = (direction: "Raise" | "Lower") =>
  ({ kind: "SetWeight", canaryWeight: 10, direction }) as const;
const converge = (...actions: Extract<Decision, { kind: "Converge" }>["actions"]): Decision => ({
  kind: "Converge",
  rule: "hold",
  actions,
  message: "",
  requeueAfterMs: undefined,
});

const urgent: Readonly<Record<string, Decision>> = {
  "a rollback": { kind: "Rollback", rule: "rollBack", status: {} },
  "taking weight off": converge(setWeight("Lower")),
  "taking weight off among others": converge(
    { kind: "CreateObjects", canaryWeight: 0 },
    setWeight("Lower"),
  ),
};
const ordinary: Readonly<Record<string, Decision | undefined>> = {
  "a transition": { kind: "Transition", rule: "advance", status: {} },
  "raising a weight": converge(setWeight("Raise")),
  "nothing to do": converge(),
  "a stall": { kind: "Stall", rule: "hold", reason: "NotAccepted", message: "" },
  "no decision yet": undefined,
};
const errors: Readonly<Record<string, unknown>> = {
  "a conflict": new RetryableError("Conflict", "changed"),
  "a request to wait for an hour": new RetryableError("TooManyRequests", "wait", 3_600_000),
  "a refusal": new StallError("Forbidden", "not allowed"),
  "a bug": new InvariantError("cannot be"),
  "an error of no known kind": new TypeError("x is not a function"),
  "no error at all": "thrown text",
};

const random = () => 0;

describe("remedyFor", () => {
  for (const [what, decision] of Object.entries(urgent)) {
    it.each(Object.keys(errors))(
      `tries ${what} again within a second, for ever, after %s`,
      (name) => {
        const waits = [0, 1, 2, 3, 4, 5, 1_000].map((attempt) =>
          remedyFor(errors[name], decision, attempt, random),
        );
        expect(waits.map((remedy) => remedy.kind === "Retry" && remedy.afterMs)).toEqual([
          50, 100, 200, 400, 800, 1_000, 1_000,
        ]);
        expect(
          waits.every((remedy) => remedy.kind === "Retry" && remedy.priority === "Urgent"),
        ).toBe(true);
      },
    );
  }

  for (const [what, decision] of Object.entries(ordinary)) {
    it(`backs off from ${what} that time may cure, from 200 ms to 30 s`, () => {
      const remedy = (attempt: number) =>
        remedyFor(errors["a conflict"], decision, attempt, random);
      expect(remedy(0)).toEqual({
        kind: "Retry",
        afterMs: 200,
        priority: "Normal",
        reason: "Conflict",
      });
      expect(remedy(1_000)).toMatchObject({ afterMs: 30_000 });
    });

    it(`stalls ${what} that a human must mend`, () => {
      expect(remedyFor(errors["a refusal"], decision, 0, random)).toEqual({
        kind: "Stall",
        reason: "Forbidden",
        message: "not allowed",
      });
    });

    it.each(["a bug", "an error of no known kind", "no error at all"])(
      `stops ${what} after %s`,
      (name) => {
        expect(remedyFor(errors[name], decision, 3, random)).toEqual({ kind: "Stop" });
      },
    );
  }

  it.each([
    [0, 200],
    [150, 200],
    [5_000, 5_000],
    [60_000, 60_000],
    [3_600_000, 60_000],
  ])("waits as long as the other side asks, within bounds: %i ms", (asked, waits) => {
    const error = new RetryableError("TooManyRequests", "wait", asked);
    expect(remedyFor(error, ordinary["a transition"], 0, random)).toMatchObject({ afterMs: waits });
  });

  it("calls a stall for a reason that is in no catalogue a rejection", () => {
    const error = new StallError("AdmissionDenied", "policy says no");
    expect(remedyFor(error, undefined, 0, random)).toMatchObject({
      reason: "Rejected",
      message: "policy says no",
    });
  });

  it("names the reason of an urgent attempt again, and a bug where it has none", () => {
    const reasons = ["a conflict", "a refusal", "a bug", "no error at all"].map((name) => {
      const remedy = remedyFor(errors[name], urgent["a rollback"], 0, random);
      return remedy.kind === "Retry" && remedy.reason;
    });
    expect(reasons).toEqual(["Conflict", "Forbidden", "Bug", "Bug"]);
  });
});

describe("takesTrafficOff", () => {
  it("is true of rollbacks and of lowering, of nothing else", () => {
    for (const decision of Object.values(urgent)) expect(takesTrafficOff(decision)).toBe(true);
    for (const decision of Object.values(ordinary))
      expect(decision !== undefined && takesTrafficOff(decision)).toBe(false);
  });
});

describe("isBug", () => {
  it("is true of every error that no adapter means to throw", () => {
    const bugs = Object.keys(errors).filter((name) => isBug(errors[name]));
    expect(bugs).toEqual(["a bug", "an error of no known kind", "no error at all"]);
  });
});
