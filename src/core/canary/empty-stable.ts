/**
 * Whether taking traffic off the target would send it to nobody: no pod of the primary is ready, and some of the target's
 * are. One ready pod of the primary is enough to take everything off; which version is bad is not judged here.
 */
import type { CanaryStatus } from "../../api/canary-status.ts";
import { fromInstant, fromOptionalInstant, toInstant } from "../instant.ts";
import { activePhase, isInStage } from "./phases.ts";
import type { Situation } from "./situation.ts";
import type { Snapshot } from "./snapshot.ts";

type Facts = Pick<Situation, "snapshot" | "status" | "spec" | "now">;

/** Traffic that was to be taken off, and stays where somebody answers. */
export interface HeldTraffic {
  /** Percent that the routes give the target. */
  readonly weight: number;
  /** Instant (ms) from which it is taken off in any case; undefined where no verdict asks for it. */
  readonly until: number | undefined;
  readonly message: string;
}

/** What the target keeps although it was decided to take it off; undefined while everything may go to the primary. */
export function heldTraffic(facts: Facts): HeldTraffic | undefined {
  const routed = routedBeyondDecision(facts);
  if (routed === 0 || !isStableEmpty(facts.snapshot) || !hasReadyTarget(facts.snapshot))
    return undefined;
  const until = endOf(facts);
  if (until !== undefined && facts.now >= until) return undefined;
  const weight = Math.ceil(routed);
  const end = until === undefined ? "" : `, until ${toInstant(until)} at the latest`;
  const message = `the primary has no ready pod: the target keeps its ${weight} % until one is ready${end}`;
  return { weight, until, message };
}

/** Percent that the routes give the target although none was decided. */
function routedBeyondDecision({ snapshot: { routes }, status }: Facts): number {
  return routes.kind === "Known" && status.canaryWeight === 0 ? routes.value.canaryWeight : 0;
}

/** Nobody of the primary answers: it has no ready pod, or was deleted. What is not known is no reason to wait. */
export function isStableEmpty({ primary }: Snapshot): boolean {
  if (primary.kind === "Missing") return primary.reason === "PrimaryNotFound";
  return primary.kind === "Known" && primary.value.readyReplicas === 0;
}

function hasReadyTarget({ target }: Snapshot): boolean {
  return target.kind === "Known" && target.value.readyReplicas > 0;
}

/**
 * Undefined for what no verdict takes off; an instant in the past where nothing is to be held. The time runs from the
 * decision: the pods of a primary that was scaled away come up in it.
 */
function endOf(facts: Facts): number | undefined {
  const since = decidedAt(facts.status);
  if (since === undefined || facts.spec === undefined) return Number.NEGATIVE_INFINITY;
  return isVerdictless(facts) ? undefined : since + facts.spec.rollback.withinSeconds * 1000;
}

/** When (ms) it was decided to take off what the routes still carry; undefined once they were seen without it, or let go. */
function decidedAt(status: CanaryStatus): number | undefined {
  const { drain, deletion } = status;
  if (drain !== undefined)
    return (drain.routedAt ?? drain.releasedAt) === undefined
      ? fromInstant(drain.startedAt)
      : undefined;
  return status.phase === "Terminating" ? fromOptionalInstant(deletion?.since) : begunAt(status);
}

/** A release in another's place, whose traffic is still to go. */
function begunAt(status: CanaryStatus): number | undefined {
  const stage = isInStage(status) ? status.release?.stage : undefined;
  return stage?.shiftedAt === undefined ? fromOptionalInstant(stage?.enteredAt) : undefined;
}

/** Nothing was found against what serves there: a retreat, a move of what is promoted, the end of a Canary. */
function isVerdictless({ status, snapshot: { target } }: Facts): boolean {
  const phase = activePhase(status);
  if (phase === "Initializing" || phase === "Finalising" || phase === "Terminating") return true;
  if (isInStage(status) && status.release?.retreat !== undefined) return true;
  return target.kind === "Known" && target.value.templateHash === status.lastPromotedHash;
}
