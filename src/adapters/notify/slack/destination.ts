/** Where a message goes and with which credentials. Secrets are read when they are needed and named, never shown. */
import type { SlackProvider } from "../../../api/alert-provider.ts";
import type { SecretKeyReference } from "../../../api/fields.ts";
import { unknown } from "../../../core/fact.ts";
import type { Delivery } from "../../../ports/notifier.ts";
import type { Secrets } from "../../../ports/secrets.ts";

/** A URL to post to; a channel and a token only for Slack's Web API. */
export interface Destination {
  readonly kind: "Destination";
  readonly url: URL;
  readonly bot?: { readonly token: string; readonly channel: string };
}

type NotDelivered = Exclude<Delivery, { kind: "Delivered" }>;
type Text = { readonly kind: "Text"; readonly text: string };

const refused = (because: string): NotDelivered => ({ kind: "Refused", because });

const loopbackHosts: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** The address is a secret: `source` says where it came from instead. */
function destinationOf(address: string, source: string): Destination | NotDelivered {
  const url = URL.parse(address);
  if (url === null) return refused(`${source} is no URL`);
  const isPlainLoopback = url.protocol === "http:" && loopbackHosts.has(url.hostname);
  if (url.protocol !== "https:" && !isPlainLoopback) {
    return refused(`${source} must begin with https://`);
  }
  if (url.username !== "" || url.password !== "") {
    return refused(`${source} must not have a user or a password in it`);
  }
  return { kind: "Destination", url };
}

async function readKey(
  secrets: Secrets,
  namespace: string,
  { name, key }: SecretKeyReference,
): Promise<Text | NotDelivered> {
  const secret = await secrets
    .read(namespace, name)
    .catch(() => unknown(`Secret ${name} could not be read`));
  if (secret.kind === "Missing") return refused(secret.because);
  if (secret.kind === "Unknown") return { kind: "Failed", because: secret.because };
  const text = secret.value[key]?.trim();
  if (text === undefined || text === "") return refused(`Secret ${name} has no key ${key}`);
  return { kind: "Text", text };
}

async function webhookDestination(
  secrets: Secrets,
  namespace: string,
  reference: SecretKeyReference,
): Promise<Destination | NotDelivered> {
  const address = await readKey(secrets, namespace, reference);
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
  const token = await readKey(secrets, namespace, botToken);
  if (token.kind !== "Text") return token;
  const base = destinationOf(
    `${apiAddress.replace(/\/+$/, "")}/chat.postMessage`,
    "spec.slack.apiAddress",
  );
  // A header cannot hold more than visible ASCII, and the error that fetch throws would show the token.
  if (!/^[\x21-\x7e]+$/.test(token.text))
    return refused(`key ${botToken.key} of Secret ${botToken.name} is no token`);
  return base.kind === "Destination" ? { ...base, bot: { token: token.text, channel } } : base;
}
