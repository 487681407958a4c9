/** Tells a Slack channel, through an incoming webhook or as a bot. One message, one attempt; retrying is the caller's. */
import type { Delivery, Notifier } from "../../../ports/notifier.ts";
import type { Secrets } from "../../../ports/secrets.ts";
import { type PostDeps, postJson } from "../http-post.ts";
import { deliveryOf } from "./delivery.ts";
import { findDestination } from "./destination.ts";
import { buildPayload } from "./payload.ts";

/** What the notifier needs from outside. */
export interface SlackDeps extends PostDeps {
  readonly secrets: Secrets;
}

/** A notifier for providers with `slack`; others are refused. */
export function createSlackNotifier(deps: SlackDeps): Notifier {
  return {
    async send({ slack }, namespace, message): Promise<Delivery> {
      if (slack === undefined) return { kind: "Refused", because: "the provider is not slack" };
      const destination = await findDestination(deps.secrets, namespace, slack);
      if (destination.kind !== "Destination") return destination;
      const { url, bot } = destination;
      const payload = buildPayload(message);
      const answer = await postJson(deps, {
        url,
        headers: bot === undefined ? {} : { authorization: `Bearer ${bot.token}` },
        body: bot === undefined ? payload : { ...payload, channel: bot.channel },
      });
      return deliveryOf(answer, bot === undefined ? "Webhook" : "WebApi");
    },
  };
}
