/** Rules that begin a release, and those that keep what people read up to date. */
import { fromOptionalInstant } from "../../instant.ts";
import { refreshEveryMs } from "../../limits.ts";
import { noAbortStands } from "../abort.ts";
import { clip } from "../clip.ts";
import { stalled } from "../conditions/life.ts";
import { every, met, unmet } from "../guard.ts";
import { isMeasured } from "../measured.ts";
import { nextStatus } from "../next-status.ts";
import { releaseStarted } from "../notices.ts";
import { removeTold } from "../outbox.ts";
import { isReleaseRunning } from "../phases.ts";
import { newRelease } from "../release.ts";
import { restingMessage } from "../resting-message.ts";
import type { Situation } from "../situation.ts";
import { assessStall, primaryDueAt } from "../stall.ts";
import { hasPromotedTemplate } from "./promotion-rules.ts";
import { everyPhase, idlePhases, type Rule } from "./rule.ts";
import { isAccepted } from "./spec-rules.ts";

const settleFailed: Rule = {
  name: "settleFailed",
  doc: "After a failure the target got the promoted template back.",
  from: ["Failed"],
  leadsTo: ["Initialized"],
  isAwaited: false,
  when: (s) => {
    const isOff = s.status.drain === undefined || s.status.drain.confirmedAt !== undefined;
    return hasPromotedTemplate(s) && isOff
      ? met("the target has the promoted template again; waiting for a new version")
      : unmet("");
  },
  decide: (s, message) => {
    const { lastFailedHash: _, ...status } = s.status;
    return {
      kind: "Transition",
      rule: "settleFailed",
      status: nextStatus(s, { ...status, phase: "Initialized" }, message),
    };
  },
};

const startRelease: Rule = {
  name: "startRelease",
  doc: "The target has a template that was neither promoted nor failed: a release begins.",
  from: idlePhases,
  leadsTo: ["Progressing"],
  isAwaited: true,
  when: (s) =>
    every(
      () => {
        const { target } = s.snapshot;
        if (target.kind !== "Known") return unmet(target.because);
        const { templateHash } = target.value;
        if (templateHash === s.status.lastPromotedHash)
          return unmet(s.status.message ?? "waiting for a new version");
        if (templateHash === s.status.lastFailedHash)
          return unmet(s.status.message ?? "this version failed; waiting for another");
        return met("");
      },
      () => noAbortStands(s),
      () => isAccepted(s),
      () =>
        s.snapshot.primary.kind === "Known"
          ? met("bringing up the first stage")
          : unmet(s.snapshot.primary.because),
    ),
  decide: (s, message) => {
    const { target, primary } = s.snapshot;
    if (target.kind !== "Known" || primary.kind !== "Known" || s.spec === undefined)
      return { kind: "Stall", rule: "startRelease", reason: "PrimaryMissing", message };
    const releases = (s.status.releases ?? 0) + 1;
    const release = newRelease(target.value, primary.value.replicas, s.spec, {
      now: s.now,
      count: releases,
      before: s.status.release,
    });
    const { drain: _, ...status } = s.status;
    return {
      kind: "Transition",
      rule: "startRelease",
      status: nextStatus(
        s,
        { ...status, phase: "Progressing", canaryWeight: 0, releases, release },
        message,
        [releaseStarted(s, release, s.spec)],
      ),
    };
  },
};

const recordTold: Rule = {
  name: "recordTold",
  doc: "Messages that everyone was told of leave the outbox.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: false,
  when: (s) =>
    s.status.outbox?.some((entry) => s.snapshot.told.has(entry.id)) === true
      ? met("told")
      : unmet(""),
  decide: (s) => ({
    kind: "Transition",
    rule: "recordTold",
    status: { ...removeTold(s.status, s.snapshot.told) },
  }),
};

/**
 * At most two writes a minute: what people read may be half a minute old, what Serin decides on never is. Whoever takes over
 * leaves it until there are numbers of its own: a hundred statuses that say only that nothing was read yet help nobody.
 */
const refresh: Rule = {
  name: "refresh",
  doc: "While something is under way, what people read is written down every half minute.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    if (!isUnderWay(s) || isUnread(s)) return unmet("");
    const dueAt = (fromOptionalInstant(s.status.refreshedAt) ?? 0) + refreshEveryMs;
    return s.now >= dueAt ? met("") : unmet("", dueAt);
  },
  decide: (s, message) => ({
    kind: "Transition",
    rule: "refresh",
    status: nextStatus(s, s.status, message),
  }),
};

/** An action met something that only a human can mend. */
const reportStall: Rule = {
  name: "reportStall",
  doc: "An action met something that only a human can mend, or the primary is gone or does not come up: Stalled=True says what.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const stall = assessStall(s.snapshot, s.now);
    const told = s.status.conditions?.find((other) => other.type === "Stalled");
    if (s.acceptance.kind === "Refused") return unmet("");
    if (stall !== undefined) {
      const isTold = told?.reason === stall.reason && told.message === clip(stall.message);
      return isTold ? unmet("") : met(stall.message);
    }
    const isMended = told?.status === "True" && told.reason !== stalled(s.status, s).reason;
    return isMended ? met(restingMessage(s.status)) : unmet("", primaryDueAt(s.snapshot));
  },
  decide: (s, message) => ({
    kind: "Transition",
    rule: "reportStall",
    status: nextStatus(s, s.status, message),
  }),
};

/** Metrics are to be read, and none was yet by this process; the first answer, or that there is none, comes by itself. */
function isUnread({ status, snapshot: { metrics } }: Situation): boolean {
  if (!isMeasured(status) || metrics.kind !== "Known" || metrics.value.length === 0) return false;
  return metrics.value.every(
    ({ state: { readAt, failure } }) => readAt === undefined && failure === undefined,
  );
}

function isUnderWay(s: Situation): boolean {
  if (isReleaseRunning(s.status) || s.phase === "Terminating") return true;
  if (s.phase === "New" || s.acceptance.kind === "Refused") return false;
  if (s.phase === "Suspended") return isMeasured(s.status);
  return s.status.drain !== undefined || !idlePhases.includes(s.phase);
}

/** In the order of the table. */
export const releaseRules: readonly Rule[] = [settleFailed, startRelease];
/** Asked last. */
export const bookkeepingRules: readonly Rule[] = [reportStall, recordTold, refresh];
