/** What people are told of a transition, with the facts that messages show apart. */
import type { CanarySpec } from "../../api/canary-spec.ts";
import type { CanaryStatus, ReleaseStatus } from "../../api/canary-status.ts";
import type { EventReason } from "../../api/conditions.ts";
import type { EventFacts } from "../../api/event-facts.ts";
import { fromInstant } from "../instant.ts";
import { maxFactLength } from "../limits.ts";
import { clip } from "./clip.ts";
import type { Evidence } from "./evidence.ts";
import type { RetreatCause } from "./retreat.ts";
import type { Situation } from "./situation.ts";
import { wordStages } from "./stages.ts";

/** One thing to tell, with exactly the facts that its reason has. */
export type Notice = {
  readonly [R in EventReason]: {
    readonly reason: R;
    readonly message: string;
    readonly facts: EventFacts<R>;
    /** Makes the id unique within a release where one reason occurs several times (a stage's index). */
    readonly part?: string;
  };
}[EventReason];

/** Facts of every notice about a release. */
export function releaseFacts(s: Situation): { readonly release: string; readonly images: string } {
  const { release } = s.status;
  return { release: release?.id ?? "", images: imagesOf(release) };
}

/** Facts of a release that ended without a verdict. */
export function endedFacts(s: Situation): EventFacts<"Superseded"> {
  return { ...releaseFacts(s), peakWeight: peakWeight(s), durationSeconds: durationSeconds(s) };
}

/** A release begins. */
export function releaseStarted(s: Situation, release: ReleaseStatus, spec: CanarySpec): Notice {
  const [first] = spec.stages;
  return {
    reason: "ReleaseStarted",
    message: `releasing ${release.images.join(", ")} ${wordWay(spec)}`,
    facts: {
      release: release.id,
      images: imagesOf(release),
      ...stableFacts(s),
      ...(first?.weight !== undefined && { nextWeight: String(first.weight) }),
    },
  };
}

function wordWay({ skipAnalysis, stages }: CanarySpec): string {
  return skipAnalysis ? "without analysis (skipAnalysis)" : `in stages ${wordStages(stages)}`;
}

/**
 * Part of the id of what may happen again within a release. Only for transitions that are fenced: what is written
 * at most once needs no id that a repetition would find again.
 */
export function occurrence(s: Situation): string {
  return Math.round(s.now).toString(36);
}

function imagesOf(release: ReleaseStatus | undefined): string {
  return clipFact(release?.images.join(", ") ?? "");
}

/** Images that the primary serves, if it is there. */
export function stableFacts(s: Situation): { readonly stableImages?: string } {
  const { primary } = s.snapshot;
  return primary.kind === "Known"
    ? { stableImages: clipFact(primary.value.images.join(", ")) }
    : {};
}

/** From the start of the release until now. */
export function durationSeconds(s: Situation): string {
  return secondsBetween(s.status.release?.startedAt, s.now);
}

/** "2/4" for the second of four stages. */
export function stageFact(s: Situation): string {
  return `${(s.status.release?.stage?.index ?? 0) + 1}/${s.spec?.stages.length ?? 0}`;
}

/** Largest weight of the release, in percent. */
function peakWeight(s: Situation): string {
  return String(s.status.release?.peakWeight ?? 0);
}

/** Facts of a rollback that has just been decided. */
export function rollbackStartedFacts(
  s: Situation,
  evidence: Evidence | undefined,
  cause: string,
): EventFacts<"RollbackStarted"> {
  const check = s.checks.find((other) => other.metric === evidence?.metric);
  return {
    ...releaseFacts(s),
    ...stableFacts(s),
    cause,
    peakWeight: peakWeight(s),
    ...measureFacts(s, evidence ?? {}),
    ...(check !== undefined && check.samples > 0 && { samples: String(check.samples) }),
    ...(check?.query !== undefined &&
      check.query.length <= maxFactLength && { query: check.query }),
    ...(evidence !== undefined && { decidedSeconds: seconds(s.now - evidence.detectedAt) }),
  };
}

/** Facts of a rollback that was seen to have worked. `status` already carries confirmedAt. */
export function rolledBackFacts(s: Situation, status: CanaryStatus): EventFacts<"RolledBack"> {
  const rollback = status.release?.rollback;
  const from = rollback?.detectedAt;
  return {
    ...releaseFacts(s),
    ...stableFacts(s),
    cause: rollback?.reason ?? "",
    peakWeight: peakWeight(s),
    ...measureFacts(s, rollback ?? {}),
    confirmedSeconds: secondsBetween(from, s.now),
    ...(rollback !== undefined && {
      decidedSeconds: secondsBetween(from, fromInstant(rollback.decidedAt)),
    }),
    ...(rollback?.appliedAt !== undefined && {
      appliedSeconds: secondsBetween(from, fromInstant(rollback.appliedAt)),
    }),
  };
}

/** Facts of a rollback that could not be confirmed in time. */
export function unconfirmedFacts(s: Situation): EventFacts<"RollbackUnconfirmed"> {
  const { release, drain } = s.status;
  const { reason = "", ...measured } = release?.rollback ?? release?.retreat ?? {};
  return {
    ...releaseFacts(s),
    ...stableFacts(s),
    cause: reason,
    peakWeight: peakWeight(s),
    ...measureFacts(s, measured),
    waitedSeconds: secondsBetween(drain?.routedAt ?? drain?.startedAt, s.now),
  };
}

/** Facts of a life that goes on although the target was not seen to be drained. */
export function undrainedFacts(s: Situation): EventFacts<"DrainUnconfirmed"> {
  return {
    ...(s.status.release !== undefined && releaseFacts(s)),
    ...stableFacts(s),
    waitedSeconds: secondsBetween(s.status.drain?.routedAt, s.now),
  };
}

/** Facts of a retreat that has just been decided. */
export function retreatedFacts(s: Situation, cause: RetreatCause): EventFacts<"Retreated"> {
  return {
    ...releaseFacts(s),
    ...stableFacts(s),
    cause: cause.reason,
    peakWeight: peakWeight(s),
    ...measureFacts(s, cause),
    ...(cause.stableValue !== undefined && { stableValue: number(cause.stableValue) }),
    decidedSeconds: seconds(s.now - cause.detectedAt),
  };
}

/** Facts of a release that starts again after a retreat. */
export function resumedFacts(s: Situation): EventFacts<"Resumed"> {
  const { release } = s.status;
  return {
    ...releaseFacts(s),
    waitedSeconds: secondsBetween(release?.retreat?.decidedAt, s.now),
    ...(s.spec?.stages[0] !== undefined && { nextWeight: String(s.spec.stages[0].weight) }),
  };
}

interface Measured {
  readonly metric?: string | undefined;
  readonly value?: number | undefined;
  readonly limit?: number | undefined;
}

function measureFacts(s: Situation, measured: Measured) {
  const metrics = s.snapshot.metrics.kind === "Known" ? s.snapshot.metrics.value : [];
  const unit = metrics.find((metric) => metric.name === measured.metric)?.unit;
  return {
    ...(measured.metric !== undefined && { metric: measured.metric }),
    ...(measured.value !== undefined && {
      value: number(measured.value),
    }),
    ...(measured.limit !== undefined && { limit: String(measured.limit) }),
    ...(unit !== undefined && { unit }),
  };
}

/** At most three decimals. */
function number(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

/** From an instant until a time, in seconds with one decimal; 0 without an instant. */
export function secondsBetween(from: string | undefined, to: number): string {
  return from === undefined ? "0" : seconds(to - fromInstant(from));
}

function seconds(ms: number): string {
  return String(Math.max(0, Math.round(ms / 100) / 10));
}

function clipFact(text: string): string {
  return clip(text, maxFactLength);
}
