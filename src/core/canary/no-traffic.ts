/** Whether nobody calls the service, and what the spec makes of it. Reads that fail say nothing of callers. */
import { countsRequests } from "../analysis/traffic.ts";
import { type Guard, met, unmet } from "./guard.ts";
import type { Situation } from "./situation.ts";

type Known = Pick<Situation, "snapshot" | "spec" | "shown" | "checks" | "now">;

/** Since when (ms) good reads of every metric that counts requests have shown none to either version. */
export function unusedSince({ snapshot, shown }: Known): number | undefined {
  const metrics = snapshot.metrics.kind === "Known" ? snapshot.metrics.value : [];
  const counting = metrics.filter(countsRequests);
  const fresh = new Set(shown.filter((check) => check.fresh).map((check) => check.metric));
  if (counting.length === 0 || !counting.every(({ name }) => fresh.has(name))) return undefined;
  const instants = counting.map(({ state }) => state.quietSince);
  const known = instants.filter((instant) => instant !== undefined);
  return known.length < counting.length ? undefined : Math.max(...known);
}

/**
 * Nobody has called either version since `fromMs`, for as long as analysis.onNoTraffic asks for, and no metric says
 * anything against it. Never holds without that opt-in.
 */
export function isUnusedFor(s: Known, fromMs: number): Guard {
  const seconds = s.spec?.analysis.onNoTraffic.seconds;
  const since = unusedSince(s);
  if (seconds === undefined || since === undefined) return unmet("");
  if (s.checks.some(({ verdict }) => verdict === "Fail" || verdict === "Error")) return unmet("");
  const dueAt = Math.max(since, fromMs) + seconds * 1000;
  return s.now >= dueAt
    ? met(
        `is passed without evidence: nobody has called the service for ${seconds} s (onNoTraffic)`,
      )
    : unmet("", dueAt);
}
