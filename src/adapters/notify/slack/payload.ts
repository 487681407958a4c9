/** One message as Block Kit: title, sentence, facts side by side, query, and where it comes from. */
import type { Severity } from "../../../api/canary-status.ts";
import { isEventReason } from "../../../api/conditions.ts";
import type { FactName } from "../../../api/event-facts.ts";
import type { Message } from "../../../ports/notifier.ts";
import { type Facts, type Layout, layouts } from "./layout.ts";
import {
  maxFallbackLength,
  maxFieldLength,
  maxFields,
  maxHeaderLength,
  maxTextLength,
} from "./limits.ts";
import { codeToFit, escapeToFit } from "./text.ts";

interface PlainText {
  readonly type: "plain_text";
  readonly text: string;
}
interface Mrkdwn {
  readonly type: "mrkdwn";
  readonly text: string;
}
/** The blocks that we send. */
export type Block =
  | { readonly type: "header"; readonly text: PlainText }
  | { readonly type: "section"; readonly text: Mrkdwn }
  | { readonly type: "section"; readonly fields: readonly Mrkdwn[] }
  | { readonly type: "context"; readonly elements: readonly Mrkdwn[] };

/** Body of an incoming webhook, and of chat.postMessage with a channel beside it. */
export interface Payload {
  /** What notifications and screen readers show. */
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Carries the transition's id, so that a message told twice after a crash can be recognised. */
  readonly metadata: {
    readonly event_type: "serin_release";
    readonly event_payload: Readonly<Record<string, string>>;
  };
  readonly unfurl_links: false;
}

const bySeverity: Readonly<Record<Severity, string>> = { Info: "ℹ️", Warning: "⚠️", Error: "🚨" };

/** An Event that this version does not know is shown by its word, with all its facts. */
function fallbackLayout(reason: string, severity: Severity, facts: Facts): Layout {
  const names = Object.keys(facts).filter((name): name is FactName => name !== "query");
  return {
    emoji: bySeverity[severity],
    title: reason,
    lines: names.map((label) => ({ label, text: (known) => known[label] })),
    isUrgent: severity !== "Info",
  };
}

const mrkdwn = (text: string): Mrkdwn => ({ type: "mrkdwn", text });

function factBlocks(layout: Layout, facts: Facts): readonly Block[] {
  const fields = layout.lines
    .map(({ label, text }) => ({ label: escapeToFit(label, 63), text: text(facts) }))
    .filter(({ text }) => text !== undefined && text !== "")
    .slice(0, maxFields)
    .map(({ label, text = "" }) =>
      mrkdwn(`*${label}*\n${escapeToFit(text, maxFieldLength - label.length - 3)}`),
    );
  return fields.length > 0 ? [{ type: "section", fields }] : [];
}

function moreBlocks(
  { namespace, canary }: Message,
  layout: Layout,
  facts: Facts,
): readonly Block[] {
  const query = facts.query === undefined ? [] : [codeToFit(facts.query, maxTextLength)];
  const command = layout.isUrgent ? [`\`kubectl -n ${namespace} describe canary ${canary}\``] : [];
  return [...query, ...command].map((text) => ({ type: "section", text: mrkdwn(text) }));
}

function contextBlock({ entry, namespace, canary }: Message, facts: Facts): Block {
  const release = facts.release === undefined ? [] : [`release ${facts.release}`];
  const parts = [`${namespace}/${canary}`, ...release, entry.at];
  return { type: "context", elements: [mrkdwn(escapeToFit(parts.join(" · "), maxTextLength))] };
}

/** The message as it is posted; a pure function of the message. */
export function buildPayload(message: Message): Payload {
  const { entry, namespace, canary } = message;
  const facts: Facts = entry.facts;
  const layout = isEventReason(entry.reason)
    ? layouts[entry.reason]
    : fallbackLayout(entry.reason, entry.severity, facts);
  const title = `${layout.emoji} ${canary}: ${layout.title}`;
  const sentence = entry.message === "" ? entry.reason : entry.message;
  return {
    text: escapeToFit(`${title} (${namespace}). ${sentence}`, maxFallbackLength),
    blocks: [
      { type: "header", text: { type: "plain_text", text: escapeToFit(title, maxHeaderLength) } },
      { type: "section", text: mrkdwn(escapeToFit(sentence, maxTextLength)) },
      ...factBlocks(layout, facts),
      ...moreBlocks(message, layout, facts),
      contextBlock(message, facts),
    ],
    metadata: {
      event_type: "serin_release",
      event_payload: { id: entry.id, reason: entry.reason, namespace, canary },
    },
    unfurl_links: false,
  };
}
