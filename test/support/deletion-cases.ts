/** The rules of a Canary that is being deleted: for each a world in which it decides. */
import { expect } from "vitest";
import { known, missing } from "../../src/core/fact.ts";
import type { RuleCase } from "./rule-case.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  copiedPrimary,
  deleted,
  errorRate,
  generatedSpec,
  progressing,
  promoting,
  settled,
  someRoutes,
  terminating,
} from "./snapshots.ts";

const served = aWorkload({ replicas: 4, availableReplicas: 4 });
const allToTarget = known(someRoutes({ canaryWeight: 100 }));
const tookOver = known([errorRate({ total: 1000 }, { total: 0 })]);

const noPrimary = missing("PrimaryNotFound", "Deployment shop/web-primary does not exist");

function shiftedAgo(seconds: number) {
  return { step: "Shift" as const, since: ago(seconds + 1), routedAt: ago(seconds) };
}

export const deletionCases = {
  letGo: {
    world: aSnapshot({
      ...deleted,
      status: settled(terminating("Remove")),
      primary: noPrimary,
    }),
    decides: {
      kind: "Converge",
      actions: [{ kind: "SetFinalizer", wanted: false }],
    },
  },
  restoreBeforeDeletion: {
    world: aReleasing(promoting("Available"), { ...deleted, primary: known(copiedPrimary) }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Promoting",
        canaryWeight: 100,
        release: { promotion: { step: "Restore" }, rollback: { reason: "CanaryDeleted" } },
        outbox: [{ reason: "Terminating" }],
      },
    },
  },
  beginDeletion: {
    world: aReleasing(progressing(1, "confirmed"), deleted),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Terminating",
        canaryWeight: 0,
        deletion: { step: "Serve", since: ago(0) },
        outbox: [{ reason: "Terminating", facts: { release: "next-1" } }],
      },
    },
  },
  keepPrimary: {
    world: aReleasing(terminating("Serve"), deleted),
    decides: {
      kind: "Transition",
      status: {
        phase: "Terminating",
        canaryWeight: 0,
        deletion: { step: "Orphaned" },
        outbox: [{ reason: "Orphaned", severity: "Error" }],
      },
    },
  },
  serveFromTarget: {
    world: aSnapshot({
      ...deleted,
      status: settled(terminating("Serve")),
      target: known(served),
    }),
    decides: { kind: "Transition", status: { canaryWeight: 100, deletion: { step: "Shift" } } },
  },
  recordTargetRouted: {
    world: aSnapshot({
      ...deleted,
      status: settled(terminating("Shift", { deletion: { step: "Shift", since: ago(5) } })),
      target: known(served),
      routes: allToTarget,
    }),
    decides: { kind: "Transition", status: { deletion: { step: "Shift", routedAt: ago(0) } } },
  },
  confirmTargetAgain: {
    world: aSnapshot({
      ...deleted,
      status: settled(terminating("Remove")),
      target: known(aWorkload()),
      routes: known(someRoutes()),
    }),
    decides: {
      kind: "Transition",
      status: { canaryWeight: 100, deletion: { step: "Shift", since: ago(0) } },
    },
  },
  confirmTarget: {
    world: aSnapshot({
      ...deleted,
      status: settled(terminating("Shift", { deletion: shiftedAgo(40) })),
      target: known(served),
      routes: allToTarget,
      metrics: tookOver,
    }),
    decides: { kind: "Transition", status: { deletion: { step: "Remove", since: ago(0) } } },
  },
  recordRouteGone: {
    world: aSnapshot({
      ...deleted,
      status: settled(terminating("Remove")),
      spec: known(generatedSpec),
      target: known(served),
      primary: noPrimary,
      generatedRoute: known("None"),
    }),
    decides: { kind: "Transition", status: { deletion: { step: "Clear", since: ago(0) } } },
  },
  removeRouteAgain: {
    world: aSnapshot({
      ...deleted,
      status: settled(terminating("Clear")),
      spec: known(generatedSpec),
      target: known(served),
      primary: noPrimary,
      generatedRoute: known("There"),
    }),
    decides: { kind: "Transition", status: { deletion: { step: "Remove", since: ago(0) } } },
  },
  keepCalledPrimary: {
    world: aSnapshot({
      ...deleted,
      status: settled(terminating("Shift", { deletion: shiftedAgo(90) })),
      target: known(served),
      routes: allToTarget,
      metrics: known([errorRate({ total: 900 }, { total: 100 })]),
    }),
    decides: {
      kind: "Transition",
      status: {
        canaryWeight: 100,
        deletion: { step: "Orphaned" },
        message: expect.stringContaining("Deployment web-primary by routes that Serin does not"),
      },
    },
  },
  reportBlockedDeletion: {
    world: aSnapshot({
      ...deleted,
      status: settled(terminating("Serve", { deletion: { step: "Serve", since: ago(600) } })),
      target: known(aWorkload({ replicas: 4, availableReplicas: 1, isRolledOut: false })),
    }),
    decides: {
      kind: "Transition",
      status: {
        deletion: { step: "Serve", since: ago(600), isTold: true },
        message: expect.stringMatching(/1 of 4 pods are available; mend that, or .*Orphan/),
        outbox: [{ reason: "DeletionBlocked", facts: { waitedSeconds: "600" } }],
      },
    },
  },
} as const satisfies Readonly<Record<string, RuleCase>>;
