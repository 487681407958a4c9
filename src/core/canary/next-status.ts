/** The one exit through which every new status leaves: numbers, conditions and messages that follow from the rest. */
import type {
  CanaryStatus,
  ComparisonState,
  MetricStatus,
  OutboxEntry,
} from "../../api/canary-status.ts";
import { events } from "../../api/conditions.ts";
import type { Check } from "../analysis/check.ts";
import type { Compared } from "../analysis/compared.ts";
import { saveComparison } from "../analysis/sequential/saved-comparison.ts";
import { toInstant } from "../instant.ts";
import type { Acceptance } from "./acceptance.ts";
import { clip } from "./clip.ts";
import { summariseConditions } from "./conditions.ts";
import { forgiveDrift } from "./drift.ts";
import { heldTraffic } from "./empty-stable.ts";
import { latencyInterval } from "./latency-interval.ts";
import { measuredFor } from "./measured-for.ts";
import type { Notice } from "./notices.ts";
import { addToOutbox } from "./outbox.ts";
import { activePhase, isInStage } from "./phases.ts";
import { warnOfRate } from "./rate-warning.ts";
import { seenWorkloads, speaksOf } from "./seen-workloads.ts";
import type { Situation } from "./situation.ts";
import { stallNotices } from "./stall-notice.ts";
import { heardAtOf } from "./usable-data.ts";

/** Completes `status` for being persisted: message, generations, checks, conditions, outbox. */
export function nextStatus(
  situation: Situation,
  status: CanaryStatus,
  message: string,
  notices: readonly Notice[] = [],
): CanaryStatus {
  const { snapshot, acceptance } = situation;
  const workloads = seenWorkloads(snapshot, status.workloads);
  const warning = warnOfRate(situation, status);
  const base: CanaryStatus = {
    ...withHeardAt(
      withoutOldBound(
        withoutOldChecks(situation, withoutOldHold(situation, withoutOldWait(status))),
        acceptance,
      ),
      situation,
    ),
    message: clip(message),
    observedGeneration: snapshot.identity.generation,
    ...(snapshot.target.kind === "Known" &&
      speaksOf(status, snapshot.target.value.templateHash) && {
        observedTargetGeneration: snapshot.target.value.generation,
      }),
    ...(workloads !== undefined && { workloads }),
    refreshedAt: toInstant(situation.now),
    ...(situation.shown.length > 0 &&
      speaksOfSameRelease(situation, status) && {
        analysis: situation.shown.map((check) => toMetricStatus(check, situation)),
      }),
    ...(warning !== undefined && { rollbackBoundWarning: warning }),
  };
  const all = [...notices, ...stallNotices(situation, base, notices)];
  const told = all.reduce(
    (current, notice) => addToOutbox(current, toEntry(notice, current, situation)),
    base,
  );
  return { ...told, conditions: summariseConditions(told, situation) };
}

/** What was measured of another version is no check of this one. */
function withoutOldChecks(situation: Situation, status: CanaryStatus): CanaryStatus {
  if (speaksOfSameRelease(situation, status)) return status;
  const { analysis: _, ...rest } = status;
  return rest;
}

function speaksOfSameRelease({ status: before }: Situation, status: CanaryStatus): boolean {
  return before.release?.id === status.release?.id;
}

/** The bound of the spec as it is; while that is not known, the one that was. */
function withoutOldBound(status: CanaryStatus, acceptance: Acceptance): CanaryStatus {
  if (acceptance.kind !== "Accepted") return status;
  const { rollbackBoundSeconds: _, rollbackBoundWarning: __, ...rest } = status;
  const { boundSeconds } = acceptance;
  return boundSeconds === undefined ? rest : { ...rest, rollbackBoundSeconds: boundSeconds };
}

/** Whoever takes over must know how long the metrics have been silent. */
function withHeardAt(status: CanaryStatus, { snapshot }: Situation): CanaryStatus {
  const { release } = status;
  if (release === undefined || !isInStage(status)) return status;
  const heardAt = heardAtOf(snapshot, release);
  return heardAt === undefined
    ? status
    : { ...status, release: { ...release, heardAt: toInstant(heardAt) } };
}

/** What was waited for is over once the phase is another, and so is a suspension. */
function withoutOldWait(status: CanaryStatus): CanaryStatus {
  const { waiting, suspended, ...rest } = status;
  const isOver = activePhase(status) !== "Waiting";
  return {
    ...rest,
    ...(isOver && waiting?.reason === "RoutesContested" && forgiveDrift(status)),
    ...(waiting !== undefined && !isOver && { waiting }),
    ...(suspended !== undefined && status.phase === "Suspended" && { suspended }),
  };
}

/** Traffic that was held is told of no longer than it is. */
function withoutOldHold(situation: Situation, status: CanaryStatus): CanaryStatus {
  const { heldForStable, ...rest } = status;
  return heldForStable === undefined || heldTraffic({ ...situation, status }) !== undefined
    ? status
    : rest;
}

function toEntry(notice: Notice, status: CanaryStatus, situation: Situation): OutboxEntry {
  const about = status.release?.id ?? `generation-${situation.snapshot.identity.generation}`;
  const part = notice.part === undefined ? "" : `-${notice.part}`;
  return {
    id: `${situation.snapshot.identity.uid.slice(0, 8)}-${about}-${notice.reason}${part}`,
    reason: notice.reason,
    severity: events[notice.reason].severity,
    message: clip(notice.message),
    at: toInstant(situation.now),
    facts: { ...notice.facts },
  };
}

function toMetricStatus(check: Check, situation: Situation): MetricStatus {
  const { compared } = check;
  const state = keptState(check, situation.status);
  return {
    name: check.metric,
    verdict: check.verdict,
    message: clip(check.message),
    ...(check.canaryValue !== undefined && { canaryValue: round(check.canaryValue) }),
    ...(check.stableValue !== undefined && { stableValue: round(check.stableValue) }),
    limit: check.limit,
    samples: check.samples,
    ...(!check.decides && { dryRun: true }),
    ...(compared !== undefined && { evidence: toEvidence(compared.log) }),
    ...(compared?.excluded !== undefined && { excludedExcess: round(100 * compared.excluded) }),
    ...latencyInterval(check.metric, situation),
    ...(state !== undefined && { state }),
    ...(check.query !== undefined && { query: check.query.slice(0, 2048) }),
    at: toInstant(check.at ?? situation.now),
  };
}

/** What was kept stays until whoever took over has counted something. */
function keptState({ metric, compared }: Check, status: CanaryStatus): MetricStatus["state"] {
  const of = measuredFor(status);
  if (compared?.comparison !== undefined) return toState(of, compared.comparison, compared.until);
  const kept = status.analysis?.find(({ name }) => name === metric)?.state;
  return kept?.of === of ? kept : undefined;
}

function toState(
  of: string,
  comparison: NonNullable<Compared["comparison"]>,
  until: number | undefined,
): ComparisonState {
  const { tests, history } = saveComparison(comparison);
  return {
    of,
    ...(until !== undefined && { readAt: toInstant(until) }),
    tests: tests.map((test) => ({ ...test })),
    ...(history !== undefined && { history }),
  };
}

/** Three digits, and no more than a thousand million. */
function toEvidence(log: number): number {
  return Number(Math.exp(Math.min(log, Math.log(1e9))).toPrecision(3));
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
