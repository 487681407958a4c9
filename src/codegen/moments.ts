/** The moments of a Canary's life that the table of phases and verdicts shows. What is decided in them is not known here. */
import type { CanaryStatus, DeletionStatus } from "../api/canary-status.ts";
import { ago, idle, type Moment, moment, next, type Parts, settled } from "./moment.ts";
import { progressing, releaseMoments } from "./release-moments.ts";

const suspendedIn = (status: CanaryStatus): CanaryStatus => ({
  ...status,
  phase: "Suspended",
  suspended: { since: ago(60), phase: status.phase ?? "Initialized" },
});

const suspendedMoments: readonly Moment[] = [
  moment("Suspended: between releases", { status: suspendedIn(settled), isSuspended: true }),
  moment("Suspended: in a stage", {
    status: suspendedIn(progressing(1, "over")),
    target: next,
    isSuspended: true,
  }),
];

function deletion(name: string, step: DeletionStatus["step"], parts: Partial<Parts>): Moment {
  const isShifted = step === "Shift" || step === "Remove";
  return moment(`Terminating: ${name}`, {
    isDeleted: true,
    ...parts,
    status: {
      ...settled,
      phase: "Terminating",
      canaryWeight: isShifted ? 100 : 0,
      deletion: { step, since: ago(20), ...(isShifted && { routedAt: ago(9) }) },
    },
  });
}

const deletionMoments: readonly Moment[] = [
  moment("Deleted in a stage", {
    status: progressing(1, "over"),
    target: next,
    isDeleted: true,
  }),
  deletion("target has no pods", "Serve", {}),
  deletion("target has its pods", "Serve", { target: {} }),
  deletion("target under another version", "Serve", { target: next }),
  deletion("requests moving to the target", "Shift", { target: {} }),
  deletion("primary goes", "Remove", { target: {} }),
];

/** Every moment, in the order of a life. */
export const moments: readonly Moment[] = [
  moment("New", {
    status: {},
    target: {},
    primary: "Missing",
    routed: 100,
  }),
  moment("Initializing: primary not there", {
    status: {
      phase: "Initializing",
      canaryWeight: 100,
      initialisation: { step: "CreatePrimary", since: ago(10) },
    },
    target: {},
    primary: "Missing",
  }),
  moment("Initializing: primary there", {
    status: {
      phase: "Initializing",
      canaryWeight: 100,
      initialisation: { step: "CreatePrimary", since: ago(10) },
    },
    target: {},
  }),
  moment("Initializing: requests moving to the primary", {
    status: {
      ...settled,
      phase: "Initializing",
      initialisation: { step: "Shift", since: ago(10) },
      drain: { startedAt: ago(10), routedAt: ago(9) },
    },
    target: {},
  }),
  moment("Initialized", { status: settled }),
  moment("Initialized, a new version is pushed", { status: settled, target: { ...next, ...idle } }),
  ...releaseMoments,
  ...suspendedMoments,
  ...deletionMoments,
];
