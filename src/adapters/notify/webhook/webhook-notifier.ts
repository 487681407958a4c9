/** Tells any HTTP server, by one POST of JSON. One message, one attempt; retrying is the caller's. */
import type { WebhookProvider } from "../../../api/alert-provider.ts";
import type { Delivery, Notifier } from "../../../ports/notifier.ts";
import type { Secrets } from "../../../ports/secrets.ts";
import { type NotDelivered, parseAddress, refused } from "../http-address.ts";
import { deliveryOfAnswer } from "../http-delivery.ts";
import { type PostDeps, postJson } from "../http-post.ts";
import { readSecretKey, readToken } from "../secret-key.ts";
import { headersProblem } from "./headers.ts";
import { buildWebhookPayload } from "./payload.ts";

/** What the notifier needs from outside. */
export interface WebhookDeps extends PostDeps {
  readonly secrets: Secrets;
}

/** A notifier for providers with `webhook`; others are refused. */
export function createWebhookNotifier(deps: WebhookDeps): Notifier {
  return {
    async send({ webhook }, namespace, message): Promise<Delivery> {
      if (webhook === undefined) return refused("the provider is not webhook");
      const url = await findAddress(deps.secrets, namespace, webhook);
      if (!(url instanceof URL)) return url;
      const headers = await findHeaders(deps.secrets, namespace, webhook);
      if (headers.kind !== "Headers") return headers;
      const body = buildWebhookPayload(message);
      const answer = await postJson(deps, {
        url,
        headers: { ...headers.headers, "idempotency-key": body.id },
        body,
      });
      // What answers may be anything that the controller can reach: nothing of its body is repeated.
      return deliveryOfAnswer(answer, "the webhook");
    },
  };
}

async function findAddress(
  secrets: Secrets,
  namespace: string,
  { address, secretRef }: WebhookProvider,
): Promise<URL | NotDelivered> {
  if (address !== undefined) return parseAddress(address, "spec.webhook.address", "Http");
  if (secretRef === undefined) return refused("spec.webhook has no address or secretRef");
  const found = await readSecretKey(secrets, namespace, secretRef);
  if (found.kind !== "Text") return found;
  return parseAddress(found.text, `key ${secretRef.key} of Secret ${secretRef.name}`, "Http");
}

type Headers = { readonly kind: "Headers"; readonly headers: Readonly<Record<string, string>> };

async function findHeaders(
  secrets: Secrets,
  namespace: string,
  { headers = {}, bearerToken }: WebhookProvider,
): Promise<Headers | NotDelivered> {
  const problem = headersProblem(headers);
  if (problem !== undefined) return refused(problem);
  if (bearerToken === undefined) return { kind: "Headers", headers };
  const token = await readToken(secrets, namespace, bearerToken);
  if (token.kind !== "Text") return token;
  return { kind: "Headers", headers: { ...headers, authorization: `Bearer ${token.text}` } };
}
