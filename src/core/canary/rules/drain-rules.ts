/** Rules that follow traffic off the target until callers' own reports show that it is gone. */
import type { CanaryStatus } from "../../../api/canary-status.ts";
import { fromInstant, toInstant } from "../../instant.ts";
import { every, met, unmet } from "../guard.ts";
import { missingTarget } from "../loss.ts";
import { nextStatus } from "../next-status.ts";
import {
  durationSeconds,
  type Notice,
  releaseFacts,
  rolledBackFacts,
  stableFacts,
  unconfirmedFacts,
  undrainedFacts,
} from "../notices.ts";
import { stagePhases } from "../phases.ts";
import { recordRelease } from "../release.ts";
import { restingMessage } from "../resting-message.ts";
import { retreatOf } from "../retreat.ts";
import type { Situation } from "../situation.ts";
import {
  confirmDeadlineMs,
  drainLabel,
  hasStopped,
  isDrainOver,
  isUnheard,
  mayGoOnUndrained,
  otherWays,
} from "./drain.ts";
import type { Rule } from "./rule.ts";
import { idlePhases } from "./rule.ts";

const draining = ["Initializing", ...stagePhases, "Finalising", ...idlePhases] as const;

const recordRouted: Rule = {
  name: "recordRouted",
  doc: "The routing objects carry no weight for the target.",
  from: draining,
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    if (s.status.drain === undefined || s.status.drain.routedAt !== undefined) return unmet("");
    const { routes } = s.snapshot;
    if (routes.kind !== "Known") return unmet(routes.because);
    const { canaryWeight, isUniform, mirror } = routes.value;
    return canaryWeight === 0 && isUniform && mirror === undefined
      ? met(`${drainLabel(s)}; waiting until callers report no more requests to it`)
      : unmet("the routes are being written");
  },
  decide: (s, message) => {
    const at = toInstant(s.now);
    const { drain, release } = s.status;
    const status: CanaryStatus = {
      ...s.status,
      ...(drain !== undefined && { drain: { ...drain, routedAt: at } }),
      ...(release?.rollback !== undefined && {
        release: {
          ...release,
          rollback: { ...release.rollback, appliedAt: release.rollback.appliedAt ?? at },
        },
      }),
    };
    return { kind: "Transition", rule: "recordRouted", status: nextStatus(s, status, message) };
  },
};

const confirmDrain: Rule = {
  name: "confirmDrain",
  doc: "Callers' own reports show no more requests to the target.",
  from: draining,
  leadsTo: [
    ["Initializing", "Initialized"],
    ["Finalising", "Succeeded"],
  ],
  isAwaited: true,
  when: (s) => {
    if (s.status.drain === undefined || s.status.drain.confirmedAt !== undefined) return unmet("");
    return hasStopped(s);
  },
  decide: (s) => {
    const confirmed = confirm(s);
    return {
      kind: "Transition",
      rule: "confirmDrain",
      status: nextStatus(s, confirmed, restingMessage(confirmed), outcomeNotices(s, confirmed)),
    };
  },
};

const reportUnconfirmedDrain: Rule = {
  name: "reportUnconfirmedDrain",
  doc: "Requests to the target have not been seen to stop in time.",
  from: draining,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const { drain } = s.status;
    if (
      drain?.routedAt === undefined ||
      drain.confirmedAt !== undefined ||
      drain.unconfirmed === true
    )
      return unmet("");
    if (isUnheard(s)) return unmet("");
    const dueAt = fromInstant(drain.routedAt) + confirmDeadlineMs(s);
    return s.now >= dueAt
      ? met(`requests to the target have not been seen to stop${otherWays(s)}`)
      : unmet("", dueAt);
  },
  decide: (s, message) => ({
    kind: "Transition",
    rule: "reportUnconfirmedDrain",
    status: unconfirmed(s, message),
  }),
};

/** Neither another's route, nor a caller of the pods themselves, nor metrics that are down must keep a life for ever. */
const goOnUndrained: Rule = {
  name: "goOnUndrained",
  doc: "Long after the change of routes callers still report requests to the target, or the metrics cannot be read: its pods are kept, life goes on.",
  from: ["Initializing", "Finalising"],
  leadsTo: [
    ["Initializing", "Initialized"],
    ["Finalising", "Succeeded"],
  ],
  isAwaited: false,
  when: mayGoOnUndrained,
  decide: (s, message) => {
    const status = enterRest(s, s.status);
    const told = `${restingMessage(status)}; ${message}`;
    return {
      kind: "Transition",
      rule: "goOnUndrained",
      status: nextStatus(s, status, told, [
        ...outcomeNotices(s, status),
        { reason: "DrainUnconfirmed", message, facts: undrainedFacts(s) },
      ]),
    };
  },
};

const scalingDown = "the target's idle pods are being scaled down";

/** What was said stays, but for what is over now. */
function afterwards({ status }: Situation): string {
  const { message = "" } = status;
  return message.startsWith(scalingDown) ? restingMessage(status) : message;
}

const finishDrain: Rule = {
  name: "finishDrain",
  doc: "The target's idle pods are gone.",
  from: idlePhases,
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    const { target } = s.snapshot;
    return every(
      () => isDrainOver(s),
      () =>
        missingTarget(s.snapshot) !== undefined ||
        (target.kind === "Known" && target.value.replicas === 0)
          ? met(afterwards(s))
          : unmet(scalingDown),
    );
  },
  decide: (s, message) => {
    const { drain: _, ...status } = s.status;
    return { kind: "Transition", rule: "finishDrain", status: nextStatus(s, status, message) };
  },
};

/** In the order of the table. */
export const drainRules: readonly Rule[] = [
  recordRouted,
  confirmDrain,
  reportUnconfirmedDrain,
  goOnUndrained,
  finishDrain,
];

/** Those by which the traffic of a release that ended, or retreated, is followed off. */
export const failedDrainRules: readonly Rule[] = [
  recordRouted,
  confirmDrain,
  reportUnconfirmedDrain,
].map((rule) => ({
  ...rule,
  when: (s: Situation) => (isEnded(s) || retreatOf(s) !== undefined ? rule.when(s) : unmet("")),
}));

function isEnded({ phase }: Situation): boolean {
  return phase === "Failed" || phase === "Initialized";
}

/** Status that says so once, and tells people where a version was to be rolled back. */
export function unconfirmed(s: Situation, message: string): CanaryStatus {
  const { drain, release } = s.status;
  const status = {
    ...s.status,
    ...(drain !== undefined && { drain: { ...drain, unconfirmed: true } }),
  };
  const why = takenOffBecause(s);
  const notices: readonly Notice[] =
    why === undefined
      ? []
      : [
          {
            reason: "RollbackUnconfirmed",
            message: `${why}; ${message}`,
            facts: unconfirmedFacts(s),
            ...(release?.retreat !== undefined && { part: String(release.retreats ?? 0) }),
          },
        ];
  return nextStatus(s, status, message, notices);
}

/** Why people are to hear of it: without data nothing can be confirmed, and the retreat has said so. */
function takenOffBecause(s: Situation): string | undefined {
  if (s.phase === "Failed") return s.status.release?.rollback?.message;
  const retreat = retreatOf(s);
  return retreat?.reason === "NoData" ? undefined : retreat?.message;
}

function confirm(s: Situation): CanaryStatus {
  const at = toInstant(s.now);
  const { drain, release } = s.status;
  const status: CanaryStatus = {
    ...s.status,
    observedWeight: 0,
    ...(drain !== undefined && { drain: { ...drain, confirmedAt: at } }),
    ...(release?.rollback !== undefined && {
      release: {
        ...release,
        rollback: { ...release.rollback, confirmedAt: release.rollback.confirmedAt ?? at },
      },
    }),
  };
  return enterRest(s, status);
}

/** Where an initialisation or a promotion ends; any other phase stays. */
function enterRest(s: Situation, status: CanaryStatus): CanaryStatus {
  if (s.phase === "Initializing") {
    const { initialisation: _, ...rest } = status;
    return { ...rest, phase: "Initialized" };
  }
  if (s.phase !== "Finalising") return status;
  const reason = status.release?.byHand === undefined ? "Promoted" : "PromotedByHand";
  return recordRelease({ ...status, phase: "Succeeded" }, "Succeeded", reason, s.now);
}

function outcomeNotices(s: Situation, status: CanaryStatus): readonly Notice[] {
  const message = restingMessage(status);
  const rollback = status.phase === "Failed" ? status.release?.rollback : undefined;
  // After a suspension the target is seen to be drained once more; that is no news.
  if (rollback !== undefined && s.status.release?.rollback?.confirmedAt !== undefined) return [];
  if (rollback !== undefined)
    return [{ reason: "RolledBack", message, facts: rolledBackFacts(s, status) }];
  if (s.phase === "Finalising")
    return [
      {
        reason: "Succeeded",
        message,
        facts: { ...releaseFacts(s), durationSeconds: durationSeconds(s) },
      },
    ];
  return s.phase === "Initializing"
    ? [{ reason: "Initialized", message, facts: stableFacts(s) }]
    : [];
}
