/**
 * Rules of spec.suspend: people may route and scale by hand, and Serin writes nothing. The one exception is that a bad
 * version's traffic is taken off, on evidence or on somebody's abort.
 */
import type { CanaryStatus } from "../../../api/canary-status.ts";
import { toInstant } from "../../instant.ts";
import { summariseConditions } from "../conditions.ts";
import type { Decision } from "../decision.ts";
import { type Guard, met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { occurrence, releaseFacts } from "../notices.ts";
import { isReleaseRunning } from "../phases.ts";
import { restingMessage } from "../resting-message.ts";
import { retreatOf } from "../retreat.ts";
import type { Situation } from "../situation.ts";
import { beneathSuspension, isSuspensionAsked, resumedStatus } from "../suspension.ts";
import { abortRules } from "./abort-rules.ts";
import { failedDrainRules } from "./drain-rules.ts";
import { restorePrimary, rollBack } from "./evidence-rules.ts";
import { routeRules } from "./route-rules.ts";
import { everyPhase, type Rule } from "./rule.ts";

/** Phases that a suspension is laid over, and that it gives way to. */
const underneath = everyPhase.filter(
  (phase) => phase !== "New" && phase !== "Suspended" && phase !== "Terminating",
);

const takeOffSuspended: Rule = {
  name: "takeOffSuspended",
  doc: "Evidence or an abort while suspended: the release fails, and its traffic is taken off until the routes are seen without it.",
  from: ["Suspended"],
  leadsTo: [],
  isAwaited: false,
  when: (s) => firstOf(beneathSuspension(s)).guard,
  decide: (s, message) => {
    const beneath = beneathSuspension(s);
    const { rule } = firstOf(beneath);
    return rule === undefined
      ? { kind: "Stall", rule: "takeOffSuspended", reason: "ReleaseFailed", message }
      : suspendedAgain(s, rule.decide(beneath, message));
  },
};

const suspend: Rule = {
  name: "suspend",
  doc: "spec.suspend is set: nothing is written any more but a rollback.",
  from: underneath,
  leadsTo: ["Suspended"],
  isAwaited: false,
  when: (s) =>
    isSuspensionAsked(s)
      ? met("suspended by spec.suspend: nothing is written but a rollback until it is false")
      : unmet("spec.suspend is not set"),
  decide: (s, message) => {
    const { phase } = s.status;
    if (phase === undefined)
      return { kind: "Stall", rule: "suspend", reason: "ReleaseFailed", message };
    const status = {
      ...s.status,
      phase: "Suspended" as const,
      suspended: { since: toInstant(s.now), phase },
    };
    return {
      kind: "Transition",
      rule: "suspend",
      status: nextStatus(s, status, message, [
        { reason: "Suspended", message, facts: factsOf(s), part: occurrence(s) },
      ]),
    };
  },
};

const endSuspension: Rule = {
  name: "endSuspension",
  doc: "spec.suspend is cleared: life goes on where it was; a stage proves its traffic anew.",
  from: ["Suspended"],
  leadsTo: underneath,
  isAwaited: true,
  when: (s) => {
    if (isSuspensionAsked(s)) return unmet(waitMessage(s));
    const { asked } = s.snapshot;
    return asked.kind === "Known" ? met("") : unmet(`suspended: ${asked.because}`);
  },
  decide: (s) => {
    const status = resumedStatus(s);
    const message = restingMessage(status);
    return {
      kind: "Transition",
      rule: "endSuspension",
      status: nextStatus(s, status, message, [
        {
          reason: "SuspensionEnded",
          message: `spec.suspend is cleared; ${message}`,
          facts: factsOf(s),
          part: occurrence(s),
        },
      ]),
    };
  },
};

/** With the evidence: nothing stands before a rollback. */
export const suspendedTakeOffRules: readonly Rule[] = [takeOffSuspended];
/** In the order of the table. */
export const suspendRules: readonly Rule[] = [suspend, endSuspension];

/** Once the routes were seen without the version that failed, was overtaken or retreated from, they are the people's again. */
const takeOffRules: readonly Rule[] = [
  ...abortRules,
  rollBack,
  {
    ...restorePrimary,
    when: (s) => (s.evidence === undefined ? unmet("") : restorePrimary.when(s)),
  },
  ...routeRules.map((rule) => ({
    ...rule,
    when: (s: Situation) => (isBeingTakenOff(s.status) ? rule.when(s) : unmet("")),
  })),
  ...failedDrainRules,
];

function isBeingTakenOff(status: CanaryStatus): boolean {
  const { phase, drain } = status;
  const isEnded = phase === "Failed" || phase === "Initialized";
  const isDecided = isEnded || retreatOf({ status }) !== undefined;
  return isDecided && drain !== undefined && drain.routedAt === undefined;
}

function firstOf(beneath: Situation): { readonly rule: Rule | undefined; readonly guard: Guard } {
  const isDue = (guard: Guard) => !guard.holds && guard.dueAt !== undefined;
  let waiting: Guard = unmet("");
  for (const rule of takeOffRules) {
    if (!rule.from.includes(beneath.phase)) continue;
    const guard = rule.when(beneath);
    if (guard.holds) return { rule, guard };
    if (isDue(guard)) waiting = guard;
  }
  return { rule: undefined, guard: waiting };
}

/** The same decision, and the suspension goes on above it. */
function suspendedAgain(s: Situation, decision: Decision): Decision {
  if (decision.kind !== "Transition" && decision.kind !== "Rollback")
    return { ...decision, rule: "takeOffSuspended" };
  const { phase } = decision.status;
  const { suspended } = s.status;
  const status: CanaryStatus = {
    ...decision.status,
    phase: "Suspended",
    ...(suspended !== undefined && phase !== undefined && { suspended: { ...suspended, phase } }),
  };
  const conditions = summariseConditions(status, s);
  return { ...decision, rule: "takeOffSuspended", status: { ...status, conditions } };
}

function waitMessage(s: Situation): string {
  const then = laterOf(beneathSuspension(s).status);
  const idle = "suspended by spec.suspend: nothing is written but a rollback until it is false";
  return then === undefined ? idle : `${idle}; ${then}`;
}

/** What was decided meanwhile, and what comes of it. */
function laterOf(status: CanaryStatus): string | undefined {
  const because = status.release?.rollback?.message;
  if (isOvertaken(status))
    return "the last release ended without a verdict, then the template pushed meanwhile is released";
  if (because === undefined) return undefined;
  if (status.phase === "Failed") return `the last release failed: ${because}`;
  return isRestoring(status)
    ? `then the primary gets its old template back: ${because}`
    : undefined;
}

function isOvertaken({ phase, release, history = [] }: CanaryStatus): boolean {
  const [last] = history;
  return phase === "Initialized" && last?.outcome === "Superseded" && last.id === release?.id;
}

function isRestoring({ phase, release }: CanaryStatus): boolean {
  return phase === "Promoting" && release?.promotion?.step === "Restore";
}

function factsOf(s: Situation) {
  const weight = { weight: String(s.status.canaryWeight ?? 0) };
  return isReleaseRunning(s.status) ? { ...releaseFacts(s), ...weight } : {};
}
