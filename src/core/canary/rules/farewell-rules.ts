/** Rules by which a target takes all traffic over from a primary that is to go with its Canary. */
import type { DeletionStatus } from "../../../api/canary-status.ts";
import { fromInstant, toInstant } from "../../instant.ts";
import { isClearing, isClearingOverdue, isRouteGone, isRouteThere } from "../clearing.ts";
import { hasTargetTaken, isPrimaryToGo, primarySeen } from "../deletion.ts";
import { met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { secondsBetween, stableFacts } from "../notices.ts";
import type { Situation } from "../situation.ts";
import { orphaned } from "./deletion-rules.ts";
import { twoSamplesMs } from "./drain.ts";
import type { Rule } from "./rule.ts";

const recordTargetRouted: Rule = {
  name: "recordTargetRouted",
  doc: "The routing objects send everything to the target, or there are none.",
  from: ["Terminating"],
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    const { deletion } = s.status;
    if (deletion?.step !== "Shift" || deletion.routedAt !== undefined) return unmet("");
    const { routes } = s.snapshot;
    const message =
      "everything is sent to the target; waiting until callers report no more requests to the primary";
    switch (routes.kind) {
      case "Unknown":
        return unmet(routes.because);
      case "Missing":
        return met(`${routes.because}; ${message}`);
      case "Known":
        return routes.value.canaryWeight === 100 && routes.value.isUniform
          ? met(message)
          : unmet("the routes are being written");
    }
  },
  decide: (s, message) => {
    const { deletion } = s.status;
    const routed = deletion && { ...deletion, routedAt: toInstant(s.now) };
    const status = { ...s.status, ...(routed !== undefined && { deletion: routed }) };
    return {
      kind: "Transition",
      rule: "recordTargetRouted",
      status: nextStatus(s, status, message),
    };
  },
};

const confirmTarget: Rule = {
  name: "confirmTarget",
  doc: "Callers' own reports show no more requests to the primary: it may go.",
  from: ["Terminating"],
  leadsTo: [],
  isAwaited: true,
  when: (s) => (s.status.deletion?.step === "Shift" ? hasTargetTaken(s) : unmet("")),
  decide: (s, message) => begin(s, "Remove", { rule: "confirmTarget", message }),
};

/** Somebody routed back to the primary that is to go: it must be seen again that nobody calls it. */
const confirmTargetAgain: Rule = {
  name: "confirmTargetAgain",
  doc: "The routes give the primary traffic again before it is deleted: it stays until callers report none once more.",
  from: ["Terminating"],
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const { routes } = s.snapshot;
    if (s.status.deletion?.step !== "Remove" || routes.kind !== "Known") return unmet("");
    if (s.snapshot.primary.kind !== "Known") return unmet("");
    return routes.value.canaryWeight === 100 && routes.value.isUniform
      ? unmet("")
      : met("the routes lead to the primary again; it is kept until nobody calls it");
  },
  decide: (s, message) => begin(s, "Shift", { rule: "confirmTargetAgain", message }),
};

const recordRouteGone: Rule = {
  name: "recordRouteGone",
  doc: "The generated route is gone: its subsets follow when every proxy has had `propagationSeconds` to hear of it; once more as long, where nobody could act on that in time.",
  from: ["Terminating"],
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    if (s.status.deletion?.step === "Clear" && !isClearingOverdue(s)) return unmet("");
    return isRouteGone(s);
  },
  decide: (s, message) => begin(s, "Clear", { rule: "recordRouteGone", message }),
};

const removeRouteAgain: Rule = {
  name: "removeRouteAgain",
  doc: "Somebody brought the generated route back before its subsets went: it is deleted first once more.",
  from: ["Terminating"],
  leadsTo: [],
  isAwaited: false,
  when: (s) =>
    s.status.deletion?.step === "Clear" && isClearing(s) && isRouteThere(s)
      ? met("the generated route is there again; its subsets are kept until it is gone")
      : unmet(""),
  decide: (s, message) => begin(s, "Remove", { rule: "removeRouteAgain", message }),
};

function begin(
  s: Situation,
  step: DeletionStatus["step"],
  { rule, message }: { readonly rule: Rule["name"]; readonly message: string },
) {
  const status = { ...s.status, deletion: { step, since: toInstant(s.now) } };
  return { kind: "Transition", rule, status: nextStatus(s, status, message) } as const;
}

/** A route that is not Serin's to change leads to the primary: whoever owns it must say where to. */
const keepCalledPrimary: Rule = {
  name: "keepCalledPrimary",
  doc: "Long after the change of routes callers still report requests to the primary, or routes cannot be read: it is kept.",
  from: ["Terminating"],
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const { deletion } = s.status;
    if (deletion?.step !== "Shift" || deletion.routedAt === undefined) return unmet("");
    const seen = primarySeen(s);
    if (seen === "Yes" || (seen === "Unknown" && s.snapshot.routes.kind === "Known"))
      return unmet("");
    const dueAt = fromInstant(deletion.routedAt) + keepAfterMs(s);
    return s.now >= dueAt ? met(stillCalled(s)) : unmet("", dueAt);
  },
  decide: (s, message) => orphaned(s, "keepCalledPrimary", message),
};

function keepAfterMs(s: Situation): number {
  return Math.max(2 * twoSamplesMs(s), 60_000);
}

function stillCalled({ snapshot: { primary, target, identity } }: Situation): string {
  const name = primary.kind === "Known" ? primary.value.name : "the primary";
  const targetName = target.kind === "Known" ? target.value.name : "the target";
  return (
    `the Canary is deleted; Deployment ${targetName} serves, but callers may still reach Deployment ${name} by routes that Serin does not manage, ` +
    `so it is kept. Send them to ${targetName}, then: kubectl -n ${identity.namespace} delete deployment ${name}`
  );
}

const reportBlockedDeletion: Rule = {
  name: "reportBlockedDeletion",
  doc: "A deletion takes longer than pods may take to become available: people are told what it waits for.",
  from: ["Terminating"],
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const { deletion } = s.status;
    if (deletion === undefined || isBoundToEnd(deletion) || deletion.isTold === true)
      return unmet("");
    const deadlineMs = (s.spec?.progressDeadlineSeconds ?? 60) * 1000;
    const dueAt = fromInstant(deletion.since) + deadlineMs;
    return s.now >= dueAt ? met(whyPrimaryStays(s)) : unmet("", dueAt);
  },
  decide: (s, because) => {
    const { namespace, name } = s.snapshot.identity;
    const message =
      `the deletion waits: ${because}; mend that, or leave everything as it is with ` +
      `kubectl -n ${namespace} patch canary ${name} --type=merge -p '{"spec":{"onDeletion":"Orphan"}}'`;
    const waitedSeconds = secondsBetween(s.status.deletion?.since, s.now);
    const facts = { waitedSeconds, ...stableFacts(s) };
    const deletion = s.status.deletion && { ...s.status.deletion, isTold: true };
    const status = { ...s.status, ...(deletion !== undefined && { deletion }) };
    return {
      kind: "Transition",
      rule: "reportBlockedDeletion",
      status: nextStatus(s, status, message, [{ reason: "DeletionBlocked", message, facts }]),
    };
  },
};

/** Steps that time alone ends. */
function isBoundToEnd({ step }: DeletionStatus): boolean {
  return step === "Orphaned" || step === "Clear";
}

/** Nothing else is waited for once the target serves; before, the rules that wait have said it. */
function whyPrimaryStays(s: Situation): string {
  if (s.status.deletion?.step !== "Remove") return "";
  const routeGone = isRouteGone(s);
  if (!routeGone.holds && routeGone.because !== "") return routeGone.because;
  const toGo = isPrimaryToGo(s);
  return toGo.holds ? toGo.message : toGo.because;
}

/** In the order of the table. */
export const farewellRules: readonly Rule[] = [
  recordTargetRouted,
  confirmTarget,
  confirmTargetAgain,
  recordRouteGone,
  removeRouteAgain,
  keepCalledPrimary,
  reportBlockedDeletion,
];
