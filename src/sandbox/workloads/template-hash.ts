/** Names a pod template by its content, so that a Deployment finds the ReplicaSet of a template it had before. */
import { createHash } from "node:crypto";
import { canonicalJson, isJsonObject, type JsonObject } from "./json.ts";

export const templateHashLabel = "pod-template-hash";

/** Kubernetes' alphabet for generated names: no vowels, no lookalikes. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const hashLength = 10;

/** Ten safe characters (47 bits): collisions within one Deployment's history need no thought. */
export function templateHash(template: JsonObject): string {
  const digest = createHash("sha256")
    .update(canonicalJson(withoutHash(template)))
    .digest();
  const letters = [...digest.subarray(0, hashLength)];
  return letters.map((byte) => alphabet[byte % alphabet.length] ?? "b").join("");
}

/** Whether two templates are the same but for the label that their ReplicaSet put there. */
export function isSameTemplate(one: JsonObject, other: JsonObject): boolean {
  return canonicalJson(withoutHash(one)) === canonicalJson(withoutHash(other));
}

export function withHash(template: JsonObject, hash: string): JsonObject {
  const metadata = objectAt(template, "metadata");
  const labels = { ...objectAt(metadata, "labels"), [templateHashLabel]: hash };
  return { ...template, metadata: { ...metadata, labels } };
}

function withoutHash(template: JsonObject): JsonObject {
  const metadata = objectAt(template, "metadata");
  const { [templateHashLabel]: _, ...labels } = objectAt(metadata, "labels");
  return { ...template, metadata: { ...metadata, creationTimestamp: undefined, labels } };
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}
