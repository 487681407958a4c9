/**
 * What becomes of a workload whose Canary is being deleted, told from facts alone so that it can be asked again at any
 * time: whether the target may serve alone, or the primary must be kept.
 */
import { hasDrained, isSilent } from "../analysis/traffic.ts";
import { fromInstant, fromOptionalInstant } from "../instant.ts";
import { farewellToldMs, farewellUnheardMs, namespaceStaleMs } from "../limits.ts";
import { isCleared, planClearing } from "./clearing.ts";
import type { Action } from "./decision.ts";
import { every, type Guard, met, unmet } from "./guard.ts";
import { settleMs, twoSamplesMs } from "./rules/drain.ts";
import type { Situation } from "./situation.ts";
import type { MetricFacts } from "./snapshot.ts";

/** True if the target has the template that was promoted: it may serve alone. */
export function isRevertible({ snapshot: { target }, status }: Situation): boolean {
  return target.kind === "Known" && target.value.templateHash === status.lastPromotedHash;
}

/** Replicas that the target needs to serve alone; 0 while it is not to serve. */
export function servingReplicas(s: Situation): number {
  const step = s.status.deletion?.step;
  const isToServe = step === "Serve" ? isRevertible(s) && isNamespaceStaying(s) : isShifted(s);
  if (!isToServe) return 0;
  const { primary } = s.snapshot;
  const primaries =
    primary.kind === "Known" ? primary.value.replicas : s.status.release?.primaryReplicas;
  return Math.max(1, primaries ?? 0);
}

/** All traffic was decided to go to the target. */
function isShifted({ status: { deletion } }: Situation): boolean {
  const step = deletion?.step;
  return step === "Shift" || step === "Remove" || step === "Clear";
}

/** All traffic was decided to go to the target, and it has pods to answer. */
export function isTargetToServe(s: Situation): boolean {
  const { target } = s.snapshot;
  return isShifted(s) && target.kind === "Known" && target.value.availableReplicas > 0;
}

/** The target has every pod that it needs to serve alone. */
export function hasServingPods(s: Situation): Guard {
  const { target } = s.snapshot;
  if (target.kind !== "Known") return unmet(target.because);
  const { availableReplicas, isRolledOut } = target.value;
  const needed = servingReplicas(s);
  return isRolledOut && availableReplicas >= needed
    ? met(`the target has ${availableReplicas} pods available; giving it all traffic`)
    : unmet(
        `bringing the target up to serve without Serin: ${availableReplicas} of ${needed} pods are available`,
      );
}

/** The namespace is known, lately, not to go with everything in it. Where Serin may not read it, it stays. */
export function assessNamespace({ snapshot: { namespace }, now }: Situation): Guard {
  if (namespace.kind === "Unknown") return unmet("reading the namespace");
  if (namespace.kind === "Missing") return met("");
  const dueAt = namespace.value.readAt + namespaceStaleMs;
  if (namespace.value.isEnding) return unmet("the namespace is being deleted");
  return now < dueAt ? met("") : unmet("reading the namespace again");
}

function isNamespaceStaying(s: Situation): boolean {
  return assessNamespace(s).holds;
}

/** The primary runs what was promoted; gone is as good, nothing unproven serves then. */
export function isPrimaryProven({ snapshot: { primary }, status }: Situation): boolean {
  if (primary.kind === "Missing") return true;
  return primary.kind === "Known" && primary.value.templateHash === status.lastPromotedHash;
}

/** The primary can answer; one whose template may just have been written back, with all of its pods. */
export function isPrimaryServing({ snapshot: { primary }, status }: Situation): boolean {
  if (primary.kind !== "Known") return false;
  const { availableReplicas, isRolledOut } = primary.value;
  const isPromoted = status.release?.promotion === undefined;
  return availableReplicas > 0 && (isPromoted || isRolledOut);
}

/** Callers no longer report requests to the primary, or say nothing for long. */
export function hasTargetTaken(s: Situation): Guard {
  const routedAt = fromOptionalInstant(s.status.deletion?.routedAt);
  if (routedAt === undefined) return unmet("");
  if (s.snapshot.primary.kind === "Missing") return met("there is no primary to get requests");
  const metrics = withRolesSwapped(s);
  switch (primarySeen(s)) {
    case "Yes":
      return met("callers report no more requests to the primary");
    case "No":
      return unmet("callers still report requests to the primary");
    case "Unknown":
      return hasSettledUnseen(s, metrics, routedAt);
  }
}

/** What callers' reports say of the primary since everything was routed to the target. */
export function primarySeen(s: Situation): ReturnType<typeof hasDrained> {
  const routedAt = fromOptionalInstant(s.status.deletion?.routedAt);
  if (routedAt === undefined) return "Unknown";
  const metrics = withRolesSwapped(s);
  return hasDrained(metrics, { routedAt, settleMs: settleMs(s, metrics) });
}

/** Routes that are not there, or not readable, prove nothing: then only callers can. */
function hasSettledUnseen(s: Situation, metrics: readonly MetricFacts[], routedAt: number): Guard {
  const waiting = "waiting for callers' reports that the primary gets no more requests";
  if (s.snapshot.routes.kind !== "Known") return unmet(waiting, routedAt + farewellUnheardMs);
  const quietMs = isSilent(metrics, routedAt, s.now) ? twoSamplesMs(s) : farewellUnheardMs;
  const dueAt = routedAt + quietMs;
  return s.now >= dueAt
    ? met("everything is routed to the target, and nobody reports requests to the primary")
    : unmet(waiting, dueAt);
}

/** The same measurements, asked about the other version. */
function withRolesSwapped({ snapshot: { metrics } }: Situation): readonly MetricFacts[] {
  if (metrics.kind !== "Known") return [];
  return metrics.value.map((metric) => ({
    ...metric,
    state: {
      ...metric.state,
      blocks: metric.state.blocks.map((block) => ({
        ...block,
        canary: block.stable,
        stable: block.canary,
      })),
    },
  }));
}

/** The delay after the last request to the primary has passed, as after any drain. */
function isPrimaryIdle(s: Situation): Guard {
  const confirmedAt = fromOptionalInstant(s.status.deletion?.since);
  if (s.status.deletion?.step !== "Remove" || confirmedAt === undefined) return unmet("");
  const dueAt = confirmedAt + (s.spec?.rollback.canaryScaleDownDelaySeconds ?? 0) * 1000;
  return s.now >= dueAt
    ? met("")
    : unmet("the target serves all traffic; the idle primary is kept for a moment", dueAt);
}

/** The primary may be deleted: nobody calls it, and the target can answer. */
export function isPrimaryToGo(s: Situation): Guard {
  return every(
    () => isPrimaryIdle(s),
    () =>
      isTargetToServe(s)
        ? met("deleting the primary, which nobody calls any more")
        : unmet("the primary is kept, since the target has no pods of its template available"),
  );
}

/** The Canary may go: nothing of Serin's serves any more. */
export function isPrimaryGone(s: Situation): Guard {
  const { primary } = s.snapshot;
  if (s.status.deletion?.step !== "Remove") return unmet("");
  if (primary.kind === "Missing") return met("the target serves without Serin");
  return primary.kind === "Unknown" ? unmet(primary.because) : unmet("deleting the primary");
}

/** When time alone changes what is to be done, ms; undefined if it does not. */
export function farewellDueAt(s: Situation): number | undefined {
  const { namespace } = s.snapshot;
  const cleared = isCleared(s);
  const instants = [
    ...stepEndsAt(s),
    ...(cleared.holds || cleared.dueAt === undefined ? [] : [cleared.dueAt]),
    ...(namespace.kind === "Known" ? [namespace.value.readAt + namespaceStaleMs] : []),
  ].filter((at) => at > s.now);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

function stepEndsAt({ status: { deletion }, spec }: Situation): readonly number[] {
  if (deletion === undefined) return [];
  const since = fromInstant(deletion.since);
  if (deletion.step === "Orphaned") return [since + farewellToldMs];
  const delayMs = (spec?.rollback.canaryScaleDownDelaySeconds ?? 0) * 1000;
  return deletion.step === "Remove" ? [since + delayMs] : [];
}

/** What must be written, or read, beside routes and replicas. */
export function planFarewell(s: Situation): readonly Action[] {
  const { deletion, namespace, primary } = s.snapshot;
  if (!deletion.isAsked)
    return !deletion.isHeld && s.acceptance.kind === "Accepted"
      ? [{ kind: "SetFinalizer", wanted: true }]
      : [];
  if (s.phase !== "Terminating") return [];
  const isAgeing = namespace.kind !== "Missing" && !assessNamespace(s).holds;
  return [
    ...(isAgeing ? [{ kind: "ReadNamespace" } as const] : []),
    ...(isPrimaryToGo(s).holds && primary.kind === "Known"
      ? [{ kind: "DeletePrimary", resourceVersion: primary.value.resourceVersion } as const]
      : []),
    ...planClearing(s),
  ];
}
