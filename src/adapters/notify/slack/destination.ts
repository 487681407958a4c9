/** Where a message goes and with which credentials. Secrets are read when they are needed and named, never shown. */
import type { SlackProvider } from "../../../api/alert-provider.ts";
import type { SecretKeyReference } from "../../../api/fields.ts";
import type { Secrets } from "../../../ports/secrets.ts";
import { type NotDelivered, parseAddress, refused } from "../http-address.ts";
import { readSecretKey, readToken } from "../secret-key.ts";

/** A URL to post to; a channel and a token only for Slack's Web API. */
export interface Destination {
  readonly kind: "Destination";
  readonly url: URL;
  readonly bot?: { readonly token: string; readonly channel: string };
}

function destinationOf(address: string, source: string): Destination | NotDelivered {
  const url = parseAddress(address, source, "LoopbackHttp");
  return url instanceof URL ? { kind: "Destination", url } : url;
}

async function webhookDestination(
  secrets: Secrets,
  namespace: string,
  reference: SecretKeyReference,
): Promise<Destination | NotDelivered> {
  const address = await readSecretKey(secrets, namespace, reference);
  if (address.kind !== "Text") return address;
  return destinationOf(address.text, `key ${reference.key} of Secret ${reference.name}`);
}

/** Where the provider's messages go, or why that cannot be said now (Failed) or ever (Refused). */
export async function findDestination(
  secrets: Secrets,
  namespace: string,
  provider: SlackProvider,
): Promise<Destination | NotDelivered> {
  const { address, secretRef, botToken, channel, apiAddress } = provider;
  if (address !== undefined) return destinationOf(address, "spec.slack.address");
  if (secretRef !== undefined) return webhookDestination(secrets, namespace, secretRef);
  if (botToken === undefined) return refused("spec.slack has no address, secretRef or botToken");
  if (channel === undefined) return refused("spec.slack has a botToken and no channel");
  const token = await readToken(secrets, namespace, botToken);
  if (token.kind !== "Text") return token;
  const base = destinationOf(
    `${apiAddress.replace(/(?<!\/)\/+$/, "")}/chat.postMessage`,
    "spec.slack.apiAddress",
  );
  return base.kind === "Destination" ? { ...base, bot: { token: token.text, channel } } : base;
}
