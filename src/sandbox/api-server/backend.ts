/** What every request handler is given, and what it is asked to act on. Holds no behaviour. */
import type { Clock } from "../../ports/clock.ts";
import type { JsonObject } from "./json.ts";
import type { Mint } from "./mint.ts";
import type { Registry } from "./registry.ts";
import type { ResourceType, ServedVersion } from "./resource-type.ts";
import type { ObjectRef, Store } from "./store.ts";

export interface Backend {
  readonly store: Store;
  readonly registry: Registry;
  readonly mint: Mint;
  readonly clock: Clock;
}

/** The collection (name is empty) or object a request is about, in the version it is asked in. */
export interface Target {
  readonly type: ResourceType;
  readonly version: ServedVersion;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string | undefined;
}

export interface Outcome {
  readonly object: JsonObject;
  readonly code: number;
  readonly warnings: readonly string[];
}

export function refOf(target: Target, name = target.name): ObjectRef {
  return { type: target.type.key, namespace: target.namespace, name };
}
