/** Rules that follow traffic off the target until callers' own reports show that it is gone. */
import type { CanaryStatus } from "../../../api/canary-status.ts";
import { hasDrained, isSilent } from "../../analysis/traffic.ts";
import { fromInstant, fromOptionalInstant, toInstant } from "../../instant.ts";
import { whyUnread } from "../checks.ts";
import { every, type Guard, met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import {
  durationSeconds,
  type Notice,
  releaseFacts,
  rolledBackFacts,
  stableFacts,
  unconfirmedFacts,
} from "../notices.ts";
import { recordRelease } from "../release.ts";
import { restingMessage } from "../resting-message.ts";
import { propagationSeconds } from "../rollback-bound.ts";
import type { Situation } from "../situation.ts";
import type { MetricFacts } from "../snapshot.ts";
import type { Rule } from "./rule.ts";
import { idlePhases } from "./rule.ts";

const draining = ["Initializing", "Finalising", ...idlePhases] as const;

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
    return routes.value.canaryWeight === 0 && routes.value.isUniform
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
        release: { ...release, rollback: { ...release.rollback, appliedAt: at } },
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
      ? met("requests to the target have not been seen to stop")
      : unmet("", dueAt);
  },
  decide: (s, message) => ({
    kind: "Transition",
    rule: "reportUnconfirmedDrain",
    status: unconfirmed(s, message),
  }),
};

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
        target.kind === "Known" && target.value.replicas === 0
          ? met(s.status.message ?? "")
          : unmet("the target's idle pods are being scaled down"),
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
  finishDrain,
];

/** Status that says so once, and tells people where a version was to be rolled back. */
export function unconfirmed(s: Situation, message: string): CanaryStatus {
  const { drain, release } = s.status;
  const status = {
    ...s.status,
    ...(drain !== undefined && { drain: { ...drain, unconfirmed: true } }),
  };
  const notices: readonly Notice[] =
    s.phase === "Failed" && release?.rollback !== undefined
      ? [
          {
            reason: "RollbackUnconfirmed",
            message: `${release.rollback.message}; ${message}`,
            facts: unconfirmedFacts(s),
          },
        ]
      : [];
  return nextStatus(s, status, message, notices);
}

/** The routes were to be lowered long ago, are not, and nobody was told. */
export function isUnwritten(s: Situation): boolean {
  const { drain } = s.status;
  if (drain === undefined || drain.routedAt !== undefined || drain.unconfirmed === true)
    return false;
  return s.now >= fromInstant(drain.startedAt) + confirmDeadlineMs(s);
}

/** The target's pods may go: its last request was seen, and the delay has passed. */
export function isDrainOver(s: Situation): Guard {
  const confirmedAt = fromOptionalInstant(s.status.drain?.confirmedAt);
  if (confirmedAt === undefined) return unmet("");
  const dueAt = confirmedAt + (s.spec?.rollback.canaryScaleDownDelaySeconds ?? 0) * 1000;
  return s.now >= dueAt ? met("") : unmet(s.status.message ?? "", dueAt);
}

function drainLabel(s: Situation): string {
  const rollback = s.phase === "Failed" ? s.status.release?.rollback : undefined;
  return rollback === undefined
    ? "all traffic is sent to the primary, none to the target"
    : `all traffic is taken off the new version (${rollback.message})`;
}

function hasStopped(s: Situation): Guard {
  const routedAt = fromOptionalInstant(s.status.drain?.routedAt);
  if (routedAt === undefined) return unmet("the routes are being written");
  const metrics = s.snapshot.metrics.kind === "Known" ? s.snapshot.metrics.value : [];
  switch (hasDrained(metrics, { routedAt, settleMs: settleMs(s, metrics) })) {
    case "Yes":
      return met("callers report no more requests to the target");
    case "No":
      return unmet("callers still report requests to the target");
    case "Unknown":
      return hasNoClients(s, metrics, routedAt);
  }
}

/**
 * True until the metrics have told anything, be it that they cannot be read: whoever has just taken over has not
 * looked yet, and a service without traffic is confirmed by its silence.
 */
function isUnheard(s: Situation): boolean {
  const metrics = s.snapshot.metrics.kind === "Known" ? s.snapshot.metrics.value : [];
  const isHeard = metrics.some(
    ({ state }) => state.blocks.length > 0 || state.failure !== undefined,
  );
  return metrics.length > 0 && !isHeard;
}

/** A service that nobody calls cannot be confirmed by its callers: silence past the deadline and the delay suffices. */
function hasNoClients(s: Situation, metrics: readonly MetricFacts[], routedAt: number): Guard {
  const dueAt =
    routedAt + confirmDeadlineMs(s) + (s.spec?.rollback.canaryScaleDownDelaySeconds ?? 0) * 1000;
  if (!isSilent(metrics, routedAt, s.now))
    return unmet(whyUnread(s.checks) ?? "waiting for callers' reports after the change of routes");
  return s.now >= dueAt
    ? met("nobody calls the service")
    : unmet("nobody calls the service at the moment", dueAt);
}

/** What was scraped this long after the change of routes shows the world after it. */
function settleMs(s: Situation, metrics: readonly MetricFacts[]): number {
  const scrape = Math.max(0, ...metrics.map((metric) => metric.scrapeSeconds));
  return (scrape + propagationOf(s)) * 1000;
}

/** Deadline to confirm: two samples, by whichever is slower of scraping and reading, and the propagation. */
function confirmDeadlineMs(s: Situation): number {
  const metrics = s.snapshot.metrics.kind === "Known" ? s.snapshot.metrics.value : [];
  const interval = s.spec?.analysis.intervalSeconds ?? 0;
  const sample = Math.max(interval, ...metrics.map((metric) => metric.scrapeSeconds));
  return (2 * sample + propagationOf(s)) * 1000;
}

function propagationOf(s: Situation): number {
  return s.spec === undefined ? 0 : propagationSeconds(s.spec);
}

function confirm(s: Situation): CanaryStatus {
  const at = toInstant(s.now);
  const { drain, release } = s.status;
  const status: CanaryStatus = {
    ...s.status,
    observedWeight: 0,
    ...(drain !== undefined && { drain: { ...drain, confirmedAt: at } }),
    ...(release?.rollback !== undefined && {
      release: { ...release, rollback: { ...release.rollback, confirmedAt: at } },
    }),
  };
  if (s.phase === "Initializing") {
    const { initialisation: _, ...rest } = status;
    return { ...rest, phase: "Initialized" };
  }
  if (s.phase !== "Finalising") return status;
  return recordRelease({ ...status, phase: "Succeeded" }, "Succeeded", "Promoted", s.now);
}

function outcomeNotices(s: Situation, status: CanaryStatus): readonly Notice[] {
  const message = restingMessage(status);
  if (status.phase === "Failed" && status.release?.rollback !== undefined)
    return [{ reason: "RolledBack", message, facts: rolledBackFacts(s, status) }];
  if (status.phase === "Succeeded")
    return [
      {
        reason: "Succeeded",
        message,
        facts: { ...releaseFacts(s), durationSeconds: durationSeconds(s) },
      },
    ];
  return status.release === undefined
    ? [{ reason: "Initialized", message, facts: stableFacts(s) }]
    : [];
}
