import { expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { assessStall } from "../../../src/core/canary/stall.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aNewcomer,
  aReleasing,
  aSnapshot,
  aWorkload,
  decideNow,
  initializing,
  now,
  promoting,
  settled,
  statusAfter,
} from "../../support/snapshots.ts";

const gone = missing("PrimaryNotFound", "Deployment shop/web-primary does not exist");
const sinceTenMinutes = { step: "CreatePrimary" as const, since: ago(600) };
const { canaryWeight: _, ...unrouted } = initializing("CreatePrimary", {
  initialisation: sinceTenMinutes,
});
const adopting: CanaryStatus = unrouted;
const restoring = promoting("Restore", {
  release: { promotion: { step: "Restore", since: ago(600), savedHash: "good" } },
});
const stall = { reason: "Forbidden" as const, message: "may not patch" };

it("is nothing in a healthy Canary", () => {
  expect(assessStall(aSnapshot(), now)).toBeUndefined();
});

it("is what an action met, before all else", () => {
  expect(assessStall(aSnapshot({ stall, primary: gone }), now)).toEqual(stall);
});

it("is a primary that served and is gone, with what happens now or what to do", () => {
  const because = "Deployment shop/web-primary does not exist";
  expect(assessStall(aSnapshot({ primary: gone }), now)).toEqual({
    reason: "PrimaryMissing",
    message: `${because}; it is made anew from the template that was promoted last, as the target or one of its ReplicaSets has it; check its replicas`,
  });
  const taken = missing("PrimaryNameTaken", "somebody else has its name");
  expect(assessStall(aSnapshot({ primary: taken }), now)).toEqual({
    reason: "PrimaryMissing",
    message: "somebody else has its name; restore it",
  });
});

it("is no primary that is still to be created, or was not read", () => {
  expect(assessStall(aNewcomer(), now)).toBeUndefined();
  const creating = { status: settled(initializing("CreatePrimary")), primary: gone };
  expect(assessStall(aSnapshot(creating), now)).toBeUndefined();
  expect(assessStall(aSnapshot({ primary: unknown("not read yet") }), now)).toBeUndefined();
});

it.each([
  ["at its start", "it has", initializing("CreatePrimary", { initialisation: sinceTenMinutes })],
  ["that was there before Serin", "it has", adopting],
  ["on its way back to its earlier template", "one of its pods is", restoring],
])("is a primary that does not come up in time %s", (_, until, status) => {
  const down = (world = {}) =>
    aReleasing(status, {
      primary: known(aWorkload({ name: "web-primary", availableReplicas: 0, isRolledOut: false })),
      ...world,
    });
  expect(assessStall(down(), now - 1)).toBeUndefined();
  expect(assessStall(down(), now)).toMatchObject({
    reason: "PrimaryUnavailable",
    message: `Deployment web-primary did not become available within 600 s; the traffic stays where it is until ${until}. See: kubectl -n shop describe deployment web-primary`,
  });
  const after = statusAfter(down());
  expect(after.canaryWeight).toBe(status.canaryWeight);
  expect(after.conditions).toContainEqual(
    expect.objectContaining({ type: "Stalled", status: "True", reason: "PrimaryUnavailable" }),
  );
  expect(after.outbox).toMatchObject([{ reason: "Stalled" }]);
  expect(decideNow(down({ status: after }))).toMatchObject({ rule: "hold", actions: [] });
  expect(assessStall(down({ primary: known(aWorkload()) }), now)).toBeUndefined();
});

it("is no way back on which the primary has a pod to take the traffic", () => {
  const primary = known(aWorkload({ availableReplicas: 1, isRolledOut: false }));
  expect(assessStall(aReleasing(restoring, { primary }), now)).toBeUndefined();
});

it("is looked for once the primary's time is over", () => {
  const status = settled(initializing("CreatePrimary"));
  const primary = known(aWorkload({ name: "web-primary", availableReplicas: 0 }));
  const waiting = aReleasing(status, { target: known(aWorkload()), primary });
  expect(decideNow(waiting)).toMatchObject({ rule: "hold", requeueAfterMs: 25_000 });
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
