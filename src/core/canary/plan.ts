/** What must be done so that the cluster matches the persisted status. Empty when it does. */

import type { ReleaseStatus } from "../../api/canary-status.ts";
import { planAbortRemoval } from "./abort.ts";
import { neededReplicas } from "./capacity.ts";
import { isClearing } from "./clearing.ts";
import type { Action, SetWeight } from "./decision.ts";
import { isTargetToServe, planFarewell, servingReplicas } from "./deletion.ts";
import { isReplicasContested } from "./drift.ts";
import { heldTraffic, isStableEmpty } from "./empty-stable.ts";
import { isFrozen } from "./freeze.ts";
import { isHalfPromoted, planHalfPromoted } from "./half-promoted.ts";
import { isExposedByLoss } from "./loss.ts";
import { isReleaseRunning } from "./phases.ts";
import { planFreeze } from "./plan-freeze.ts";
import { mayRaiseNow } from "./raise-rule.ts";
import { isDrainOver } from "./rules/drain.ts";
import { isRestored } from "./rules/promotion-rules.ts";
import { isAccepted } from "./rules/spec-rules.ts";
import { dueShare, hasCapacity } from "./rules/stage.ts";
import type { Situation } from "./situation.ts";
import type { Mirror, Routes, Workload } from "./snapshot.ts";
import { wantedMirror } from "./stages.ts";
import { isReplaceable } from "./stall.ts";

/** Idempotent actions, the most urgent first: taking weight off stands before everything. */
export function planActions(s: Situation): readonly Action[] {
  if (s.phase === "Suspended") return planAbortRemoval(s);
  const routes = isClearing(s) ? [] : planRoutes(s);
  const freeze = planFreeze(s);
  // Nothing is done for a release before what it is held to is written down; taking weight off waits for nothing.
  if (freeze.length > 0) return [...routes, ...freeze];
  return [
    ...routes,
    ...planPrimary(s),
    ...planTarget(s),
    ...planAbortRemoval(s),
    ...planFarewell(s),
  ];
}

/**
 * The write that takes off what the routes give the target beyond what was persisted, be it weight or copies; undefined
 * if they do not.
 */
export function planLowering(s: Situation): SetWeight | undefined {
  const { routes } = s.snapshot;
  // While it is suspended people route by hand.
  if (routes.kind !== "Known" || s.phase === "New" || s.phase === "Suspended") return undefined;
  const kept = heldTraffic(s)?.weight ?? s.status.canaryWeight ?? 100;
  const copied = copiedPercent(routes.value);
  if (routes.value.canaryWeight <= kept && copied <= wantedMirror(s.status)) return undefined;
  const canaryWeight = Math.min(kept, Math.floor(routes.value.canaryWeight));
  return { kind: "SetWeight", canaryWeight, direction: "Lower" };
}

function copiedPercent({ mirror }: Routes): number {
  return mirror?.percentage ?? 0;
}

function planRoutes(s: Situation): readonly Action[] {
  const { routes } = s.snapshot;
  const wanted = s.status.canaryWeight;
  const lowering = planLowering(s);
  if (lowering !== undefined) return [lowering];
  if (routes.kind !== "Known" || wanted === undefined) return [];
  if (areObjectsMissing(s))
    return [{ kind: "CreateObjects", canaryWeight: isUnserved(s) ? 100 : 0 }];
  if (routes.value.canaryWeight === wanted && routes.value.isUniform)
    return planMirror(s, routes.value.mirror);
  if (wanted === 0) return planZero(s);
  return mayRaiseWeight(s) ? [{ kind: "SetWeight", canaryWeight: wanted, direction: "Raise" }] : [];
}

function planZero(s: Situation): readonly Action[] {
  const isHeld = heldTraffic(s) !== undefined;
  return isHeld ? [] : [{ kind: "SetWeight", canaryWeight: 0, direction: "Lower" }];
}

/** Copies cost pods what requests cost, so they are asked for as weight is. */
function planMirror(s: Situation, mirror: Mirror | undefined): readonly Action[] {
  const percentage = wantedMirror(s.status);
  if (percentage === 0 || (mirror?.percentage === percentage && mirror.isUniform)) return [];
  return mayRaiseWeight(s) ? [{ kind: "SetMirror", percentage }] : [];
}

/** While the primary is not there yet the live pods are the baseline, not a canary: they keep all traffic. */
function mayRaiseWeight(s: Situation): boolean {
  if (s.phase === "Terminating") return isTargetToServe(s);
  if (!isAccepted(s).holds) return false;
  if (s.phase === "Initializing") return isUnserved(s) && hasPods(s);
  if (isPrimaryReplaced(s)) return false;
  return isFrozen(s.snapshot.freeze).holds && hasCapacity(s).holds && mayRaiseNow(s).holds;
}

function planPrimary(s: Situation): readonly Action[] {
  const { primary } = s.snapshot;
  if (primary.kind === "Missing") return planCreation(s);
  if (primary.kind !== "Known") return [];
  return (
    planTemplate(s, primary.value) ?? planHalfPromoted(s, primary.value) ?? planPrimaryReplicas(s)
  );
}

/** At the initialisation; and anew, when somebody deleted it while it served. */
function planCreation(s: Situation): readonly Action[] {
  const { target } = s.snapshot;
  if (target.kind !== "Known") return [];
  const { replicas, templateHash } = target.value;
  if (s.status.initialisation?.step === "CreatePrimary") {
    if (!isAccepted(s).holds) return [];
    return [{ kind: "CreatePrimary", replicas: Math.max(1, replicas), templateHash }];
  }
  const { lastPromotedHash } = s.status;
  if (!isReplaceable(s.snapshot) || lastPromotedHash === undefined) return [];
  return [
    { kind: "CreatePrimary", replicas: lostReplicas(s, replicas), templateHash: lastPromotedHash },
  ];
}

/** As many as it was last seen to have, and never fewer than the running release relies on. */
function lostReplicas({ status }: Situation, targetReplicas: number): number {
  const { workloads, release } = status;
  const atStart = release?.primaryReplicas ?? 1;
  const seen = workloads?.primary?.replicas ?? Math.max(targetReplicas, atStart);
  return Math.max(1, seen, isReleaseRunning(status) ? atStart : 0);
}

function planTemplate(s: Situation, primary: Workload): readonly Action[] | undefined {
  const { templateHash, resourceVersion } = primary;
  const { release } = s.status;
  const promotion = release?.promotion;
  if (release === undefined) return undefined;
  if (promotion === undefined) return planTakingBack(release, primary);
  const { savedHash } = promotion;
  if (isWayBack(s, primary, savedHash) || isLateCopy(s, templateHash))
    return [{ kind: "RestoreTemplate", savedHash, resourceVersion }];
  const isDue = s.phase === "Promoting" && promotion.step === "Copy" && isAccepted(s).holds;
  if (!isDue || templateHash === release.templateHash) return undefined;
  return [{ kind: "CopyTemplate", templateHash: release.templateHash, savedHash, resourceVersion }];
}

function isWayBack({ phase, status }: Situation, primary: Workload, savedHash: string): boolean {
  const isStep = phase === "Promoting" && status.release?.promotion?.step === "Restore";
  return isStep && !isRestored(primary, savedHash);
}

/** A copy that the release before gave up has arrived all the same. */
function planTakingBack(
  { abandoned }: ReleaseStatus,
  { templateHash, resourceVersion }: Workload,
): readonly Action[] | undefined {
  if (abandoned === undefined || templateHash !== abandoned.templateHash) return undefined;
  return [{ kind: "RestoreTemplate", savedHash: abandoned.savedHash, resourceVersion }];
}

/** A copy whose answer was lost may arrive after its version was taken off: it would serve everything. */
function isLateCopy({ phase, status }: Situation, templateHash: string): boolean {
  const { release, lastPromotedHash } = status;
  if (templateHash !== release?.templateHash || templateHash === lastPromotedHash) return false;
  // A promotion that was suspended may be anywhere when its Canary is deleted.
  if (phase === "Terminating") return true;
  return (phase === "Failed" || phase === "Initialized") && release.promotion?.step === "Copy";
}

function planPrimaryReplicas(s: Situation): readonly Action[] {
  const { primary } = s.snapshot;
  if (primary.kind !== "Known") return [];
  const { replicas, resourceVersion } = primary.value;
  const needed = neededPrimaryReplicas(s);
  if (replicas >= needed) return [];
  return [{ kind: "Scale", role: "Primary", replicas: needed, resourceVersion }];
}

/** Never fewer than when the release started; and where traffic is on its way to a primary that is empty, one at least. */
function neededPrimaryReplicas(s: Situation): number {
  const atStart = s.status.release?.primaryReplicas ?? 0;
  if (isToTakeTraffic(s)) return Math.max(1, atStart);
  return isReleaseRunning(s.status) ? atStart : 0;
}

/** Nobody of the primary answers, and what the target has is to go there, or went there just now. */
function isToTakeTraffic(s: Situation): boolean {
  const { drain } = s.status;
  if (s.status.initialisation?.step === "CreatePrimary" || !isStableEmpty(s.snapshot)) return false;
  return heldTraffic(s) !== undefined || (drain !== undefined && drain.confirmedAt === undefined);
}

function planTarget(s: Situation): readonly Action[] {
  const { target } = s.snapshot;
  if (target.kind !== "Known") return [];
  const wanted = wantedTargetReplicas(s, target.value.replicas);
  if (wanted === target.value.replicas) return [];
  return [
    {
      kind: "Scale",
      role: "Target",
      replicas: wanted,
      resourceVersion: target.value.resourceVersion,
    },
  ];
}

function wantedTargetReplicas(s: Situation, replicas: number): number {
  const { release } = s.status;
  if (isTargetExposed(s)) return 0;
  if (isReleaseRunning(s.status) && release?.stage !== undefined) {
    const share = dueShare(s, release.stage);
    return share === 0
      ? replicas
      : Math.max(replicas, neededReplicas(release.primaryReplicas, share));
  }
  if (s.phase === "Terminating") return Math.max(replicas, servingReplicas(s));
  return isTargetIdle(s) ? 0 : replicas;
}

/** The target's pods go only when no route leads to them and their last request was seen. */
function isTargetIdle(s: Situation): boolean {
  const { primary } = s.snapshot;
  const isIdlePhase = s.phase === "Initialized" || s.phase === "Succeeded" || s.phase === "Failed";
  if (!isIdlePhase || s.status.canaryWeight !== 0) return false;
  if (!isTargetUnrouted(s) || isHalfPromoted(s.snapshot)) return false;
  if (primary.kind !== "Known" || primary.value.availableReplicas === 0) return false;
  if (s.status.drain === undefined) return !isReplicasContested(s);
  return isDrainOver(s).holds;
}

function areObjectsMissing({ snapshot: { routes } }: Situation): boolean {
  return routes.kind === "Known" && routes.value.missingObjects.length > 0;
}

/** While there is no primary the live pods keep all traffic. */
function isUnserved({ phase, status }: Situation): boolean {
  return phase === "Initializing" && status.initialisation?.step === "CreatePrimary";
}

/** A status that was restored may speak of an initialisation that is long over, and of pods that are long gone. */
function hasPods({ snapshot: { target } }: Situation): boolean {
  return target.kind === "Known" && target.value.replicas > 0;
}

/** What was taken off then goes where it is to end anyway: to the primary. */
function isPrimaryReplaced({ phase, status }: Situation): boolean {
  const step = status.release?.promotion?.step;
  return phase === "Promoting" && step !== undefined && step !== "Copy";
}

/** Only while somebody else can answer. */
function isTargetExposed({ snapshot }: Situation): boolean {
  const { primary } = snapshot;
  if (primary.kind !== "Known" || primary.value.availableReplicas === 0) return false;
  return isExposedByLoss(snapshot);
}

function isTargetUnrouted({ snapshot: { routes } }: Situation): boolean {
  if (routes.kind !== "Known") return false;
  return routes.value.canaryWeight === 0 && routes.value.mirror === undefined;
}
