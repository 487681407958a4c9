/** What people ask for, and statuses as their commands and spec.suspend leave them. */
import type { CanaryStatus, StageStatus } from "../../src/api/canary-status.ts";
import type { CommandAction } from "../../src/api/commands.ts";
import type { Snapshot } from "../../src/core/canary/snapshot.ts";
import {
  failed,
  finalising,
  initializing,
  progressing,
  promoting,
  suspendedFrom,
  waiting,
} from "./snapshots.ts";

/** Jane asks for it, for the first time unless it was answered. */
export function asking(action: CommandAction, id = "c-1"): Pick<Snapshot, "commands"> {
  const command = { kind: "Readable", id, action, by: "jane", reason: "it is urgent" } as const;
  return { commands: { abort: undefined, command } };
}

/** Somebody aborts. */
export function aborting(words = "wrong prices"): Pick<Snapshot, "commands"> {
  return { commands: { abort: words, command: undefined } };
}

/** The same stage, entered by a command. */
export function commanded(status: CanaryStatus, marks: Partial<StageStatus> = {}): CanaryStatus {
  const { release } = status;
  if (release?.stage === undefined) return status;
  const stage = { ...release.stage, byCommand: "c-0", ...marks };
  return { ...status, commandIds: ["c-0"], release: { ...release, byHand: "promote", stage } };
}

/** Stages that a command entered. */
export const commandedStatuses: readonly CanaryStatus[] = [
  commanded(progressing(1, "entered")),
  commanded(progressing(1, "shifted"), { raisedFrom: 10 }),
  commanded(progressing(1, "routed"), { raisedFrom: 10 }),
  commanded(progressing(3, "shifted"), { raisedFrom: 0, passedBy: "c-0" }),
];

/** Lives that are suspended while something is under way. */
export const suspendedStatuses: readonly CanaryStatus[] = [
  suspendedFrom(initializing("Shift")),
  suspendedFrom(progressing(1, "confirmed")),
  suspendedFrom(waiting(progressing(1, "confirmed"), "Paused")),
  suspendedFrom(promoting("Copy")),
  suspendedFrom(promoting("Available")),
  suspendedFrom(finalising()),
  suspendedFrom(failed()),
  { phase: "Suspended" },
];
