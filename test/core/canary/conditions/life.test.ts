import { describe, expect, it } from "vitest";
import {
  promoted,
  ready,
  reconciling,
  stalled,
} from "../../../../src/core/canary/conditions/life.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known } from "../../../../src/core/fact.ts";
import { aSnapshot, now, settled, statuses } from "../../../support/snapshots.ts";

function claims(name: string, world: Partial<Snapshot> = {}) {
  const status = settled(statuses[name] ?? {});
  const situation = assessSituation(aSnapshot({ status, ...world }), now);
  const said = { ready, reconciling, stalled };
  const all = Object.entries(said).map(([key, claim]) => {
    const { status: is, reason } = claim(status, situation);
    return [key, `${is} ${reason}`];
  });
  const { status: is, reason } = promoted(status);
  return Object.fromEntries([...all, ["promoted", `${is} ${reason}`]]);
}

const calm = "False NotStalled";

it.each([
  ["new", "False Initializing", "True Initializing", calm, "False Initializing"],
  ["creatingPrimary", "False Initializing", "True Initializing", calm, "False Initializing"],
  ["initialized", "True Initialized", "False Idle", calm, "True Promoted"],
  ["confirmed", "False Progressing", "True Progressing", calm, "False ReleaseRunning"],
  ["copied", "False Promoting", "True Promoting", calm, "False Promoting"],
  ["restoring", "False Promoting", "True Promoting", calm, "False Restoring"],
  ["finalising", "False Finalising", "True Finalising", calm, "True Promoted"],
  ["succeeded", "True Succeeded", "False Idle", calm, "True Promoted"],
  ["failing", "False RollingBack", "True RollingBack", calm, "False ReleaseFailed"],
  ["failed", "False Failed", "False Stalled", "True ReleaseFailed", "False ReleaseFailed"],
])("says where %s stands", (name, isReady, isReconciling, isStalled, isPromoted) => {
  expect(claims(name)).toEqual({
    ready: isReady,
    reconciling: isReconciling,
    stalled: isStalled,
    promoted: isPromoted,
  });
});

describe("what a human must act on", () => {
  const refused = { autoscaler: known("HorizontalPodAutoscaler web") };
  const stall = { stall: { reason: "Forbidden" as const, message: "may not patch" } };

  it.each(["initialized", "confirmed", "failed"])("is a refusal, before all else: %s", (name) => {
    expect(claims(name, { ...refused, ...stall })).toMatchObject({
      ready: "False NotAccepted",
      reconciling: "False Stalled",
      stalled: "True NotAccepted",
    });
  });

  it.each(["initialized", "confirmed", "copied"])("is a write that is refused: %s", (name) => {
    expect(claims(name, stall)).toMatchObject({
      ready: "False Stalled",
      reconciling: "False Stalled",
      stalled: "True Forbidden",
    });
  });

  it.each(Object.keys(statuses))("never stands beside work under way: %s", (name) => {
    for (const world of [{}, refused, stall]) {
      const said = claims(name, world);
      expect(
        [said["reconciling"], said["stalled"]].filter((one) => one?.startsWith("True")),
      ).not.toHaveLength(2);
    }
  });
});
