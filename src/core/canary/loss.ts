/** Whether somebody deleted what a release runs on: its routes or its target. Nothing is decided here. */
import type { Snapshot } from "./snapshot.ts";

/** What is gone, as a reason of condition Stalled, and what to do about it. */
export interface Loss {
  readonly reason: "RouteMissing" | "TargetMissing";
  readonly message: string;
  /** What was found missing, without what to do. */
  readonly because: string;
}

/** Reasons of routes that are not there at all; a route that is there and lacks something still carries traffic. */
const goneRoutes: readonly string[] = [
  "VirtualServiceNotFound",
  "RouteNotFound",
  "DestinationRuleNotFound",
];

/** The target's Deployment was deleted, and its pods with it. */
export function missingTarget({ target }: Snapshot): Loss | undefined {
  if (target.kind !== "Missing" || target.reason !== "TargetNotFound") return undefined;
  return {
    reason: "TargetMissing",
    because: target.because,
    message: `${target.because}; the primary serves; apply it again for the next release`,
  };
}

/** A VirtualService, the managed rule or the DestinationRule was deleted: clients reach all pods of the Service, or none. */
export function missingRoutes({ routes }: Snapshot): Loss | undefined {
  if (routes.kind !== "Missing" || !goneRoutes.includes(routes.reason)) return undefined;
  return {
    reason: "RouteMissing",
    because: routes.because,
    message: `${routes.because}; until it is back nobody decides which version serves`,
  };
}

/** What is gone of a Canary that was initialised and is to stay; before, it is only not there yet. */
export function assessLoss(snapshot: Snapshot): Loss | undefined {
  const { phase } = snapshot.status;
  // Without a primary nobody serves: that is told first.
  if (snapshot.primary.kind === "Missing") return undefined;
  if (phase === undefined || phase === "Initializing" || phase === "Terminating") return undefined;
  return missingTarget(snapshot) ?? missingRoutes(snapshot);
}

/** The target's pods are to go although a route is gone: without one the Service itself sends them requests. */
export function isExposedByLoss(snapshot: Snapshot): boolean {
  const { phase, release, canaryWeight } = snapshot.status;
  if (canaryWeight !== 0 || missingRoutes(snapshot) === undefined) return false;
  if (phase === "Finalising") return snapshot.freeze.kind === "Held";
  return phase === "Failed" && release?.rollback?.reason === "RouteMissing";
}
