import { expect, it } from "vitest";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { waitingStatus } from "../../../src/core/canary/wait.ts";
import { ago, aReleasing, now, progressing } from "../../support/snapshots.ts";

it("keeps the weight and the stage, and tells people what is waited for", () => {
  const before = progressing(1, "confirmed");
  const s = assessSituation(aReleasing(before), now);

  const after = waitingStatus(s, s.status, "Paused", "paused by ann; resume it to go on");

  expect(after).toMatchObject({
    phase: "Waiting",
    waiting: { reason: "Paused", since: ago(0), message: "paused by ann; resume it to go on" },
    message: "paused by ann; resume it to go on",
    canaryWeight: before.canaryWeight,
    release: before.release,
    outbox: [{ reason: "Waiting", severity: "Warning", facts: { cause: "Paused" } }],
  });
  expect(after.conditions).toContainEqual(
    expect.objectContaining({ type: "Ready", status: "False", reason: "Waiting" }),
  );
});
