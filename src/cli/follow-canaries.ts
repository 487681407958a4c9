/** Follows Canaries as they change, over cut watches and restarted API servers. Says nothing to anybody itself. */
import { canaryResource } from "../adapters/kubernetes/cluster/informers.ts";
import { createListWatch, type ListWatchScope } from "../adapters/kubernetes/list-watch.ts";
import { keyOf } from "../adapters/kubernetes/raw-object.ts";
import { StallError } from "../ports/errors.ts";
import { type CanaryView, toView } from "./canary-objects.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { silentLog } from "./silent-log.ts";

export interface Followed {
  /** As it is now; also when nothing has changed since. */
  onView(view: CanaryView): void;
  onGone(key: string): void;
  /** The connection is lost for now; it is tried again. */
  onTrouble?(because: string): void;
  /** It makes no sense to try again: rights are missing. */
  onRefused(error: StallError): void;
}

/** One Canary by name, all of a namespace, or all there are. Ends when told to, or with the command. */
export function followCanaries(
  { transport, clock, random }: ClusterAccess,
  scope: { readonly namespace?: string | undefined; readonly name?: string },
  followed: Followed,
): () => Promise<void> {
  const known = new Set<string>();
  const forget = (key: string): void => {
    if (known.delete(key)) followed.onGone(key);
  };
  const listWatch = createListWatch({
    ...scopeOf(scope),
    transport,
    clock,
    log: silentLog,
    random,
    sink: {
      listed({ items }) {
        const keys = new Set(items.map(({ metadata }) => keyOf(metadata.namespace, metadata.name)));
        for (const key of known) if (!keys.has(key)) forget(key);
        for (const key of keys) known.add(key);
        for (const item of items) followed.onView(toView(item));
      },
      changed({ type, object }) {
        const key = keyOf(object.metadata.namespace, object.metadata.name);
        if (type === "Deleted") {
          forget(key);
          return;
        }
        known.add(key);
        followed.onView(toView(object));
      },
      notServed: () => followed.onTrouble?.("the API server does not serve Canaries now"),
      failed(error) {
        if (error instanceof StallError) followed.onRefused(error);
        else followed.onTrouble?.(error instanceof Error ? error.message : String(error));
      },
    },
  });
  listWatch.start();
  return () => listWatch.stop();
}

function scopeOf(scope: {
  readonly namespace?: string | undefined;
  readonly name?: string;
}): ListWatchScope {
  const { namespace, name } = scope;
  return {
    resource: canaryResource,
    namespace,
    ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
  };
}
