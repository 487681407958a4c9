/** What an AlertProvider's `webhook` is sent: one JSON object for each transition. Fields are added, never changed or taken away, under one version. */
import { z } from "zod";
import { Severity } from "./canary-status.ts";
import { instant } from "./fields.ts";

export const WebhookPayload = z.object({
  version: z
    .literal("1")
    .describe("Version of this payload. Within a version fields are only added."),
  id: z
    .string()
    .max(128)
    .describe(
      "Identity of the transition, also sent as the header Idempotency-Key: the same when a crash or a lost answer makes Serin tell it twice.",
    ),
  namespace: z.string().max(253).describe("Namespace of the Canary."),
  canary: z.string().max(253).describe("Name of the Canary."),
  reason: z.string().max(64).describe("What happened, as one word; the list is in conditions.md."),
  severity: Severity.describe("How urgent it is; Error needs a human."),
  message: z.string().max(1024).describe("What happened, in a sentence."),
  facts: z
    .record(z.string().max(63), z.string().max(512))
    .meta({ maxProperties: 16 })
    .describe(
      "The numbers and names behind it, as text; which reason has which is in conditions.md.",
    ),
  at: instant.describe("When it happened: RFC 3339, UTC, with milliseconds."),
});
export type WebhookPayload = z.infer<typeof WebhookPayload>;
