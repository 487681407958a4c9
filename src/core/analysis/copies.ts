/** Whether copies of live requests arrive as they were asked for. Judges no version. */
import { minProofRequests } from "./limits.ts";
import { presumedUnmanagedShare, type Traffic, type TrafficMoved, wordShare } from "./traffic.ts";
import { wordRequests } from "./wording.ts";

/** How the copies are judged. */
export interface CopyProof {
  /** Percent of the managed routes' requests to be copied, 1 to 100. */
  readonly percentage: number;
  /** Requests that other rules send to stable are not copied. */
  readonly hasUnmanagedRules: boolean;
  /** As the pods count them: copies on the canary's side, live requests on stable's. */
  readonly traffic: Traffic | undefined;
}

/**
 * Whether the pods' own reports prove that copies arrive: at least 10, and at least half of the percentage of stable's
 * requests (a tenth of it, where rules outside management exist). Live requests do not move: the share seen is 0.
 */
export function haveCopiesArrived(proof: CopyProof): TrafficMoved {
  const { traffic, percentage, hasUnmanagedRules } = proof;
  if (traffic === undefined || traffic.canary + traffic.stable <= 0) {
    return { holds: false, because: "no requests were seen since the routes changed" };
  }
  const seen = `${Math.round(traffic.canary)} copies beside ${wordRequests(traffic.stable, "live ")}`;
  if (traffic.canary <= 0) {
    const because = `${seen}; the templates must ask the pods in a mirror stage: reporter=~"{{ reporter }}"`;
    return { holds: false, because, observedShare: 0 };
  }
  if (traffic.canary < minProofRequests) {
    return { holds: false, because: `${seen}; ${minProofRequests} are needed`, observedShare: 0 };
  }
  const managed = hasUnmanagedRules ? 1 - presumedUnmanagedShare : 1;
  const least = (percentage / 200) * managed;
  return traffic.canary >= least * traffic.stable
    ? { holds: true, message: seen, observedShare: 0 }
    : {
        holds: false,
        because: `${seen}; at least ${wordShare(least)} is needed`,
        observedShare: 0,
      };
}
