/** Rules by which a person's abort takes a release off. They stand before all evidence and need none. */
import type { RollbackStatus } from "../../../api/canary-status.ts";
import { abortAnnotation } from "../../../api/names.ts";
import { toInstant } from "../../instant.ts";
import { abortReturnsAt, isAbortAnswered } from "../abort.ts";
import { clip } from "../clip.ts";
import {
  type Asked,
  abortAsked,
  doneNotice,
  refusedNotice,
  sayCommand,
  withAnswer,
} from "../command-answer.ts";
import { type Guard, met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { type Notice, rollbackStartedFacts } from "../notices.ts";
import { activePhase, stagePhases } from "../phases.ts";
import { failRelease } from "../release.ts";
import type { Situation } from "../situation.ts";
import { isBeyondReturn, takenOff } from "./evidence-rules.ts";
import { everyPhase, type Rule } from "./rule.ts";

const abort: Rule = {
  name: "abort",
  doc: "Somebody aborts the release: all traffic to the primary, at once.",
  from: [...stagePhases, "Promoting"],
  leadsTo: ["Failed"],
  isAwaited: false,
  when: (s) => (isBeyondReturn(s) ? unmet("the primary is being replaced") : aborted(s)),
  decide: (s, message) => {
    const { release } = s.status;
    const asked = askedOf(s);
    if (release === undefined)
      return { kind: "Stall", rule: "abort", reason: "ReleaseFailed", message };
    const off = takenOff(s.status, s.now);
    const failed = failRelease(off, release, toRollback(message, s.now), s.now);
    const done = "the release is aborted; all traffic goes to the primary";
    const status = withAnswer(s, failed, asked, {
      outcome: "Done",
      message: done,
    });
    return {
      kind: "Rollback",
      rule: "abort",
      status: nextStatus(s, status, `rolling back: ${message}`, notices(s, asked, message)),
    };
  },
};

const abortPromotion: Rule = {
  name: "abortPromotion",
  doc: "Somebody aborts while the primary is being replaced: its old template is written back first.",
  from: ["Promoting"],
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    if (s.status.release?.promotion?.step === "Restore")
      return unmet("the old template is being written back");
    return isBeyondReturn(s) ? aborted(s) : unmet("the primary still has its old template");
  },
  decide: (s, message) => {
    const { release } = s.status;
    const asked = askedOf(s);
    if (release?.promotion === undefined)
      return { kind: "Stall", rule: "abortPromotion", reason: "ReleaseFailed", message };
    const promotion = { ...release.promotion, step: "Restore" as const, since: toInstant(s.now) };
    const restoring = {
      ...s.status,
      release: { ...release, promotion, rollback: toRollback(message, s.now) },
    };
    const done = "the primary gets its old template back, then all traffic";
    const status = withAnswer(s, restoring, asked, { outcome: "Done", message: done });
    return {
      kind: "Transition",
      rule: "abortPromotion",
      status: nextStatus(
        s,
        status,
        `giving the primary its old template back: ${message}`,
        notices(s, asked, message),
      ),
    };
  },
};

const forgetAbort: Rule = {
  name: "forgetAbort",
  doc: "The annotation of an abort that was answered is gone: the same words may be used again.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: false,
  when: (s) =>
    s.status.openAbort === undefined || isAbortAnswered(s)
      ? unmet("")
      : met(s.status.message ?? ""),
  decide: (s, message) => {
    const { openAbort: _, ...status } = s.status;
    return { kind: "Transition", rule: "forgetAbort", status: nextStatus(s, status, message) };
  },
};

const refuseAbort: Rule = {
  name: "refuseAbort",
  doc: "An abort that finds no release to take off is refused, with why.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    if (s.snapshot.commands.abort === undefined) return unmet("nobody aborts");
    if (isAbortAnswered(s)) return unmet("the abort is answered");
    const returnsAt = abortReturnsAt(s);
    return returnsAt === undefined ? met(whyNot(s)) : unmet("it was answered just now", returnsAt);
  },
  decide: (s, message) => {
    const asked = askedOf(s);
    const status = withAnswer(s, s.status, asked, { outcome: "Refused", message });
    const kept = s.status.message ?? message;
    return {
      kind: "Transition",
      rule: "refuseAbort",
      status: nextStatus(s, status, kept, [
        refusedNotice(s, asked, `abort refused: ${message} (${asked.reason})`),
      ]),
    };
  },
};

/** In the order of the table: before everything else. */
export const abortRules: readonly Rule[] = [abort, abortPromotion];
/** After the routes: nothing is taken off by these. */
export const abortRefusalRules: readonly Rule[] = [forgetAbort, refuseAbort];

function askedOf(s: Situation): Asked {
  return abortAsked(s, s.snapshot.commands.abort ?? "");
}

function aborted(s: Situation): Guard {
  return s.snapshot.commands.abort === undefined
    ? unmet("nobody aborts")
    : met(sayCommand(askedOf(s)));
}

function toRollback(message: string, now: number): RollbackStatus {
  const at = toInstant(now);
  return { reason: "Aborted", message: clip(message), detectedAt: at, decidedAt: at };
}

function notices(s: Situation, asked: Asked, message: string): readonly Notice[] {
  return [
    doneNotice(s, asked, `${sayCommand(asked)}; the release is taken off`),
    {
      reason: "RollbackStarted",
      message,
      facts: rollbackStartedFacts(s, undefined, "Aborted"),
    },
  ];
}

function whyNot({ status }: Situation): string {
  const phase = activePhase(status);
  const again = `remove ${abortAnnotation} also where it comes from, for example from Git`;
  if (phase === "Promoting") return "the release is being taken off already";
  if (phase === "Finalising")
    return "the new version is promoted and serves all traffic; push the earlier version to go back";
  return phase === "Failed"
    ? `no release runs, the last one failed and is off; ${again}`
    : `no release runs; ${again}`;
}
