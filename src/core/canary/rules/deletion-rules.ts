/**
 * Rules of a Canary that is being deleted: what is unproven loses its traffic at once, then the workload is made to
 * serve without Serin, and only then the Canary may go.
 */
import type { CanaryStatus, DeletionStatus, DrainStatus } from "../../../api/canary-status.ts";
import { fromInstant, toInstant } from "../../instant.ts";
import { farewellToldMs } from "../../limits.ts";
import { isCleared, isClearing } from "../clearing.ts";
import type { Action } from "../decision.ts";
import {
  assessNamespace,
  farewellDueAt,
  hasServingPods,
  isPrimaryGone,
  isPrimaryProven,
  isPrimaryServing,
  isRevertible,
} from "../deletion.ts";
import { isHeldToSpec } from "../freeze.ts";
import { every, type Guard, met, unmet } from "../guard.ts";
import { provenHash } from "../half-promoted.ts";
import { nextStatus } from "../next-status.ts";
import { occurrence, releaseFacts, stableFacts } from "../notices.ts";
import { isReleaseRunning } from "../phases.ts";
import type { Situation } from "../situation.ts";
import { isBeyondReturn, toPlainRollback } from "./evidence-rules.ts";
import { everyPhase, type Rule } from "./rule.ts";

const letGo: Rule = {
  name: "letGo",
  doc: "The Canary is being deleted, and nothing is left to do for it: Serin's finalizer is taken off.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    if (!s.snapshot.deletion.isAsked) return unmet("");
    const guards = [mayGoAtOnce(s), isServedWithout(s), isOrphanTold(s)];
    const ready = guards.find(({ holds }) => holds);
    return ready ?? unmet("", farewellDueAt(s));
  },
  decide: (s, message) => ({
    kind: "Converge",
    rule: "letGo",
    actions: lastActions(s),
    message,
    requeueAfterMs: undefined,
  }),
};

/** Subsets go last of all, once nobody sends by them. What goes at once leaves everything as it is. */
function lastActions(s: Situation): readonly Action[] {
  if (!s.snapshot.deletion.isHeld) return [];
  const isToClear =
    !mayGoAtOnce(s).holds && isCleared(s).holds && s.snapshot.selector.kind === "Known";
  return [
    ...(isToClear ? [{ kind: "RemoveGenerated", part: "Subsets" } as const] : []),
    { kind: "SetFinalizer", wanted: false },
  ];
}

/** The primary is gone, and so is the route that was generated, where it was. */
function isServedWithout(s: Situation): Guard {
  return isClearing(s) ? isCleared(s) : isPrimaryGone(s);
}

/** What Serin's finalizer need not, or must not, hold up. */
function mayGoAtOnce({ snapshot, phase }: Situation): Guard {
  const { deletion, asked, namespace, target, primary } = snapshot;
  if (!deletion.isHeld) return met("the Canary is being deleted, and not held by Serin");
  if (phase === "New") return met("nothing was done for this Canary yet");
  if (asked.kind === "Known" && asked.value.onDeletion === "Orphan")
    return met("spec.onDeletion is Orphan: everything stays as it is");
  if (namespace.kind === "Known" && namespace.value.isEnding)
    return met("the namespace is being deleted");
  return target.kind === "Missing" && primary.kind === "Missing"
    ? met("neither the target nor the primary is left")
    : unmet("");
}

function isOrphanTold({ status: { deletion, outbox }, now }: Situation): Guard {
  if (deletion?.step !== "Orphaned") return unmet("");
  const isTold = outbox?.some(({ reason }) => reason === "Orphaned") !== true;
  return isTold || now >= fromInstant(deletion.since) + farewellToldMs
    ? met("people were told what is left of the Canary")
    : unmet("");
}

const restoreBeforeDeletion: Rule = {
  name: "restoreBeforeDeletion",
  doc: "The Canary is deleted while the primary is being replaced: its old template is written back first.",
  from: ["Promoting"],
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    if (!s.snapshot.deletion.isAsked || !isBeyondReturn(s)) return unmet("");
    return s.status.release?.promotion?.step === "Restore"
      ? unmet("the old template is being written back")
      : met("the Canary was deleted; giving the primary its old template back first");
  },
  decide: (s, message) => {
    const { release } = s.status;
    if (release?.promotion === undefined)
      return { kind: "Stall", rule: "restoreBeforeDeletion", reason: "ReleaseFailed", message };
    const promotion = { ...release.promotion, step: "Restore" as const, since: toInstant(s.now) };
    const rollback = { ...toPlainRollback(s, message), reason: "CanaryDeleted" };
    const status = { ...s.status, release: { ...release, promotion, rollback } };
    const facts = { ...releaseFacts(s), ...stableFacts(s) };
    return {
      kind: "Transition",
      rule: "restoreBeforeDeletion",
      status: nextStatus(s, status, message, [{ reason: "Terminating", message, facts }]),
    };
  },
};

const beginDeletion: Rule = {
  name: "beginDeletion",
  doc: "The Canary is being deleted: a version under release loses its traffic at once.",
  from: everyPhase.filter((phase) => phase !== "New"),
  leadsTo: ["Terminating"],
  isAwaited: false,
  when: (s) => {
    if (!s.snapshot.deletion.isAsked) return unmet("");
    // The primary is on its way back to what was promoted, and the target keeps the traffic until it is there.
    if (s.phase === "Promoting" && isBeyondReturn(s)) return unmet("");
    if (s.phase !== "Terminating") return met(intention(s));
    return s.status.deletion === undefined || isToLoseTraffic(s) ? met(intention(s)) : unmet("");
  },
  decide: (s, message) => {
    const status = nextStatus(s, begun(s), message, [
      {
        reason: "Terminating",
        message,
        facts: { ...stableFacts(s), ...(isReleaseRunning(s.status) && releaseFacts(s)) },
        part: occurrence(s),
      },
    ]);
    return { kind: isToLoseTraffic(s) ? "Rollback" : "Transition", rule: "beginDeletion", status };
  },
};

function intention(s: Situation): string {
  const what = isReleaseRunning(s.status)
    ? "the Canary was deleted during a release: the new version loses its traffic"
    : "the Canary was deleted";
  return isRevertible(s) || isServingAlone(s)
    ? `${what}; the target is made to serve without Serin`
    : `${what}; the target does not have the promoted template, so the primary goes on serving`;
}

function begun(s: Situation): CanaryStatus {
  const { initialisation: _, drain, ...status } = s.status;
  const { primary } = s.snapshot;
  const isAlone = isServingAlone(s);
  const isAdopted = s.phase === "Initializing" && !isAlone && primary.kind === "Known";
  const deletion: DeletionStatus = {
    step: isAlone ? "Shift" : "Serve",
    since: toInstant(s.now),
  };
  return {
    ...status,
    phase: "Terminating",
    deletion: status.deletion ?? deletion,
    // What failed has traffic until the routes are seen without it: those that the spec of its start names.
    ...(isUnrouted(drain) && isHeldToSpec(s.status) && { drain }),
    ...(isToLoseTraffic(s) && { canaryWeight: 0 }),
    ...(isAdopted &&
      status.lastPromotedHash === undefined && { lastPromotedHash: provenHash(primary.value) }),
  };
}

function isUnrouted(drain: DrainStatus | undefined): drain is DrainStatus {
  return drain !== undefined && drain.routedAt === undefined;
}

/** Before the first shift the target has everything, and the primary has never served. */
function isServingAlone({ status }: Situation): boolean {
  return status.initialisation?.step === "CreatePrimary" && status.canaryWeight === 100;
}

/** The target serves a share only because of a release, and there is a primary that can take it back. */
function isToLoseTraffic(s: Situation): boolean {
  const step = s.status.deletion?.step ?? "Serve";
  if (step !== "Serve" || isServingAlone(s) || s.snapshot.routes.kind !== "Known") return false;
  return (s.status.canaryWeight ?? 0) > 0 && isPrimaryServing(s) && isPrimaryProven(s);
}

const keepPrimary: Rule = {
  name: "keepPrimary",
  doc: "The target may not serve alone: the primary is kept with all traffic, and people are told what is left to do.",
  from: ["Terminating"],
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    if (isUnreadable(s))
      return every(
        () => assessNamespace(s),
        () => met(leftUnread(s)),
      );
    if (s.status.deletion?.step !== "Serve" || isRevertible(s)) return unmet("");
    return every(
      () => assessNamespace(s),
      () =>
        s.snapshot.target.kind === "Unknown" ? unmet(s.snapshot.target.because) : met("known"),
      () => (isPrimaryProven(s) ? met("") : unmet("the primary is being given its template back")),
      () => isPrimaryRouted(s),
      () => met(leftToDo(s)),
    );
  },
  decide: (s, message) => orphaned(s, "keepPrimary", message),
};

/** Without a spec nobody knows whose workload and whose routes: not even the wish to orphan them can be read. */
function isUnreadable({ snapshot: { spec }, status: { deletion } }: Situation): boolean {
  return spec.kind === "Missing" && deletion !== undefined && deletion.step !== "Orphaned";
}

function leftUnread({ snapshot: { spec } }: Situation): string {
  const because = spec.kind === "Known" ? "" : spec.because;
  return (
    `the Canary is deleted, and its spec cannot be read (${because}): its Deployments, the primary's among them, and the routes stay as they are. ` +
    "To go on without Serin: give the target the template that is to serve and enough replicas, send all traffic to it, then delete the Deployment of the primary. " +
    "To go on with Serin: create the Canary again"
  );
}

/** All traffic goes to the primary, as far as Serin can have a say in it. */
function isPrimaryRouted(s: Situation): Guard {
  const { routes, primary } = s.snapshot;
  const { canaryWeight } = s.status;
  if (primary.kind === "Missing" || canaryWeight === undefined) return met("");
  if (canaryWeight > 0 && routes.kind === "Known")
    return unmet(
      "the primary has no pods available; the target keeps its traffic until it has some",
    );
  if (routes.kind !== "Known") return routes.kind === "Missing" ? met("") : unmet(routes.because);
  return routes.value.canaryWeight === 0 && routes.value.isUniform
    ? met("")
    : unmet("the routes are being written");
}

function leftToDo({ snapshot: { primary, target, identity } }: Situation): string {
  if (primary.kind !== "Known")
    return "the Canary is deleted, and there is no primary; the target and the routes stay as they are: give the target the template that is to serve";
  const kept = `Deployment ${primary.value.name} and the routes to it are kept because they serve`;
  const name = target.kind === "Known" ? target.value.name : "the target";
  const mend =
    target.kind === "Known"
      ? `give Deployment ${name} the template that is to serve and enough replicas`
      : "create the target again";
  return (
    `the Canary is deleted; ${kept}. To go on without Serin: ${mend}, send all traffic to it, then ` +
    `kubectl -n ${identity.namespace} delete deployment ${primary.value.name}. To go on with Serin: create the Canary again`
  );
}

/** Status of a Canary whose primary outlives it; its end waits for the telling. */
export function orphaned(s: Situation, rule: Rule["name"], message: string) {
  const deletion: DeletionStatus = { step: "Orphaned", since: toInstant(s.now) };
  const facts = { ...stableFacts(s), ...(s.status.release !== undefined && releaseFacts(s)) };
  const status = nextStatus(s, { ...s.status, deletion }, message, [
    { reason: "Orphaned", message, facts },
  ]);
  return { kind: "Transition", rule, status } as const;
}

const serveFromTarget: Rule = {
  name: "serveFromTarget",
  doc: "The target has the promoted template and the pods to serve alone: it gets all traffic.",
  from: ["Terminating"],
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    if (s.status.deletion?.step !== "Serve" || !isRevertible(s)) return unmet("");
    return every(
      () => assessNamespace(s),
      () => hasServingPods(s),
    );
  },
  decide: (s, message) => {
    const deletion: DeletionStatus = { step: "Shift", since: toInstant(s.now) };
    const { drain: _, ...rest } = s.status;
    const status = { ...rest, canaryWeight: 100, deletion };
    return { kind: "Transition", rule: "serveFromTarget", status: nextStatus(s, status, message) };
  },
};

/** Asked first of all. */
export const deletionRules: readonly Rule[] = [letGo, restoreBeforeDeletion, beginDeletion];
/** What becomes of the workload, first part; see farewell-rules.ts for the second. */
export const servingRules: readonly Rule[] = [keepPrimary, serveFromTarget];
