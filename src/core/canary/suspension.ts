/** What a suspension is laid over, and how life goes on after it. When one begins and ends is not decided here. */
import type { CanaryStatus, DrainStatus, StageStatus } from "../../api/canary-status.ts";
import { toInstant } from "../instant.ts";
import { type Guard, met, unmet } from "./guard.ts";
import { activePhase, isInStage } from "./phases.ts";
import type { Situation } from "./situation.ts";

/** True while the object, as it is now, asks for nothing to be touched. */
export function isSuspensionAsked({ snapshot: { asked } }: Situation): boolean {
  return asked.kind === "Known" && asked.value.suspend;
}

/** Nothing is begun for a Canary that shall not be touched. */
export function isNotSuspended(s: Situation): Guard {
  return isSuspensionAsked(s)
    ? unmet("spec.suspend is set: nothing is created until it is false")
    : met("");
}

/** The situation as it would be without the suspension, for the few rules that are asked all the same. */
export function beneathSuspension(s: Situation): Situation {
  const status = withoutSuspension(s.status);
  return { ...s, status, phase: status.phase ?? "New" };
}

/**
 * Status after the suspension. People may have routed by hand meanwhile: a stage proves its traffic anew, no command's
 * word stands in for a check any more, and requests to an idle target are seen to stop before its pods go.
 */
export function resumedStatus(s: Situation): CanaryStatus {
  const status = withoutSuspension(s.status);
  const at = toInstant(s.now);
  const { release } = status;
  const drain = drainAfter(s, status, at);
  const resumed = { ...status, ...(drain !== undefined && { drain }) };
  if (release === undefined) return resumed;
  const { stage, promotion } = release;
  return {
    ...resumed,
    release: {
      ...release,
      ...(stage !== undefined && isInStage(status) && { stage: enteredAgain(stage, at) }),
      ...(promotion !== undefined &&
        status.phase === "Promoting" && { promotion: { ...promotion, since: at } }),
    },
  };
}

/** A status that does not say what it was before is begun anew, as one that was lost. */
function withoutSuspension(status: CanaryStatus): CanaryStatus {
  const { suspended, phase: _, ...rest } = status;
  return suspended === undefined ? rest : { ...rest, phase: suspended.phase };
}

function enteredAgain(stage: StageStatus, at: string): StageStatus {
  const { routedAt: _, trafficConfirmedAt: __, byCommand: ___, raisedFrom: ____, ...kept } = stage;
  return {
    ...kept,
    enteredAt: at,
    ...(kept.shiftedAt !== undefined && { shiftedAt: at, resumedAt: at }),
  };
}

function drainAfter(s: Situation, status: CanaryStatus, at: string): DrainStatus | undefined {
  const { routes, target } = s.snapshot;
  const phase = activePhase(status);
  const isIdle = phase === "Initialized" || phase === "Succeeded" || phase === "Failed";
  const isRouted = routes.kind !== "Known" || routes.value.canaryWeight > 0;
  const hasPods = target.kind !== "Known" || target.value.replicas > 0;
  return status.drain !== undefined || (isIdle && (isRouted || hasPods))
    ? { startedAt: at }
    : undefined;
}
