import { describe, expect, it } from "vitest";
import type { MetricFacts, Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known } from "../../../../src/core/fact.ts";
import {
  ago,
  aSnapshot,
  copiedPrimary,
  decideNow,
  finalising,
  healthy,
  nextTarget,
  now,
  promoting,
  settled,
  shared,
  statusAfter,
} from "../../../support/snapshots.ts";

function aFinalising(metric: MetricFacts, since = ago(60)): Snapshot {
  const { release } = promoting("Available");
  const promotion = { step: "Shift" as const, since, savedHash: "good" };
  return aSnapshot({
    status: settled(
      finalising(release === undefined ? {} : { release: { ...release, promotion } }),
    ),
    target: known(nextTarget),
    primary: known(copiedPrimary),
    metrics: known([metric]),
  });
}

const withBreaches = (breaches: number): MetricFacts => ({
  ...shared,
  state: { ...shared.state, stable: { breaches, breachEndAt: now, judgedAt: now } },
});

describe("a version that fails once it is promoted", () => {
  it("is told once, with the line that takes it back, and changes nothing", () => {
    const world = aFinalising(shared);
    const told = statusAfter(world);
    expect(told).toMatchObject({
      phase: "Finalising",
      canaryWeight: 0,
      release: { failingAt: ago(0) },
      outbox: [
        {
          reason: "PromotedFailing",
          severity: "Error",
          message: expect.stringMatching(
            /^error-rate: .*limit of 5 %.*kubectl -n shop rollout undo deployment\/web$/,
          ),
        },
      ],
    });
    expect(decideNow({ ...world, status: told }).rule).not.toBe("reportPromotedFailing");
  });

  it("is told only after as many checks as would have failed it before", () => {
    expect(decideNow(aFinalising(withBreaches(1))).rule).not.toBe("reportPromotedFailing");
    expect(decideNow(aFinalising(withBreaches(2))).rule).toBe("reportPromotedFailing");
  });

  it("is not confused with what the primary answered before", () => {
    expect(decideNow(aFinalising(shared, ago(0))).rule).not.toBe("reportPromotedFailing");
    expect(decideNow(aFinalising(healthy)).rule).not.toBe("reportPromotedFailing");
  });
});
