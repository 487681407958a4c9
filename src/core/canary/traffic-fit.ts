/** Whether the requests that callers report fit the weight that is set, beyond the proof that traffic moved at all. */
import type { StageStatus } from "../../api/canary-status.ts";
import {
  type Split,
  type SplitSeen,
  seesNobodyAnswer,
  seesTooMany,
  seesUnlikeSplit,
} from "../analysis/traffic-split.ts";
import { wordNumber, wordRequests } from "../analysis/wording.ts";
import { fromInstant, fromOptionalInstant } from "../instant.ts";
import { isInStage } from "./phases.ts";
import type { MetricFacts, Snapshot } from "./snapshot.ts";
import { isFirstWeight } from "./stages.ts";

/** What callers' reports alone say against the canary. */
interface TrafficFault {
  readonly reason: "CanaryUnreachable";
  readonly message: string;
  /** When it was seen, ms. */
  readonly detectedAt: number;
}

/** Share of unmanaged requests allowed for while rules outside management exist and none is learned. */
const presumedUnmanagedShare = 0.8;

/** Why requests are not divided as the weight says; undefined while they are. */
export function splitMismatch(snapshot: Snapshot): string | undefined {
  const { routes, status } = snapshot;
  const { stage } = status.release ?? {};
  const split = splitSince(snapshot, fromOptionalInstant(stage?.routedAt));
  if (split === undefined) return undefined;
  const seen = seesTooMany(metricsOf(snapshot), split) ?? unlikeSplit(snapshot);
  if (seen === undefined) return undefined;
  const others = routes.kind === "Known" ? routes.value.otherRoutes : [];
  const because =
    others.length === 0
      ? "another caller sends it traffic, callers stick to a version, or a proxy has other weights"
      : `it is also reached by ${others.join(" and ")}`;
  return `the canary got ${wordNumber(100 * seen.share)} % of ${wordRequests(seen.requests)} at weight ${split.weight}: ${because}; the release holds`;
}

/**
 * Of all requests since the traffic was proven; versions that get unlike shares may get unlike requests. Too few are told only
 * once it was learned what routes outside management send to stable.
 */
function unlikeSplit(snapshot: Snapshot): SplitSeen | undefined {
  const { stage, unmanagedShare = 1 } = snapshot.status.release ?? {};
  const split = splitSince(snapshot, fromOptionalInstant(stage?.trafficConfirmedAt));
  return split && seesUnlikeSplit(metricsOf(snapshot), { ...split, unmanagedShare });
}

/** Callers' requests reached the canary in this stage, and now nobody answers them, while stable's go on. */
export function unreachable(snapshot: Snapshot, now: number): TrafficFault | undefined {
  const split = splitSince(snapshot, reachedSince(snapshot));
  const seen = split && seesNobodyAnswer(metricsOf(snapshot), split);
  if (split === undefined || seen === undefined) return undefined;
  return {
    reason: "CanaryUnreachable",
    message: `the new version answered ${wordNumber(100 * seen.share)} % of ${wordRequests(seen.requests)} at weight ${split.weight}, while stable's went on: its endpoints are gone or ejected`,
    detectedAt: now,
  };
}

/** From when silence counts: a canary that was reached before has two scrapes to show its new share. */
function reachedSince(snapshot: Snapshot): number | undefined {
  const { stage } = snapshot.status.release ?? {};
  if (stage?.trafficConfirmedAt !== undefined) return fromInstant(stage.trafficConfirmedAt);
  const setAt = stage && weightSetAt(snapshot, stage);
  if (setAt === undefined) return undefined;
  return fromInstant(setAt) + 2000 * slowestScrape(metricsOf(snapshot));
}

/** Since when a later weight is set; a stage that waits, for pods or for somebody, has the weight of the one before. */
function weightSetAt({ spec }: Snapshot, stage: StageStatus): string | undefined {
  if (stage.shiftedAt === undefined) return stage.enteredAt;
  return spec.kind === "Known" && isFirstWeight(spec.value.stages, stage)
    ? undefined
    : stage.routedAt;
}

/** Only while the routes carry what was decided: what somebody else set says nothing. */
function splitSince(snapshot: Snapshot, from: number | undefined): Split | undefined {
  const { status, routes } = snapshot;
  const { release } = status;
  if (release === undefined || from === undefined || routes.kind !== "Known") return undefined;
  const weight = weightInForce(status);
  if (weight === undefined || routes.value.canaryWeight !== weight) return undefined;
  const presumed = routes.value.hasUnmanagedRules ? presumedUnmanagedShare : 0;
  const fromMs = Math.max(from, mendedBy(status, metricsOf(snapshot)));
  return { weight, unmanagedShare: release.unmanagedShare ?? presumed, fromMs };
}

/** Weights of others were mended by then (ms), two scrapes after they were found, and are out of the counters after two more. */
function mendedBy({ drift }: Snapshot["status"], metrics: readonly MetricFacts[]): number {
  const foundAt = fromOptionalInstant(drift?.repairedAt.at(-1)) ?? Number.NEGATIVE_INFINITY;
  return foundAt + 4000 * slowestScrape(metrics);
}

function slowestScrape(metrics: readonly MetricFacts[]): number {
  return Math.max(0, ...metrics.map(({ scrapeSeconds }) => scrapeSeconds));
}

/** What was decided, above 0: the stage's own weight, or before that the one of the stage before. */
function weightInForce(status: Snapshot["status"]): number | undefined {
  const { canaryWeight = 0 } = status;
  return isInStage(status) && canaryWeight > 0 ? canaryWeight : undefined;
}

function metricsOf({ metrics }: Snapshot): readonly MetricFacts[] {
  return metrics.kind === "Known" ? metrics.value : [];
}
