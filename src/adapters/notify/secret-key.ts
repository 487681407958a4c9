/** One key of a Secret, read when it is needed. Errors name the Secret and the key, never what they hold. */
import type { SecretKeyReference } from "../../api/fields.ts";
import { unknown } from "../../core/fact.ts";
import { ownValue } from "../../core/own-value.ts";
import type { Secrets } from "../../ports/secrets.ts";
import { type NotDelivered, refused } from "./http-address.ts";

/** What the key holds, without blanks around it. */
export interface SecretText {
  readonly kind: "Text";
  readonly text: string;
}

/** The text of a key, or why it cannot be had now (Failed) or until somebody mends it (Refused). */
export async function readSecretKey(
  secrets: Secrets,
  namespace: string,
  { name, key }: SecretKeyReference,
): Promise<SecretText | NotDelivered> {
  const secret = await secrets
    .read(namespace, name)
    .catch(() => unknown(`Secret ${name} could not be read`));
  if (secret.kind === "Missing") return refused(secret.because);
  if (secret.kind === "Unknown") return { kind: "Failed", because: secret.because };
  const text = ownValue(secret.value, key)?.trim();
  if (text === undefined || text === "") return refused(`Secret ${name} has no key ${key}`);
  return { kind: "Text", text };
}

/** A token that a header can carry: fetch would show any other one in the error that it throws. */
export async function readToken(
  secrets: Secrets,
  namespace: string,
  reference: SecretKeyReference,
): Promise<SecretText | NotDelivered> {
  const token = await readSecretKey(secrets, namespace, reference);
  if (token.kind !== "Text" || /^[\x21-\x7e]+$/.test(token.text)) return token;
  return refused(`key ${reference.key} of Secret ${reference.name} is no token`);
}
