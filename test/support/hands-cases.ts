/** A world for each rule about what others do to weights and replicas. */
import { known } from "../../src/core/fact.ts";
import type { RuleCase } from "./rule-case.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  initialized,
  progressing,
  settled,
  someRoutes,
} from "./snapshots.ts";

/** Routes as somebody left them. */
export const routedBy = (kind: "GitOps" | "Hand", canaryWeight: number) =>
  known(someRoutes({ canaryWeight, writer: { kind, manager: "somebody" } }));

export const handsCases = {
  noteDrift: {
    world: aReleasing(progressing(1, "confirmed"), { routes: routedBy("GitOps", 5) }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 25,
        drift: { repairedAt: [ago(0)], manager: "somebody", seen: "17" },
      },
    },
  },
  pauseByHand: {
    world: aReleasing(progressing(1, "confirmed"), { routes: routedBy("Hand", 5) }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Waiting",
        waiting: { reason: "PausedByHand", since: ago(0) },
        canaryWeight: 5,
        release: { stage: { index: 1, weight: 25, raisedFrom: 5, enteredAt: ago(0) } },
        outbox: [{ reason: "Waiting", facts: { cause: "PausedByHand" } }],
      },
    },
  },
  settleDrift: {
    world: aSnapshot({
      status: settled(
        initialized({ drift: { repairedAt: [ago(600)], manager: "somebody", seen: "16" } }),
      ),
    }),
    decides: { kind: "Transition" },
  },
  correctReplicas: {
    world: aSnapshot({ target: known(aWorkload({ replicas: 2, availableReplicas: 2 })) }),
    decides: {
      kind: "Transition",
      status: { idleReplicas: { correctedAt: [ago(0)], release: "" } },
    },
  },
} as const satisfies Readonly<Record<string, RuleCase>>;
