import { describe, expect, it } from "vitest";
import { known } from "../../../../src/core/fact.ts";
import {
  ago,
  aSnapshot,
  aWorkload,
  decideNow,
  initialized,
  settled,
  statusAfter,
} from "../../../support/snapshots.ts";

describe("a count of drifts", () => {
  it.each([
    [599, "hold"],
    [600, "settleDrift"],
  ])("is dropped ten minutes after the last: %i s, %s", (seconds, rule) => {
    const drift = { repairedAt: [ago(900), ago(seconds)], manager: "somebody", seen: "1" };
    const snapshot = aSnapshot({ status: settled(initialized({ drift })) });
    expect(decideNow(snapshot).rule).toBe(rule);
    expect("drift" in statusAfter(snapshot)).toBe(rule === "hold");
  });
});

describe("an idle target with pods", () => {
  const world = (correctedAt: readonly number[], isContested?: true) =>
    aSnapshot({
      status: settled(
        initialized({
          idleReplicas: {
            correctedAt: correctedAt.map(ago),
            release: "",
            ...(isContested && { isContested }),
          },
        }),
      ),
      target: known(aWorkload({ replicas: 2, availableReplicas: 2 })),
    });
  const scaling = { rule: "hold", actions: [{ kind: "Scale", role: "Target", replicas: 0 }] };

  it("is scaled down once that is counted", () => {
    expect(decideNow(world([9]))).toMatchObject(scaling);
    expect(decideNow(world([10])).rule).toBe("correctReplicas");
  });

  it("keeps them after three corrections, which is told once", () => {
    expect(statusAfter(world([30, 20])).idleReplicas).not.toHaveProperty("isContested");
    const status = statusAfter(world([40, 30, 20]));
    expect(status.idleReplicas).toMatchObject({ isContested: true });
    expect(status.outbox).toMatchObject([{ reason: "ReplicasContested", severity: "Warning" }]);
    expect(status.phase).toBe("Initialized");
    expect(decideNow(world([40, 30, 20], true))).toMatchObject({ rule: "hold", actions: [] });
  });
});
