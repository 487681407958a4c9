/** The message as a webhook is sent it. A pure function of the message. */
import type { WebhookPayload } from "../../../api/webhook-payload.ts";
import type { Message } from "../../../ports/notifier.ts";

export function buildWebhookPayload({ entry, namespace, canary }: Message): WebhookPayload {
  const { id, reason, severity, message, facts, at } = entry;
  return { version: "1", id, namespace, canary, reason, severity, message, facts, at };
}
