/**
 * When traffic is taken off without a verdict, and what is known after that: whether stable recovered at once, and whether
 * it is well enough to start again. Only samples scraped after the retreat was seen to have worked count.
 */
import type { MetricLimit } from "../../api/canary-spec.ts";
import type { RetreatReason, RetreatStatus } from "../../api/canary-status.ts";
import { type StableHealth, stableHealth } from "../analysis/stable.ts";
import { wordSpan } from "../analysis/wording.ts";
import { fromOptionalInstant } from "../instant.ts";
import { harmWindowMs, recoveredChecks } from "../limits.ts";
import { whyUnread } from "./checks.ts";
import { type Guard, met, unmet } from "./guard.ts";
import { isInStage } from "./phases.ts";
import { drainSeen, twoSamplesMs } from "./rules/drain.ts";
import type { Situation } from "./situation.ts";
import type { MetricFacts } from "./snapshot.ts";
import { usableUntil } from "./usable-data.ts";

/** Why traffic is to be taken off without a verdict. */
export interface RetreatCause {
  readonly reason: RetreatReason;
  readonly message: string;
  readonly metric: string | undefined;
  readonly value: number | undefined;
  readonly stableValue: number | undefined;
  readonly limit: number | undefined;
  /** When it was first seen, ms. */
  readonly detectedAt: number;
}

/** The cause of a retreat while a stage's canary has traffic; an incident of both versions first. */
export function assessRetreat(s: Situation): RetreatCause | undefined {
  return isExposed(s) ? (sharedIncident(s) ?? blindness(s)) : undefined;
}

/** Live requests go to the canary; copies of them need no retreat, since nobody waits for their answers. */
function isExposed({ status }: Situation): boolean {
  return isInStage(status) && (status.canaryWeight ?? 0) > 0;
}

function sharedIncident({ checks, now }: Situation): RetreatCause | undefined {
  const shared = checks.find((check) => check.isShared && check.onFail === "Rollback");
  if (shared === undefined) return undefined;
  const { metric, canaryValue, stableValue, limit } = shared;
  return {
    reason: "SharedIncident",
    message: `${metric}: ${shared.message}; stable is beyond the limit in the same checks`,
    metric,
    value: canaryValue,
    stableValue,
    limit,
    detectedAt: shared.breachedAt ?? now,
  };
}

function blindness(s: Situation): RetreatCause | undefined {
  const since = usableUntil(s.snapshot);
  const dueAt = blindAt(s);
  if (since === undefined || dueAt === undefined || s.now < dueAt) return undefined;
  const because = whyUnread(s.checks) ?? "the metrics know no requests to either version any more";
  return {
    reason: "NoData",
    message: `no usable data for ${wordSpan(s.now - since)}: ${because}`,
    metric: undefined,
    value: undefined,
    stableValue: undefined,
    limit: undefined,
    detectedAt: since,
  };
}

/** Instant (ms) at which the lack of data becomes a retreat, unless some comes before. */
export function blindAt(s: Situation): number | undefined {
  const since = usableUntil(s.snapshot);
  if (since === undefined || s.spec === undefined || !isExposed(s)) return undefined;
  return since + s.spec.rollback.withinSeconds * 1000;
}

/** The retreat that is in force; undefined while the release goes on, or once it ended. */
export function retreatOf({ status }: Pick<Situation, "status">): RetreatStatus | undefined {
  return isInStage(status) ? status.release?.retreat : undefined;
}

/** Stable recovered as soon as the canary had no traffic any more: then the canary was the cause. */
export function hasRecoveredAtOnce(s: Situation): Guard {
  const retreat = retreatOf(s);
  const offAt = retreatSeenAt(s);
  if (retreat?.reason !== "SharedIncident" || offAt === undefined) return unmet("");
  const health = healthOf(s, offAt).find(({ metric }) => metric === retreat.metric)?.health;
  if (health === undefined || health.checks < recoveredChecks) return unmet("");
  const tookMs = Math.max(0, health.since - offAt);
  return tookMs <= harmWindow(s)
    ? met(
        `${retreat.message}; stable recovered within ${wordSpan(tookMs)} once the new version had no traffic`,
      )
    : unmet("");
}

/** Stable has held every limit for the warm-up. */
export function isStableWell(s: Situation): Guard {
  const offAt = retreatSeenAt(s);
  // What is said until then is the drain's.
  if (retreatOf(s) === undefined || offAt === undefined) return unmet("");
  const seconds = s.spec?.analysis.warmupSeconds ?? 0;
  const unwell = healthOf(s, offAt).find(({ health }) => !isLong(health, seconds * 1000));
  const wait = `all traffic is off the new version; it starts again at its first stage once stable holds every limit for ${seconds} s`;
  const dueAt = offAt + seconds * 1000;
  if (s.now < dueAt) return unmet(wait, dueAt);
  if (s.checks.length === 0) return unmet(wait);
  return unwell === undefined
    ? met("stable is well again; starting again at the first stage")
    : unmet(`${wait} (${unwell.metric}: ${wordHealth(unwell.health)})`);
}

function isLong(health: StableHealth | undefined, leastMs: number): boolean {
  return (
    health !== undefined &&
    health.checks >= recoveredChecks &&
    health.until - health.since >= leastMs
  );
}

function wordHealth(health: StableHealth | undefined): string {
  return health === undefined ? "not yet" : `so far for ${wordSpan(health.until - health.since)}`;
}

/**
 * Instant (ms) from which nobody is served by the canary: when callers were seen to send it nothing any more, or, where
 * they reach it by a way that is not managed, when they had twice the time to confirm it.
 */
function retreatSeenAt(s: Situation): number | undefined {
  const { drain } = s.status;
  const confirmedAt = fromOptionalInstant(drain?.confirmedAt);
  if (confirmedAt !== undefined || drain?.unconfirmed !== true) return confirmedAt;
  const routedAt = fromOptionalInstant(drain.routedAt);
  if (routedAt === undefined || drainSeen(s) !== "No") return undefined;
  const givenUpAt = routedAt + 2 * twoSamplesMs(s);
  return s.now >= givenUpAt ? givenUpAt : undefined;
}

interface MetricHealth {
  readonly metric: string;
  readonly health: StableHealth | undefined;
}

function healthOf(s: Situation, fromMs: number): readonly MetricHealth[] {
  return judgedMetrics(s).map(({ facts, limit }) => ({
    metric: facts.name,
    health: stableHealth(facts, limit, fromMs),
  }));
}

/** Every metric that decides and counts requests, which alone are told apart by version, with its limit. */
export function judgedMetrics({ snapshot, spec }: Situation): readonly {
  readonly facts: MetricFacts;
  readonly limit: MetricLimit;
}[] {
  if (snapshot.metrics.kind !== "Known") return [];
  return snapshot.metrics.value.flatMap((facts, index) => {
    const metric = spec?.analysis.metrics[index];
    if (metric === undefined || metric.dryRun || facts.kind === "Value") return [];
    return [{ facts, limit: metric.limit }];
  });
}

/** 60 s, and where samples come seldom as long as two of them take. */
function harmWindow(s: Situation): number {
  const scrape = Math.max(0, ...judgedMetrics(s).map(({ facts }) => facts.scrapeSeconds));
  const sample = Math.max(scrape, s.spec?.analysis.intervalSeconds ?? 0);
  return Math.max(harmWindowMs, 2000 * sample);
}
