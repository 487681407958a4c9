/** How the answer to a command is kept and told. What a command does is decided elsewhere. */
import type { CanaryStatus } from "../../api/canary-status.ts";
import { type LastCommand, maxCommandReason } from "../../api/commands.ts";
import type { EventFacts } from "../../api/event-facts.ts";
import { toInstant } from "../instant.ts";
import { maxCommandIds } from "../limits.ts";
import { clip } from "./clip.ts";
import { type Notice, occurrence, releaseFacts } from "./notices.ts";
import type { Situation } from "./situation.ts";
import type { AskedCommand } from "./snapshot.ts";

/** A command as it is answered: who asked for what, and why. */
export type Asked = Pick<LastCommand, "id" | "action" | "by" | "reason">;

/** What annotation serin.dev/abort asks for; it has no id of its own and may come again in the same words. */
export function abortAsked(s: Situation, words: string): Asked {
  return { id: `abort-${occurrence(s)}`, action: "abort", by: "", reason: abortWords(words) };
}

/** The words of an abort as they are kept. */
export function abortWords(words: string): string {
  return clip(words.trim() === "" ? "no reason given" : words, maxCommandReason);
}

/** What annotation serin.dev/command asks for. */
export function commandAsked(command: AskedCommand): Asked {
  if (command.kind === "Unreadable")
    return { id: command.id, action: "unknown", by: "", reason: "" };
  const { id, action, by, reason } = command;
  return { id, action, by, reason: clip(reason, maxCommandReason) };
}

/** The command of the snapshot, unless it was answered before. */
export function openCommand({ snapshot, status }: Situation): AskedCommand | undefined {
  const { abort, command } = snapshot.commands;
  // Whoever aborts is answered first: what was asked before may no longer be meant.
  if (abort !== undefined || command === undefined) return undefined;
  return status.commandIds?.includes(command.id) === true ? undefined : command;
}

/** "promote by jane (unverified): the fix is urgent". */
export function sayCommand(asked: Asked): string {
  return `${asked.action}${sayAuthor(asked)}`;
}

/** " by jane (unverified): the fix is urgent", to stand after a verb. */
export function sayAuthor({ by, reason }: Asked): string {
  const who = by === "" ? "" : ` by ${by} (unverified)`;
  return reason === "" ? who : `${who}: ${reason}`;
}

/** Status that keeps the answer, so that no crash and no restored manifest lets a command be obeyed twice. */
export function withAnswer(
  s: Situation,
  status: CanaryStatus,
  asked: Asked,
  answer: Pick<LastCommand, "outcome" | "message">,
): CanaryStatus {
  const lastCommand = {
    ...asked,
    at: toInstant(s.now),
    outcome: answer.outcome,
    message: clip(answer.message),
  };
  if (asked.action === "abort") return { ...status, lastCommand, openAbort: asked.reason };
  const earlier = (status.commandIds ?? []).filter((id) => id !== asked.id);
  return { ...status, lastCommand, commandIds: [asked.id, ...earlier].slice(0, maxCommandIds) };
}

/** What people are told of a command that was carried out. */
export function doneNotice(s: Situation, asked: Asked, message: string): Notice {
  const facts: EventFacts<"CommandDone"> = {
    ...askedFacts(asked),
    ...(s.status.release !== undefined && releaseFacts(s)),
  };
  return { reason: "CommandDone", message, facts, part: partOf(s, asked) };
}

/** What is told of a command that does not apply. */
export function refusedNotice(s: Situation, asked: Asked, message: string): Notice {
  const facts = askedFacts(asked);
  return { reason: "CommandRefused", message, facts, part: partOf(s, asked) };
}

function askedFacts({ action, by, reason }: Asked) {
  return { action, reason, ...(by !== "" && { by: `${by} (unverified)` }) };
}

function partOf(s: Situation, { action }: Asked): string {
  return `${action}-${occurrence(s)}`;
}
