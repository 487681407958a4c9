/** Cases of the rules by which a release is held to its spec, and ended when what it runs on is gone. */
import { missing } from "../../src/core/fact.ts";
import type { RuleCase } from "./rule-case.ts";
import { aDueFreeze, ago, aHeldFreeze, aReleasing, progressing } from "./snapshots.ts";

export const heldToCases = {
  loseTarget: {
    world: aReleasing(progressing(1, "confirmed"), {
      target: missing("TargetNotFound", "Deployment shop/web does not exist"),
    }),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        lastFailedHash: "next",
        drain: { startedAt: ago(0) },
        release: { rollback: { reason: "TargetMissing" } },
        history: [{ outcome: "Failed", reason: "TargetMissing", peakWeight: 25 }],
        outbox: [{ reason: "Stalled", facts: { cause: "TargetMissing" } }],
      },
    },
  },
  loseRoutes: {
    world: aReleasing(progressing(1, "confirmed"), {
      freeze: aHeldFreeze(),
      routes: missing("VirtualServiceNotFound", "VirtualService shop/web does not exist"),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        lastFailedHash: "next",
        release: { rollback: { reason: "RouteMissing" } },
        history: [{ outcome: "Failed", reason: "RouteMissing", peakWeight: 25 }],
        outbox: [{ reason: "Stalled", facts: { cause: "RouteMissing" } }],
      },
    },
  },
  freezeSpec: {
    world: aReleasing(progressing(0, "entered"), {
      freeze: aDueFreeze({ isSaved: true }),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        release: {
          specRevision: "web-spec-1",
          stage: { index: 0, weight: 10, enteredAt: ago(0) },
        },
      },
    },
  },
  refreeze: {
    world: aReleasing(progressing(1, "confirmed", { release: { specRevision: "web-spec-1" } }), {
      freeze: { kind: "Lost", because: "web-spec-1 is gone" },
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 0,
        release: { stage: { index: 0, weight: 10, enteredAt: ago(0) } },
        outbox: [{ reason: "SpecRevisionLost" }],
      },
    },
  },
} as const satisfies Readonly<Record<string, RuleCase>>;
