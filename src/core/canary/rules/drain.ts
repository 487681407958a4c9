/** What is known of a drain: whether requests to the target have stopped, and how long that may take. */
import { hasDrained, isSilent } from "../../analysis/traffic.ts";
import { fromInstant, fromOptionalInstant } from "../../instant.ts";
import { whyUnread } from "../checks.ts";
import { type Guard, met, unmet } from "../guard.ts";
import { isInStage } from "../phases.ts";
import { propagationSeconds } from "../rollback-bound.ts";
import type { Situation } from "../situation.ts";
import type { MetricFacts } from "../snapshot.ts";

/** The routes were to be lowered long ago, are not, and nobody was told. */
export function isUnwritten(s: Situation): boolean {
  const { drain } = s.status;
  if (drain === undefined || drain.routedAt !== undefined || drain.unconfirmed === true)
    return false;
  // The time to write them begins when they may be written.
  if (s.status.heldForStable !== undefined) return false;
  return s.now >= fromInstant(drain.releasedAt ?? drain.startedAt) + twoSamplesMs(s);
}

/** The target's pods may go: its last request was seen, and the delay has passed. */
export function isDrainOver(s: Situation): Guard {
  const confirmedAt = fromOptionalInstant(s.status.drain?.confirmedAt);
  if (confirmedAt === undefined) return unmet("");
  const dueAt = confirmedAt + (s.spec?.rollback.canaryScaleDownDelaySeconds ?? 0) * 1000;
  return s.now >= dueAt ? met("") : unmet(s.status.message ?? "", dueAt);
}

/** What was done, and of a rollback also why. */
export function drainLabel(s: Situation): string {
  const { release } = s.status;
  const retreat = isInStage(s.status) ? release?.retreat : undefined;
  const why = s.phase === "Failed" ? release?.rollback : retreat;
  return why === undefined
    ? "all traffic is sent to the primary, none to the target"
    : `all traffic is taken off the new version (${why.message})`;
}

/** Callers no longer report requests to the target, or nobody calls at all. */
export function hasStopped(s: Situation): Guard {
  const routedAt = fromOptionalInstant(s.status.drain?.routedAt);
  if (routedAt === undefined) return unmet("the routes are being written");
  switch (drainSeen(s)) {
    case "Yes":
      return met("callers report no more requests to the target");
    case "No":
      return unmet(`callers still report requests to the target${otherWays(s)}`);
    case "Unknown":
      return s.spec?.skipAnalysis === true
        ? hasHadTime(s, routedAt)
        : hasNoClients(s, metricsOf(s), routedAt);
  }
}

/**
 * Whether life goes on although requests to the target were not seen to stop. What callers contradict needs twice the
 * time to confirm; where nobody can say, the routes and the primary's pods must do after the progress deadline.
 */
export function mayGoOnUndrained(s: Situation): Guard {
  const { drain } = s.status;
  if (drain?.unconfirmed !== true || drain.routedAt === undefined || s.spec === undefined)
    return unmet("");
  const routedAt = fromInstant(drain.routedAt);
  switch (drainSeen(s)) {
    case "Yes":
      return unmet("");
    case "No":
      return once(
        s.now,
        routedAt + 2 * twoSamplesMs(s),
        `callers still report requests to the target, by a way that Serin does not manage${otherWays(s)}; its pods are kept`,
      );
    case "Unknown":
      if (isUnheard(s) || !isServedByPrimary(s)) return unmet("");
      return once(
        s.now,
        routedAt + s.spec.progressDeadlineSeconds * 1000,
        `no metrics have confirmed that requests to the target stopped (${whyUnconfirmed(s)}); the routes send it none, and its pods are kept until it is confirmed`,
      );
  }
}

function once(now: number, dueAt: number, message: string): Guard {
  return now >= dueAt ? met(message) : unmet("", dueAt);
}

/** By the routes and the pods alone. */
function isServedByPrimary({ snapshot: { routes, primary } }: Situation): boolean {
  const isRouted = routes.kind === "Known" && routes.value.canaryWeight === 0;
  return isRouted && primary.kind === "Known" && primary.value.availableReplicas > 0;
}

function whyUnconfirmed(s: Situation): string {
  const { metrics } = s.snapshot;
  if (metrics.kind !== "Known") return metrics.because;
  return whyUnread(s.checks) ?? "they know no requests after the change of routes";
}

/** Where else the requests may come from, as far as it is known: rules that are their owners' to change. */
export function otherWays({ snapshot: { routes } }: Situation): string {
  const others = routes.kind === "Known" ? routes.value.otherRoutes : [];
  return others.length === 0 ? "" : `; it is also reached by ${others.join(" and ")}`;
}

/** What callers' reports say of the target since the routes were changed. */
export function drainSeen(s: Situation): "Yes" | "No" | "Unknown" {
  const routedAt = fromOptionalInstant(s.status.drain?.routedAt);
  if (routedAt === undefined) return "Unknown";
  const metrics = metricsOf(s);
  return hasDrained(metrics, { routedAt, settleMs: settleMs(s, metrics) });
}

function metricsOf(s: Situation): readonly MetricFacts[] {
  return s.snapshot.metrics.kind === "Known" ? s.snapshot.metrics.value : [];
}

/**
 * True until the metrics have told anything, be it that they cannot be read: whoever has just taken over has not
 * looked yet, and a service without traffic is confirmed by its silence. Where the spec asks for no analysis nothing need
 * ever be told.
 */
export function isUnheard(s: Situation): boolean {
  if (s.spec?.skipAnalysis === true && drainSeen(s) === "Unknown") return true;
  const metrics = s.snapshot.metrics.kind === "Known" ? s.snapshot.metrics.value : [];
  const isHeard = metrics.some(
    ({ state }) => state.blocks.length > 0 || state.failure !== undefined,
  );
  return metrics.length > 0 && !isHeard;
}

/** Whoever asks for no analysis may have nothing that counts requests: then the time to stop suffices. */
function hasHadTime(s: Situation, routedAt: number): Guard {
  const dueAt = routedAt + drainTimeMs(s);
  return s.now >= dueAt
    ? met("requests to the target had the time to stop")
    : unmet("waiting while requests to the target stop", dueAt);
}

function drainTimeMs(s: Situation): number {
  return twoSamplesMs(s) + (s.spec?.rollback.canaryScaleDownDelaySeconds ?? 0) * 1000;
}

/** A service that nobody calls cannot be confirmed by its callers: silence past the deadline and the delay suffices. */
function hasNoClients(s: Situation, metrics: readonly MetricFacts[], routedAt: number): Guard {
  const dueAt = routedAt + drainTimeMs(s);
  if (!isSilent(metrics, routedAt, s.now))
    return unmet(whyUnread(s.checks) ?? "waiting for callers' reports after the change of routes");
  return s.now >= dueAt
    ? met("nobody calls the service")
    : unmet("nobody calls the service at the moment", dueAt);
}

/** What was scraped this long after the change of routes shows the world after it. */
export function settleMs(s: Situation, metrics: readonly MetricFacts[]): number {
  const scrape = Math.max(0, ...metrics.map((metric) => metric.scrapeSeconds));
  return (scrape + propagationOf(s)) * 1000;
}

/**
 * Longest that a drain which is real may take to be seen, from the change of routes on: until what is scraped shows the
 * world after it, one more scrape until such a sample is there, one interval until it is read, and the reading.
 */
export function confirmDeadlineMs(s: Situation): number {
  const metrics = metricsOf(s);
  const interval = s.spec?.analysis.intervalSeconds ?? 0;
  const scrape = Math.max(0, ...metrics.map((metric) => metric.scrapeSeconds));
  const timeout = Math.max(0, ...metrics.map((metric) => metric.queryTimeoutSeconds));
  return settleMs(s, metrics) + (scrape + interval + timeout) * 1000;
}

/** Two samples, by whichever is slower of scraping and reading, and the propagation. */
export function twoSamplesMs(s: Situation): number {
  const interval = s.spec?.analysis.intervalSeconds ?? 0;
  const sample = Math.max(interval, ...metricsOf(s).map((metric) => metric.scrapeSeconds));
  return (2 * sample + propagationOf(s)) * 1000;
}

function propagationOf(s: Situation): number {
  return s.spec === undefined ? 0 : propagationSeconds(s.spec);
}
