/** A world for each rule about commands. */
import { known } from "../../src/core/fact.ts";
import { aborting, asking } from "./command-snapshots.ts";
import type { RuleCase } from "./rule-case.ts";
import {
  ago,
  approvedAt,
  aReleasing,
  aSnapshot,
  broken,
  copiedPrimary,
  failed,
  initialized,
  progressing,
  promoting,
  settled,
  suspendedFrom,
  suspending,
  unreadable,
  waiting,
} from "./snapshots.ts";

const drained = { startedAt: ago(90), routedAt: ago(89), confirmedAt: ago(60) };
const unread = { metrics: known([unreadable]) };

export const commandCases = {
  abort: {
    world: aReleasing(progressing(1, "confirmed"), aborting()),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        lastFailedHash: "next",
        drain: { startedAt: ago(0) },
        release: { rollback: { reason: "Aborted", message: "abort: wrong prices" } },
        lastCommand: { action: "abort", reason: "wrong prices", at: ago(0), outcome: "Done" },
        history: [
          { outcome: "Failed", reason: "Aborted", peakWeight: 25, command: "abort: wrong prices" },
        ],
        outbox: [
          { reason: "CommandDone", facts: { action: "abort", reason: "wrong prices" } },
          { reason: "RollbackStarted", facts: { cause: "Aborted" } },
        ],
      },
    },
  },
  abortPromotion: {
    world: aReleasing(promoting("Available"), {
      ...aborting(),
      primary: known(copiedPrimary),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Promoting",
        canaryWeight: 100,
        release: {
          promotion: { step: "Restore", since: ago(0), savedHash: "good" },
          rollback: { reason: "Aborted" },
        },
        lastCommand: { action: "abort", outcome: "Done" },
      },
    },
  },
  takeOffSuspended: {
    world: aReleasing(suspendedFrom(progressing(1, "confirmed")), {
      ...suspending,
      metrics: known([broken]),
    }),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Suspended",
        suspended: { since: ago(60), phase: "Failed" },
        canaryWeight: 0,
        lastFailedHash: "next",
        release: { rollback: { reason: "MetricLimitExceeded" } },
        history: [{ outcome: "Failed" }],
      },
    },
  },
  suspend: {
    world: aReleasing(progressing(1, "confirmed"), suspending),
    decides: {
      kind: "Transition",
      status: {
        phase: "Suspended",
        suspended: { since: ago(0), phase: "Progressing" },
        canaryWeight: 25,
        outbox: [{ reason: "Suspended" }],
      },
    },
  },
  endSuspension: {
    world: aReleasing(suspendedFrom(progressing(1, "confirmed"))),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 25,
        release: { stage: { index: 1, enteredAt: ago(0), shiftedAt: ago(0) } },
        outbox: [{ reason: "SuspensionEnded" }],
      },
    },
  },
  forgetAbort: {
    world: aSnapshot({ status: settled(initialized({ openAbort: "wrong prices" })) }),
    decides: { kind: "Transition", status: { phase: "Initialized" } },
  },
  refuseAbort: {
    world: aSnapshot(aborting()),
    decides: {
      kind: "Transition",
      status: {
        phase: "Initialized",
        lastCommand: { action: "abort", outcome: "Refused", reason: "wrong prices" },
        outbox: [{ reason: "CommandRefused" }],
      },
    },
  },
  askApproval: {
    world: aReleasing(progressing(2, "entered"), { spec: known(approvedAt(2)) }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Waiting",
        canaryWeight: 25,
        waiting: { reason: "Approval", since: ago(0) },
        release: { stage: { index: 2, weight: 50 } },
        outbox: [{ reason: "Waiting", facts: { cause: "Approval" } }],
      },
    },
  },
  promote: {
    world: aReleasing(progressing(1, "confirmed"), { ...asking("promote"), ...unread }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 25,
        release: {
          byHand: "promote by jane (unverified): it is urgent",
          stage: { index: 2, weight: 50, enteredAt: ago(0), byCommand: "c-1" },
        },
        commandIds: ["c-1"],
        lastCommand: { id: "c-1", action: "promote", by: "jane", outcome: "Done" },
        outbox: [{ reason: "CommandDone", facts: { by: "jane (unverified)" } }],
      },
    },
  },
  promoteFully: {
    world: aReleasing(progressing(0, "confirmed"), { ...asking("promoteFull"), ...unread }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 10,
        release: {
          stage: { index: 3, weight: 100, enteredAt: ago(0), byCommand: "c-1", passedBy: "c-1" },
        },
        lastCommand: { action: "promoteFull", outcome: "Done" },
      },
    },
  },
  retry: {
    world: aReleasing(failed({ drain: drained }), asking("retry")),
    decides: {
      kind: "Transition",
      status: { phase: "Failed", lastCommand: { action: "retry", outcome: "Done" } },
    },
  },
  pause: {
    world: aReleasing(progressing(1, "confirmed"), asking("pause")),
    decides: {
      kind: "Transition",
      status: {
        phase: "Waiting",
        canaryWeight: 25,
        waiting: { reason: "Paused", since: ago(0) },
        lastCommand: { action: "pause", outcome: "Done" },
        outbox: [{ reason: "CommandDone" }, { reason: "Waiting", facts: { cause: "Paused" } }],
      },
    },
  },
  resume: {
    world: aReleasing(waiting(progressing(1, "confirmed"), "Paused"), asking("resume")),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        release: { stage: { index: 1, resumedAt: ago(0), trafficConfirmedAt: ago(200) } },
        lastCommand: { action: "resume", outcome: "Done" },
      },
    },
  },
  refuseCommand: {
    world: aSnapshot(asking("promote")),
    decides: {
      kind: "Transition",
      status: {
        phase: "Initialized",
        commandIds: ["c-1"],
        lastCommand: { action: "promote", outcome: "Refused", message: "no release runs" },
        outbox: [{ reason: "CommandRefused" }],
      },
    },
  },
} satisfies Readonly<Record<string, RuleCase>>;
