/** Where messages about releases go. */
import { z } from "zod";
import { secretKeyReference } from "./fields.ts";

/** Secrets travel in these addresses and beside them. */
const httpsRule = (field: string) => ({
  rule: String.raw`!has(self.${field}) || self.${field}.matches(r'^https://|^http://(localhost|127\.0\.0\.1|\[::1\])([:/]|$)')`,
  message: `${field} must begin with https://; plain http is for a loopback address only`,
});

export const SlackProvider = z
  .object({
    address: z
      .string()
      .max(2048)
      .regex(/^https?:\/\/.+/)
      .optional()
      .describe("URL of an incoming webhook. It is a secret: prefer secretRef."),
    secretRef: secretKeyReference
      .optional()
      .describe("Secret key that holds the URL of an incoming webhook."),
    botToken: secretKeyReference
      .optional()
      .describe("Secret key that holds a bot token (chat:write); messages go to `channel`."),
    channel: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .describe(
        "Channel for a bot token. Incoming webhooks always post to the channel they were made for and ignore it.",
      ),
    apiAddress: z
      .string()
      .max(2048)
      .regex(/^https?:\/\/.+/)
      .default("https://slack.com/api")
      .describe("Base URL of Slack's Web API, for a proxy or GovSlack."),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "[has(self.address), has(self.secretRef), has(self.botToken)].filter(x, x).size() == 1",
        message: "give exactly one of address, secretRef and botToken",
      },
      {
        rule: "!has(self.botToken) || has(self.channel)",
        message: "botToken needs channel: name the channel that the bot posts to",
      },
      {
        rule: "!has(self.channel) || has(self.botToken)",
        message: "channel needs botToken: an incoming webhook posts to the channel it was made for",
      },
      httpsRule("address"),
      httpsRule("apiAddress"),
    ],
  });
export type SlackProvider = z.infer<typeof SlackProvider>;

export const WebhookProvider = z
  .object({
    address: z
      .string()
      .max(2048)
      .regex(/^https?:\/\/.+/)
      .optional()
      .describe("URL that messages are posted to. Where it is a secret, use secretRef."),
    secretRef: secretKeyReference.optional().describe("Secret key that holds the URL."),
    bearerToken: secretKeyReference
      .optional()
      .describe("Secret key that holds a token, sent as `Authorization: Bearer`."),
    headers: z
      .record(z.string().max(128), z.string().max(1024))
      .meta({ maxProperties: 16 })
      .optional()
      .describe("Extra request headers. No secrets here."),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "has(self.address) != has(self.secretRef)",
        message: "give exactly one of address and secretRef",
      },
    ],
  });
export type WebhookProvider = z.infer<typeof WebhookProvider>;

export const AlertProviderSpec = z
  .object({
    slack: SlackProvider.optional().describe("A Slack channel."),
    webhook: WebhookProvider.optional().describe(
      "Any HTTP server: each message is one POST of JSON, described in webhook-payload.md. 2xx is delivered; 408, 425, 429 and 5xx are tried again, after Retry-After where given; any other answer is not. Redirects are not followed.",
    ),
  })
  .meta({
    "x-kubernetes-validations": [
      {
        rule: "[has(self.slack), has(self.webhook)].filter(x, x).size() == 1",
        message: "name exactly one provider: slack or webhook",
      },
    ],
  });
export type AlertProviderSpec = z.infer<typeof AlertProviderSpec>;

export const AlertProvider = z.object({ spec: AlertProviderSpec.describe("Where messages go.") });
export type AlertProvider = z.infer<typeof AlertProvider>;
