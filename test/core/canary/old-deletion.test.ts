import { expect, it } from "vitest";
import { forgetOldDeletion } from "../../../src/core/canary/old-deletion.ts";
import { missing } from "../../../src/core/fact.ts";
import {
  aSnapshot,
  decideNow,
  deleted,
  initialized,
  statusAfter,
  terminating,
} from "../../support/snapshots.ts";

const restored = aSnapshot({ status: terminating("Serve") });

it("leaves a Canary alone that is being deleted, and one that never was", () => {
  const ending = aSnapshot({ status: terminating("Serve"), ...deleted });
  expect(forgetOldDeletion(ending)).toBe(ending);
  const idle = aSnapshot();
  expect(forgetOldDeletion(idle)).toBe(idle);
});

it("begins a Canary anew whose status says, from a backup, that it is being deleted", () => {
  expect(decideNow(restored)).toMatchObject({ rule: "beginInitialisation" });
  const status = statusAfter(restored);
  expect(status.phase).toBe("Initializing");
  expect(status).not.toHaveProperty("deletion");
});

it("raises nothing for it, and deletes nothing", () => {
  const primary = missing("PrimaryNotFound", "Deployment shop/web-primary does not exist");
  for (const world of [restored, { ...restored, primary }]) {
    const decision = decideNow(world);
    expect(decision.kind).toBe("Transition");
  }
});

it("keeps the phase of a life that went on", () => {
  const { deletion } = terminating("Serve");
  const status = initialized(deletion === undefined ? {} : { deletion });
  expect(forgetOldDeletion(aSnapshot({ status })).status).toEqual(initialized());
});
