/**
 * Rules that carry out what people ask by annotation, once per id. Evidence against a version stands before them; where
 * evidence is missing a named person's word stands in for it.
 */
import type { CanaryStatus, ReleaseStatus, StageStatus } from "../../../api/canary-status.ts";
import type { CommandAction } from "../../../api/commands.ts";
import { toInstant } from "../../instant.ts";
import { clip } from "../clip.ts";
import {
  type Asked,
  commandAsked,
  doneNotice,
  openCommand,
  refusedNotice,
  sayAuthor,
  sayCommand,
  withAnswer,
} from "../command-answer.ts";
import { commandRefusal } from "../command-refusal.ts";
import type { Decision } from "../decision.ts";
import { type Guard, met, unmet } from "../guard.ts";
import { hint } from "../hint.ts";
import { nextStatus } from "../next-status.ts";
import type { Notice } from "../notices.ts";
import { stagePhases } from "../phases.ts";
import type { RuleName } from "../rule-name.ts";
import type { Situation } from "../situation.ts";
import { enterStage, wordStage } from "../stages.ts";
import { waitingNotice } from "../wait.ts";
import { everyPhase, type Rule } from "./rule.ts";
import { isUnapproved, stageLabel } from "./stage.ts";
import { nextIndex, promotionBegun } from "./stage-exit-rules.ts";

const promote: Rule = {
  name: "promote",
  doc: "Somebody approves a stage, or lets the release leave its stage or its wait.",
  from: stagePhases,
  leadsTo: [["Waiting", "Progressing"], "Promoting"],
  isAwaited: false,
  when: (s) => isAsked(s, "promote"),
  decide: (s) => obey(s, "promote", (asked, release) => promoted(s, asked, release)),
};

const promoteFully: Rule = {
  name: "promoteFully",
  doc: "Somebody lets the release skip every stage: weight 100, then the promotion.",
  from: stagePhases,
  leadsTo: [["Waiting", "Progressing"], "Promoting"],
  isAwaited: false,
  when: (s) => isAsked(s, "promoteFull"),
  decide: (s) => obey(s, "promoteFully", (asked, release) => promotedFully(s, asked, release)),
};

const retry: Rule = {
  name: "retry",
  doc: "Somebody lets the version that failed be released again.",
  from: ["Failed"],
  leadsTo: [],
  isAwaited: false,
  when: (s) => (s.snapshot.target.kind === "Known" ? isAsked(s, "retry") : unmet("")),
  decide: (s) =>
    obey(s, "retry", () => {
      const { lastFailedHash: _, ...status } = s.status;
      return { status, message: "the version that failed is released again" };
    }),
};

const pause: Rule = {
  name: "pause",
  doc: "Somebody pauses the release: it keeps its weight, its analysis and rollback go on.",
  from: ["Progressing"],
  leadsTo: ["Waiting"],
  isAwaited: false,
  when: (s) => isAsked(s, "pause"),
  decide: (s) =>
    obey(s, "pause", (asked) => {
      const goOn = `go on with: ${hint(s, "resume")}`;
      const message = `${stageLabel(s)}: paused${sayAuthor(asked)}; ${goOn}`;
      const waiting = {
        reason: "Paused" as const,
        since: toInstant(s.now),
        message: clip(message),
      };
      return {
        status: { ...s.status, phase: "Waiting", waiting },
        message,
        answer: `${stageLabel(s)}: paused; ${goOn}`,
        notice: waitingNotice(s, "Paused", message),
      };
    }),
};

const resume: Rule = {
  name: "resume",
  doc: "Somebody ends a pause, or lets an inconclusive stage be measured anew.",
  from: ["Waiting"],
  leadsTo: ["Progressing"],
  isAwaited: true,
  when: (s) => {
    const asked = isAsked(s, "resume");
    return asked.holds ? asked : unmet(s.status.waiting?.message ?? "");
  },
  decide: (s) =>
    obey(s, "resume", (_, release) => {
      const stage = release.stage && resumedStage(release.stage, toInstant(s.now));
      const resumed = stage === undefined ? release : { ...release, stage };
      return {
        status: { ...s.status, phase: "Progressing", release: resumed },
        message: `${stageLabel(s)}: the release goes on`,
      };
    }),
};

const refuseCommand: Rule = {
  name: "refuseCommand",
  doc: "A command that cannot be read or does not apply is refused, with why and what to do instead.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const refusal = commandRefusal(s);
    return refusal === undefined ? unmet("no command is to be refused") : met(refusal);
  },
  decide: (s, message) => {
    const command = openCommand(s);
    if (command === undefined)
      return { kind: "Stall", rule: "refuseCommand", reason: "Rejected", message };
    const asked = commandAsked(command);
    const status = withAnswer(s, s.status, asked, { outcome: "Refused", message });
    const notice = refusedNotice(s, asked, `${asked.action} refused: ${message}`);
    return {
      kind: "Transition",
      rule: "refuseCommand",
      status: nextStatus(s, status, s.status.message ?? message, [notice]),
    };
  },
};

/** In the order of the table. */
export const commandRules: readonly Rule[] = [
  promote,
  promoteFully,
  retry,
  pause,
  resume,
  refuseCommand,
];

interface Effect {
  readonly status: CanaryStatus;
  readonly message: string;
  /** What whoever asked is told; the message, if left out. */
  readonly answer?: string;
  readonly notice?: Notice;
}

function isAsked(s: Situation, action: CommandAction): Guard {
  const command = openCommand(s);
  if (command?.kind !== "Readable" || command.action !== action) return unmet("");
  if (s.spec === undefined) return unmet("the spec has not been read");
  return commandRefusal(s) === undefined ? met("") : unmet("");
}

function obey(
  s: Situation,
  rule: RuleName,
  effectOf: (asked: Asked, release: ReleaseStatus) => Effect,
): Decision {
  const command = openCommand(s);
  const { release } = s.status;
  if (command === undefined || release === undefined)
    return { kind: "Stall", rule, reason: "Rejected", message: "there is no release to command" };
  const asked = commandAsked(command);
  const { status, message, answer = message, notice } = effectOf(asked, release);
  const answered = withAnswer(s, status, asked, { outcome: "Done", message: answer });
  const notices = [
    doneNotice(s, asked, `${answer}; ${sayCommand(asked)}`),
    ...(notice === undefined ? [] : [notice]),
  ];
  return { kind: "Transition", rule, status: nextStatus(s, answered, message, notices) };
}

/** Its longest stay starts anew, and so does the time that its pods may take, if it still waits for them. */
function resumedStage(stage: StageStatus, at: string): StageStatus {
  return { ...stage, resumedAt: at, ...(stage.shiftedAt === undefined && { enteredAt: at }) };
}

function promoted(s: Situation, asked: Asked, release: ReleaseStatus): Effect {
  const { stage } = release;
  const at = toInstant(s.now);
  const isApproval = isUnapproved(s) || s.status.waiting?.reason === "Approval";
  if (stage !== undefined && isApproval)
    return entered(s, release, {
      stage: { ...stage, enteredAt: at, approvedAt: at, byCommand: asked.id },
      message: `${stageLabel(s)} is approved`,
    });
  const index = nextIndex(s);
  if (stage === undefined || index === undefined || s.spec === undefined)
    return leftLastStage(s, asked, release);
  const next = enterStage(s.spec.stages, index, s.now);
  return entered(s, byHand(release, asked), {
    stage: { ...next, byCommand: asked.id },
    message: `${stageLabel(s)} is left by command; bringing up pods for ${wordStage(next)}`,
  });
}

function promotedFully(s: Situation, asked: Asked, release: ReleaseStatus): Effect {
  if (s.spec === undefined || nextIndex(s) === undefined) return leftLastStage(s, asked, release);
  const last = enterStage(s.spec.stages, s.spec.stages.length - 1, s.now);
  return entered(s, byHand(release, asked), {
    stage: {
      ...last,
      approvedAt: toInstant(s.now),
      byCommand: asked.id,
      passedBy: asked.id,
    },
    message: `every stage is skipped by command; bringing up pods for ${wordStage(last)}`,
  });
}

/** The primary is replaced only when it has no traffic: until the last weight is routed the stage goes on. */
function leftLastStage(s: Situation, asked: Asked, release: ReleaseStatus): Effect {
  const commanded = byHand(release, asked);
  const { stage } = release;
  if (stage === undefined || stage.routedAt !== undefined)
    return {
      status: promotionBegun(s, commanded),
      message: "the last stage is left by command; giving the primary the new version",
    };
  const at = toInstant(s.now);
  return entered(s, commanded, {
    stage: { ...stage, approvedAt: at, byCommand: asked.id, passedBy: asked.id },
    message: `${stageLabel(s)} is passed by command as soon as its weight is routed`,
  });
}

function entered(
  s: Situation,
  { retreat, ...release }: ReleaseStatus,
  { stage, message }: { readonly stage: StageStatus; readonly message: string },
): Effect {
  const { drain: _, ...rest } = s.status;
  // Who sends traffic after a retreat does not wait for stable, nor for the traffic that was on its way off.
  const status = retreat === undefined ? s.status : rest;
  return { status: { ...status, phase: "Progressing", release: { ...release, stage } }, message };
}

/** What went on without evidence is told so in history. */
function byHand(release: ReleaseStatus, asked: Asked): ReleaseStatus {
  return { ...release, byHand: clip(sayCommand(asked)) };
}
