/** Keys as the queue has them. */
import type { CanaryKey } from "../ports/cluster.ts";

/** `namespace/name`. */
export function toKey(canary: CanaryKey): string {
  return `${canary.namespace}/${canary.name}`;
}

/** The inverse of toKey. */
export function fromKey(key: string): CanaryKey {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
