/** What can be decided, as data. `act` is one exhaustive switch over it. */
import type { CanaryStatus } from "../../api/canary-status.ts";
import type { FrozenSpec } from "./freeze.ts";
import type { RuleName } from "./rule-name.ts";

/** Set the target's weight on every managed route. */
export interface SetWeight {
  readonly kind: "SetWeight";
  /** Percent, 0 to 100. */
  readonly canaryWeight: number;
  /**
   * Raise: tests each object's resourceVersion as observed. Lower: tests identity only, takes no token from the
   * request limit, and falls back to read-modify-write until it is written; copies of requests go with it.
   */
  readonly direction: "Raise" | "Lower";
}

/** Copy as many of the managed routes' requests to the target; taken away by a SetWeight that lowers. */
export interface SetMirror {
  readonly kind: "SetMirror";
  /** Percent, 1 to 100. */
  readonly percentage: number;
}

/** Create or mend the Services of host form, or the routing objects that are generated. */
export interface CreateObjects {
  readonly kind: "CreateObjects";
  /** Weight, in percent, with which a route that is not there begins; one that is there keeps its own. */
  readonly canaryWeight: number;
}

/** Create the primary as a derived copy of the target. */
export interface CreatePrimary {
  readonly kind: "CreatePrimary";
  readonly replicas: number;
  /** Hash of the template: the target's, or the promoted one, which a ReplicaSet of the target still holds. */
  readonly templateHash: string;
}

/** Set spec.replicas of the target or the primary. */
export interface Scale {
  readonly kind: "Scale";
  readonly role: "Target" | "Primary";
  readonly replicas: number;
  readonly resourceVersion: string;
}

/** Save the primary's template as a ControllerRevision, then give it the template under release. */
export interface CopyTemplate {
  readonly kind: "CopyTemplate";
  readonly templateHash: string;
  readonly savedHash: string;
  readonly resourceVersion: string;
}

/** Write the saved template back to the primary. */
export interface RestoreTemplate {
  readonly kind: "RestoreTemplate";
  readonly savedHash: string;
  readonly resourceVersion: string;
}

/** Take off the primary what says that it is to get an earlier template back. */
export interface ConfirmTemplate {
  readonly kind: "ConfirmTemplate";
  readonly resourceVersion: string;
}

/** Remove annotation serin.dev/abort, if it still has the value that was answered. */
export interface RemoveAbort {
  readonly kind: "RemoveAbort";
  readonly value: string;
}

/** Keep the spec that a release is held to, under a name that says its content. */
export interface KeepSpec {
  readonly kind: "KeepSpec";
  readonly content: FrozenSpec;
}

/** Look for the spec that a release is held to where the cache does not show it. */
export interface FindSpec {
  readonly kind: "FindSpec";
  readonly revision: string;
}

/** Put Serin's finalizer on the Canary, or take it off. */
export interface SetFinalizer {
  readonly kind: "SetFinalizer";
  readonly wanted: boolean;
}

/** Delete the primary, whose traffic the target has. */
export interface DeletePrimary {
  readonly kind: "DeletePrimary";
  readonly resourceVersion: string;
}

/** Delete what Serin generated: the route, and once no proxy knows it any more the subsets. */
export interface RemoveGenerated {
  readonly kind: "RemoveGenerated";
  readonly part: GeneratedPart;
}

/** The route sends requests by the subsets. */
export type GeneratedPart = "Route" | "Subsets";

/** Read the Canary's namespace afresh: whether it is being deleted. */
export interface ReadNamespace {
  readonly kind: "ReadNamespace";
}

/** One idempotent write, as data; of what no cache holds, also a read. */
export type Action =
  | FindSpec
  | KeepSpec
  | SetWeight
  | SetMirror
  | CreateObjects
  | CreatePrimary
  | Scale
  | CopyTemplate
  | RestoreTemplate
  | ConfirmTemplate
  | RemoveAbort
  | SetFinalizer
  | DeletePrimary
  | RemoveGenerated
  | ReadNamespace;

/** Persist a new status, then look again at once. */
export interface Transition {
  readonly kind: "Transition";
  readonly rule: RuleName;
  readonly status: CanaryStatus;
}

/** Make the cluster match the persisted status; look again after `requeueAfterMs` at the latest, if given. */
export interface Converge {
  readonly kind: "Converge";
  readonly rule: RuleName;
  readonly actions: readonly Action[];
  /** What is waited for, for people and logs. */
  readonly message: string;
  readonly requeueAfterMs: number | undefined;
}

/** The one exception: routes and status are written together and neither waits for the other. */
export interface Rollback {
  readonly kind: "Rollback";
  readonly rule: RuleName;
  readonly status: CanaryStatus;
  /** Percent to which the canary is lowered; left out for 0. */
  readonly lowerTo?: number;
}

/** Nothing can go on until a human changes something; the persisted status says what. */
export interface Stall {
  readonly kind: "Stall";
  readonly rule: RuleName;
  readonly reason: string;
  readonly message: string;
}

export type Decision = Transition | Converge | Rollback | Stall;
