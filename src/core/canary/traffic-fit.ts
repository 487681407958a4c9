/** Whether the requests that callers report fit the weight that is set, beyond the proof that traffic moved at all. */
import { type Split, seesNobodyAnswer, seesTooMany } from "../analysis/traffic-split.ts";
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

/** Why far more requests than the weight go to the canary; undefined while they do not. */
export function splitMismatch(snapshot: Snapshot): string | undefined {
  const { stage } = snapshot.status.release ?? {};
  const split = splitSince(snapshot, fromOptionalInstant(stage?.routedAt));
  const seen = split && seesTooMany(metricsOf(snapshot), split);
  if (split === undefined || seen === undefined) return undefined;
  return `the canary got ${wordNumber(100 * seen.share)} % of ${wordRequests(seen.requests)} at weight ${split.weight}: another rule, VirtualService or caller sends it traffic, or a proxy has other weights; the release holds`;
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

/** From when silence counts: a later stage's canary was reached before, and has two scrapes to show its new share. */
function reachedSince(snapshot: Snapshot): number | undefined {
  const { stage } = snapshot.status.release ?? {};
  if (stage?.trafficConfirmedAt !== undefined) return fromInstant(stage.trafficConfirmedAt);
  if (stage?.routedAt === undefined || snapshot.spec.kind !== "Known") return undefined;
  if (isFirstWeight(snapshot.spec.value.stages, stage)) return undefined;
  const scrape = Math.max(0, ...metricsOf(snapshot).map(({ scrapeSeconds }) => scrapeSeconds));
  return fromInstant(stage.routedAt) + 2000 * scrape;
}

/** Only while the routes carry what was decided: what somebody else set says nothing. */
function splitSince({ status, routes }: Snapshot, from: number | undefined): Split | undefined {
  const { release } = status;
  if (release === undefined || from === undefined || routes.kind !== "Known") return undefined;
  const weight = weightInForce(status);
  if (weight === undefined || routes.value.canaryWeight !== weight) return undefined;
  const presumed = routes.value.hasUnmanagedRules ? presumedUnmanagedShare : 0;
  return { weight, unmanagedShare: release.unmanagedShare ?? presumed, fromMs: from };
}

/** The stage's own weight, above 0 and decided. */
function weightInForce(status: Snapshot["status"]): number | undefined {
  const weight = status.release?.stage?.weight ?? 0;
  return isInStage(status) && weight > 0 && weight === status.canaryWeight ? weight : undefined;
}

function metricsOf({ metrics }: Snapshot): readonly MetricFacts[] {
  return metrics.kind === "Known" ? metrics.value : [];
}
