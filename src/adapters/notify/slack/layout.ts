/**
 * What a message says first, for each Event: the title, and the facts that a person on call needs, in the order in
 * which they are needed. A fact that is absent leaves its line out. Knows nothing of Block Kit.
 */
import type { EventReason } from "../../../api/conditions.ts";
import type { FactName } from "../../../api/event-facts.ts";
import { sayDuration, sayNumber } from "./text.ts";

/** Facts as an outbox entry carries them. */
export type Facts = Readonly<Partial<Record<FactName, string>>>;

/** One labelled line; text is undefined when its facts are absent. */
export interface Line {
  readonly label: string;
  readonly text: (facts: Facts) => string | undefined;
}

/** How one Event is shown. */
export interface Layout {
  readonly emoji: string;
  readonly title: string;
  readonly lines: readonly Line[];
  /** Whether the message ends with the command that shows more. */
  readonly isUrgent: boolean;
}

const plain = (label: string, name: FactName): Line => ({ label, text: (facts) => facts[name] });
const percent = (label: string, name: FactName): Line => ({
  label,
  text: (facts) => (facts[name] === undefined ? undefined : `${facts[name]} %`),
});
const duration = (label: string, name: FactName): Line => ({
  label,
  text: (facts) => (facts[name] === undefined ? undefined : sayDuration(facts[name])),
});

const newVersion = plain("New version", "images");
/** The same images under another template tell nothing apart. */
const serving: Line = {
  label: "Serving now",
  text: ({ images, stableImages }) => (stableImages === images ? undefined : stableImages),
};
const cause = plain("Cause", "cause");
const peak = percent("Traffic at most", "peakWeight");

const measured: Line = {
  label: "Measured",
  text({ metric, value, limit, unit = "", samples }) {
    if (metric === undefined || value === undefined) return undefined;
    const bound = limit === undefined ? "" : ` (limit ${`${limit} ${unit}`.trim()})`;
    const requests = samples === undefined ? "" : ` over ${samples} requests`;
    return `${metric} ${`${sayNumber(value)} ${unit}`.trim()}${bound}${requests}`;
  },
};

const stableMeasured: Line = {
  label: "Stable",
  text({ metric, stableValue, limit, unit = "" }) {
    if (metric === undefined || stableValue === undefined) return undefined;
    const bound = limit === undefined ? "" : ` (limit ${`${limit} ${unit}`.trim()})`;
    return `${metric} ${`${sayNumber(stableValue)} ${unit}`.trim()}${bound}`;
  },
};

const trafficOff: Line = {
  label: "Traffic off",
  text({ confirmedSeconds, decidedSeconds, appliedSeconds }) {
    if (confirmedSeconds === undefined) return undefined;
    const steps = [
      decidedSeconds === undefined ? undefined : `decided after ${sayDuration(decidedSeconds)}`,
      appliedSeconds === undefined ? undefined : `routed after ${sayDuration(appliedSeconds)}`,
    ].filter((step) => step !== undefined);
    const details = steps.length > 0 ? ` (${steps.join(", ")})` : "";
    return `${sayDuration(confirmedSeconds)} after detection${details}`;
  },
};

const stage: Line = {
  label: "Stage",
  text: ({ stage: position, weight }) =>
    position === undefined
      ? undefined
      : `${position}${weight === undefined ? "" : ` at ${weight} %`}`,
};

const calm = (emoji: string, title: string, lines: readonly Line[]): Layout => ({
  emoji,
  title,
  lines,
  isUrgent: false,
});
const urgent = (emoji: string, title: string, lines: readonly Line[]): Layout => ({
  emoji,
  title,
  lines,
  isUrgent: true,
});

/** The layout of each Event. */
export const layouts: Readonly<Record<EventReason, Layout>> = {
  SpecAccepted: calm("✅", "spec accepted", []),
  SpecEditDeferred: calm("✏️", "edit waits for the next release", [newVersion]),
  SpecRevisionLost: urgent("⚠️", "spec of the release lost", [newVersion]),
  AcceptedWithWarning: calm("⚠️", "spec accepted with a warning", []),
  SpecRefused: urgent("⚠️", "spec not accepted", [cause]),
  Initialized: calm("✅", "ready for releases", [serving]),
  ReleaseStarted: calm("🚀", "release started", [
    newVersion,
    serving,
    percent("First stage", "nextWeight"),
  ]),
  TrafficShifted: calm("➡️", "traffic shifted", [newVersion, stage]),
  StagePassed: calm("➡️", "stage passed", [
    newVersion,
    stage,
    percent("Next", "nextWeight"),
    duration("Running for", "durationSeconds"),
  ]),
  PromotionStarted: calm("➡️", "promotion started", [
    newVersion,
    duration("Running for", "durationSeconds"),
  ]),
  Succeeded: calm("✅", "release succeeded", [newVersion, duration("Took", "durationSeconds")]),
  Waiting: urgent("✋", "waiting for a human", [cause, newVersion, serving, stage]),
  Suspended: calm("⏸️", "suspended", [newVersion, percent("Traffic to the new version", "weight")]),
  SuspensionEnded: calm("▶️", "no longer suspended", [
    newVersion,
    percent("Traffic to the new version", "weight"),
  ]),
  CommandDone: calm("🙋", "somebody stepped in", [
    plain("Command", "action"),
    plain("By", "by"),
    plain("Reason", "reason"),
    newVersion,
  ]),
  CommandRefused: calm("🙅", "command refused", [
    plain("Command", "action"),
    plain("By", "by"),
    plain("Reason", "reason"),
  ]),
  Superseded: calm("⏭️", "release superseded", [
    newVersion,
    peak,
    duration("Ran for", "durationSeconds"),
  ]),
  Reverted: calm("↩️", "release reverted", [
    newVersion,
    peak,
    duration("Ran for", "durationSeconds"),
  ]),
  StableBeyondLimit: urgent("✋", "not started: stable is beyond a limit", [
    stableMeasured,
    newVersion,
    serving,
  ]),
  TrafficSplitMismatch: urgent("⚠️", "more traffic than its weight", [newVersion, serving, stage]),
  Retreated: urgent("⏪", "retreated, without a verdict", [
    measured,
    stableMeasured,
    cause,
    serving,
    newVersion,
    peak,
  ]),
  Resumed: calm("▶️", "starting again", [
    newVersion,
    percent("First stage", "nextWeight"),
    duration("After", "waitedSeconds"),
  ]),
  RollbackStarted: urgent("⏪", "rolling back", [measured, cause, serving, newVersion, peak]),
  RestoredShort: urgent("🚨", "old version back with fewer pods", [
    cause,
    serving,
    newVersion,
    peak,
  ]),
  StableHasNoPods: urgent("🚨", "the primary has no ready pod", [
    percent("Traffic to the target", "weight"),
    cause,
    serving,
    newVersion,
  ]),
  RolledBack: urgent("⏪", "rolled back", [trafficOff, measured, cause, serving, newVersion, peak]),
  PromotedFailing: urgent("🚨", "promoted version fails", [cause, newVersion]),
  DrainUnconfirmed: urgent("⚠️", "end of requests not confirmed", [
    duration("Waited", "waitedSeconds"),
    serving,
  ]),
  RollbackUnconfirmed: urgent("🚨", "rollback not confirmed", [
    duration("Waiting for", "waitedSeconds"),
    measured,
    cause,
    serving,
    newVersion,
    peak,
  ]),
  Terminating: calm("🗑️", "being deleted", [serving]),
  DeletionBlocked: urgent("🚨", "deletion needs a human", [
    duration("Waiting for", "waitedSeconds"),
    serving,
  ]),
  Orphaned: urgent("🚨", "deleted, primary kept", [serving, newVersion, peak]),
  WeightsRepaired: calm("↩️", "weights set back", [stage, serving]),
  ReplicasContested: urgent("⚠️", "idle pods contested", [serving]),
  Stalled: urgent("🚨", "stalled, needs a human", [
    cause,
    serving,
    newVersion,
    percent("Traffic to the new version", "weight"),
  ]),
};
