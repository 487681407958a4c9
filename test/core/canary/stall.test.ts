import { expect, it } from "vitest";
import { assessStall } from "../../../src/core/canary/stall.ts";
import { missing, unknown } from "../../../src/core/fact.ts";
import {
  aNewcomer,
  aSnapshot,
  decideNow,
  initializing,
  settled,
  statusAfter,
} from "../../support/snapshots.ts";

const gone = missing("PrimaryNotFound", "Deployment shop/web-primary does not exist");
const stall = { reason: "Forbidden" as const, message: "may not patch" };

it("is nothing in a healthy Canary", () => {
  expect(assessStall(aSnapshot())).toBeUndefined();
});

it("is what an action met, before all else", () => {
  expect(assessStall(aSnapshot({ stall, primary: gone }))).toEqual(stall);
});

it("is a primary that served and is gone, with what happens now or what to do", () => {
  const because = "Deployment shop/web-primary does not exist";
  expect(assessStall(aSnapshot({ primary: gone }))).toEqual({
    reason: "PrimaryMissing",
    message: `${because}; it is made anew from the template that was promoted last, as the target or one of its ReplicaSets has it; check its replicas`,
  });
  const taken = missing("PrimaryNameTaken", "somebody else has its name");
  expect(assessStall(aSnapshot({ primary: taken }))).toEqual({
    reason: "PrimaryMissing",
    message: "somebody else has its name; restore it",
  });
});

it("is no primary that is still to be created, or was not read", () => {
  expect(assessStall(aNewcomer())).toBeUndefined();
  const creating = { status: settled(initializing("CreatePrimary")), primary: gone };
  expect(assessStall(aSnapshot(creating))).toBeUndefined();
  expect(assessStall(aSnapshot({ primary: unknown("not read yet") }))).toBeUndefined();
});

it("is told once, and taken back when the primary is there again", () => {
  const snapshot = aSnapshot({ primary: gone });
  const status = statusAfter(snapshot);
  expect(status.conditions).toMatchObject([
    { type: "Ready", status: "False", reason: "Stalled" },
    { type: "Reconciling", status: "False" },
    { type: "Stalled", status: "True", reason: "PrimaryMissing" },
    ...Array.from({ length: 5 }, () => ({})),
  ]);
  expect(status.outbox).toMatchObject([{ reason: "Stalled", facts: { cause: "PrimaryMissing" } }]);
  expect(decideNow({ ...snapshot, status })).toMatchObject({
    kind: "Converge",
    actions: [{ kind: "CreatePrimary" }],
  });
  expect(decideNow(aSnapshot({ status }))).toMatchObject({ rule: "reportStall" });
});
