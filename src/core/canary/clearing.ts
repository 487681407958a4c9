/**
 * How a generated route goes at the end of a Canary: first what sends requests by the subsets, then, once every proxy has
 * had the time to hear of that, the subsets. A proxy that knew them gone first would fail what it sends.
 */
import { fromInstant } from "../instant.ts";
import { clearingOverdueMs } from "../limits.ts";
import type { Action } from "./decision.ts";
import { type Guard, met, unmet } from "./guard.ts";
import { propagationSeconds } from "./rollback-bound.ts";
import type { Situation } from "./situation.ts";

/** Nobody but the target is left to be sent to, and the route that says so is Serin's own. */
export function isClearing(s: Situation): boolean {
  const step = s.phase === "Terminating" ? s.status.deletion?.step : undefined;
  if (step === "Clear") return true;
  return step === "Remove" && s.snapshot.primary.kind === "Missing" && isGenerated(s);
}

function isGenerated({ spec }: Situation): boolean {
  return spec?.routing.istio?.generate !== undefined;
}

/** The route is to be deleted; again, when somebody has brought it back. */
export function planClearing(s: Situation): readonly Action[] {
  return isClearing(s) && isRouteThere(s) ? [{ kind: "RemoveGenerated", part: "Route" }] : [];
}

/** True while the route is seen; what is not known is not there for sure, nor gone. */
export function isRouteThere({ snapshot: { generatedRoute } }: Situation): boolean {
  return generatedRoute.kind === "Known" && generatedRoute.value === "There";
}

/** The route is seen to be gone: from now on proxies hear of it. */
export function isRouteGone(s: Situation): Guard {
  const { generatedRoute } = s.snapshot;
  if (!isClearing(s)) return unmet("");
  if (generatedRoute.kind !== "Known") return unmet(generatedRoute.because);
  return generatedRoute.value === "There"
    ? unmet("deleting the generated route; its subsets are kept until it is gone")
    : met("the generated route is gone; its subsets are kept until every proxy has heard of it");
}

/** Every proxy has had the time to hear that the route is gone: the subsets may follow, and the Canary. */
export function isCleared(s: Situation): Guard {
  const dueAt = clearedAt(s);
  if (dueAt === undefined || !isRouteGone(s).holds) return unmet("");
  if (isClearingOverdue(s)) return unmet("");
  return s.now >= dueAt ? met("the target serves without Serin") : unmet("", dueAt);
}

/**
 * The time is long over, and nothing was done: whoever decides was away, or could not reach the API server. Then the
 * mesh may have heard as little, and gets its time again.
 */
export function isClearingOverdue(s: Situation): boolean {
  const dueAt = clearedAt(s);
  return dueAt !== undefined && s.now >= dueAt + clearingOverdueMs;
}

/** Wall time, ms; undefined before the route was seen to be gone. */
function clearedAt(s: Situation): number | undefined {
  const { deletion } = s.status;
  if (!isClearing(s) || deletion?.step !== "Clear" || s.spec === undefined) return undefined;
  return fromInstant(deletion.since) + propagationSeconds(s.spec) * 1000;
}
