/** Sums a status up in conditions, by kstatus's meaning where it has one. Times move only when a condition's status does. */
import type { CanaryStatus, Condition } from "../../api/canary-status.ts";
import { toInstant } from "../instant.ts";
import { clip } from "./clip.ts";
import { promoted, ready, reconciling, stalled } from "./conditions/life.ts";
import {
  accepted,
  analysisPassed,
  canaryAvailable,
  trafficShifted,
} from "./conditions/progress.ts";
import type { Situation } from "./situation.ts";

/** Every condition of the catalogue for a status that is about to be persisted. */
export function summariseConditions(status: CanaryStatus, situation: Situation): Condition[] {
  const { identity } = situation.snapshot;
  return [
    ready(status, situation),
    reconciling(status, situation),
    stalled(status, situation),
    accepted(situation),
    canaryAvailable(status, situation),
    trafficShifted(status, situation),
    analysisPassed(status, situation),
    promoted(status),
  ].map((claim) => {
    const before = situation.status.conditions?.find((other) => other.type === claim.type);
    const isSame = before?.status === claim.status;
    return {
      ...claim,
      message: clip(claim.message),
      observedGeneration: identity.generation,
      lastTransitionTime: isSame ? before.lastTransitionTime : toInstant(situation.now),
    };
  });
}
