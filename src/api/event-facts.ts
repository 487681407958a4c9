/**
 * Which numbers and names go with which Event, so that messages can show them apart. The core fills exactly these,
 * notifiers read only these; a notifier must show the message alone when a fact is absent.
 */
import type { EventReason } from "./conditions.ts";

/** Every fact, what it means and how it is written. All are text of at most 512 characters. */
export const factDocs = {
  release: "Identity of the release.",
  images: "Container images under release, joined by a comma and a blank.",
  stableImages: "Container images that the primary serves.",
  stage: "The stage and how many there are, counted from 1: 2/4.",
  weight: "Share of live requests that the new version has now, in percent: 25.",
  nextWeight: "Share that it gets next, in percent: 50.",
  peakWeight: "Largest share that it had, in percent.",
  cause: "Why, as one word of the catalogue: MetricLimitExceeded.",
  metric: "Name of the metric that decided.",
  value: "The new version's value of that metric, without unit, at most three decimals: 21.4.",
  stableValue: "Stable's value of that metric, without unit, at most three decimals: 21.4.",
  limit: "The limit it broke, without unit: 5.",
  unit: "Unit of value and limit: %, ms or s.",
  samples: "How many requests to the new version were judged.",
  query: "A query that shows the value; left out when it is longer than a fact may be.",
  decidedSeconds: "From the first check beyond the limit to the decision, in seconds: 5.2.",
  appliedSeconds: "From that check until every route was seen without the new version, in seconds.",
  confirmedSeconds: "From that check until requests to it were seen to have stopped, in seconds.",
  waitedSeconds: "How long has been waited since the routes were changed, in seconds.",
  durationSeconds: "From the start of the release until now, in seconds.",
  action: "The command: promote, promoteFull, retry, pause, resume or abort.",
  by: "Who gave the command, in their own words: unverified.",
  reason: "Why it was given, in their own words.",
} as const;
/** Name of a fact. */
export type FactName = keyof typeof factDocs;

/** Facts of one Event: those always there, and those only there when they exist. */
export interface FactList {
  readonly always: readonly FactName[];
  readonly ifKnown: readonly FactName[];
}

/** The facts of each Event. */
export const eventFacts = {
  SpecAccepted: { always: [], ifKnown: [] },
  SpecEditDeferred: { always: ["release", "images"], ifKnown: [] },
  SpecRevisionLost: { always: ["release", "images"], ifKnown: [] },
  AcceptedWithWarning: { always: [], ifKnown: [] },
  SpecRefused: { always: ["cause"], ifKnown: [] },
  Initialized: { always: [], ifKnown: ["stableImages"] },
  ReleaseStarted: { always: ["release", "images"], ifKnown: ["stableImages", "nextWeight"] },
  TrafficShifted: { always: ["release", "stage", "weight"], ifKnown: ["images"] },
  StagePassed: {
    always: ["release", "images", "stage", "weight"],
    ifKnown: ["nextWeight", "durationSeconds"],
  },
  PromotionStarted: { always: ["release", "images"], ifKnown: ["durationSeconds"] },
  Succeeded: { always: ["release", "images", "durationSeconds"], ifKnown: [] },
  Waiting: {
    always: ["release", "images", "cause"],
    ifKnown: ["stableImages", "stage", "weight"],
  },
  Suspended: { always: [], ifKnown: ["release", "images", "weight"] },
  SuspensionEnded: { always: [], ifKnown: ["release", "images", "weight"] },
  CommandDone: {
    always: ["action", "reason"],
    ifKnown: ["by", "release", "images", "stage", "weight"],
  },
  CommandRefused: { always: ["action", "reason"], ifKnown: ["by"] },
  Superseded: { always: ["release", "images", "peakWeight"], ifKnown: ["durationSeconds"] },
  Reverted: { always: ["release", "images", "peakWeight"], ifKnown: ["durationSeconds"] },
  StableBeyondLimit: {
    always: ["release", "images"],
    ifKnown: ["stableImages"],
  },
  TrafficSplitMismatch: {
    always: ["release", "images", "weight"],
    ifKnown: ["stage", "stableImages"],
  },
  Retreated: {
    always: ["release", "images", "cause", "peakWeight"],
    ifKnown: ["stableImages", "metric", "value", "limit", "unit", "stableValue", "decidedSeconds"],
  },
  Resumed: { always: ["release", "images", "waitedSeconds"], ifKnown: ["nextWeight"] },
  RollbackStarted: {
    always: ["release", "images", "cause", "peakWeight"],
    ifKnown: [
      "stableImages",
      "metric",
      "value",
      "limit",
      "unit",
      "samples",
      "query",
      "decidedSeconds",
    ],
  },
  RestoredShort: {
    always: ["release", "images", "cause", "peakWeight"],
    ifKnown: ["stableImages", "durationSeconds"],
  },
  StableHasNoPods: {
    always: ["weight"],
    ifKnown: ["release", "images", "stableImages", "cause"],
  },
  RolledBack: {
    always: ["release", "images", "cause", "peakWeight", "confirmedSeconds"],
    ifKnown: [
      "stableImages",
      "metric",
      "value",
      "limit",
      "unit",
      "samples",
      "query",
      "decidedSeconds",
      "appliedSeconds",
    ],
  },
  PromotedFailing: { always: ["release", "images", "cause"], ifKnown: [] },
  DrainUnconfirmed: {
    always: ["waitedSeconds"],
    ifKnown: ["release", "images", "stableImages"],
  },
  RollbackUnconfirmed: {
    always: ["release", "images", "cause", "waitedSeconds"],
    ifKnown: ["stableImages", "peakWeight", "metric", "value", "limit", "unit"],
  },
  Terminating: { always: [], ifKnown: ["stableImages", "release", "images", "peakWeight"] },
  DeletionBlocked: { always: ["waitedSeconds"], ifKnown: ["stableImages"] },
  Orphaned: { always: [], ifKnown: ["stableImages", "release", "images", "peakWeight"] },
  WeightsRepaired: { always: ["weight"], ifKnown: ["stableImages"] },
  ReplicasContested: { always: [], ifKnown: ["stableImages"] },
  Stalled: { always: ["cause"], ifKnown: ["release", "images", "stableImages", "weight"] },
} as const satisfies Readonly<Record<EventReason, FactList>>;

/** What an outbox entry with this reason must and may carry. */
export type EventFacts<R extends EventReason> = {
  readonly [F in (typeof eventFacts)[R]["always"][number]]: string;
} & {
  readonly [F in (typeof eventFacts)[R]["ifKnown"][number]]?: string;
};
