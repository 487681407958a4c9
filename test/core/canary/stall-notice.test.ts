import { expect, it } from "vitest";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing } from "../../../src/core/fact.ts";
import {
  ago,
  aSnapshot,
  decideNow,
  initialized,
  nextTarget,
  settled,
  statusAfter,
} from "../../support/snapshots.ts";

const stall = { reason: "SavedTemplateMissing", message: "it is gone" } as const;
const notices = ({ outbox = [] }: Snapshot["status"]) =>
  outbox.filter(({ reason }) => reason === "Stalled");

it("tells of a stall with the transition that records it first, and not again", () => {
  const world = aSnapshot({ status: settled(initialized()), target: known(nextTarget), stall });
  expect(decideNow(world).rule).toBe("startRelease");
  const begun = statusAfter(world);
  expect(notices(begun)).toMatchObject([{ message: "it is gone", facts: { cause: stall.reason } }]);
  const after = { ...begun, refreshedAt: ago(90) };
  expect(notices(statusAfter({ ...world, status: after }))).toHaveLength(1);
});

it("says nothing beside a refusal, which says more, nor where nothing stalls", () => {
  const status = settled(initialized());
  const refused = aSnapshot({ status, stall, routes: missing("RouteNotFound", "no rule") });
  expect(notices(statusAfter(refused))).toEqual([]);
  const fine = aSnapshot({ status, target: known(nextTarget) });
  expect(notices(statusAfter(fine))).toEqual([]);
});
