/** The reference of the JSON that a webhook is sent: every field, and an example that satisfies the schema. */
import { WebhookPayload } from "../api/webhook-payload.ts";
import { code, row, table } from "./markdown.ts";
import { toStructuralSchema } from "./structural-schema.ts";

const example: WebhookPayload = {
  version: "1",
  id: "0b0f7a52-5d8f-3-RolledBack",
  namespace: "order-prod",
  canary: "order-service",
  reason: "RolledBack",
  severity: "Error",
  message: "error-rate: 21.4 %, limit 5 %, in 2 checks in a row",
  facts: {
    release: "5d8f-3",
    images: "example.com/order-service:1.5.0",
    cause: "MetricLimitExceeded",
  },
  at: "2026-11-21T12:00:00.250Z",
};

/** The page of the payload. */
export function printWebhookPayload(): string {
  const fields = Object.entries(toStructuralSchema(WebhookPayload).properties ?? {});
  const rows = fields.map(([name, { description = "" }]) => row([code(name), description]));
  return [
    "# Webhook payload",
    "Body of the POST that an AlertProvider's `webhook` receives for each transition, as `application/json`. All fields are always there.",
    table(["Field", "Meaning"], rows),
    `\`\`\`json\n${JSON.stringify(example, undefined, 2)}\n\`\`\``,
    "Answer 2xx once the message is safe. 408, 425, 429 and 5xx are tried again with growing pauses, not before Retry-After; so is a request that gets no answer within 5 seconds. Any other answer is final: the message is not sent again, and an Event on the AlertProvider says so.",
  ].join("\n\n");
}
