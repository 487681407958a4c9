/** Every kind of provider that messages can go to, and the one notifier that chooses among them. */
import type { AlertProviderSpec } from "../../api/alert-provider.ts";
import type { Metrics } from "../../ports/metrics.ts";
import type { Delivery, Notifier } from "../../ports/notifier.ts";
import { createSlackNotifier, type SlackDeps } from "./slack/slack-notifier.ts";
import { createWebhookNotifier } from "./webhook/webhook-notifier.ts";

/** What notifiers need from outside. */
export interface NotifyDeps extends SlackDeps {
  readonly metrics: Pick<Metrics, "recordProviderRequest">;
}

/** Which provider a spec names: the one member that it has. */
function providerOf(spec: AlertProviderSpec): "slack" | "webhook" | undefined {
  if (spec.slack !== undefined) return "slack";
  return spec.webhook === undefined ? undefined : "webhook";
}

/** A notifier for every kind of provider. Counts each attempt; never throws. */
export function createNotifier(deps: NotifyDeps): Notifier {
  const notifiers = {
    slack: createSlackNotifier(deps),
    webhook: createWebhookNotifier(deps),
  } as const;
  return {
    async send(spec, namespace, message): Promise<Delivery> {
      const provider = providerOf(spec);
      if (provider === undefined) {
        return { kind: "Refused", because: "the AlertProvider names no provider that is known" };
      }
      const startedAt = deps.clock.monotonic();
      const delivery = await notifiers[provider].send(spec, namespace, message);
      const durationMs = deps.clock.monotonic() - startedAt;
      deps.metrics.recordProviderRequest({ provider, outcome: delivery.kind, durationMs });
      return delivery;
    },
  };
}
