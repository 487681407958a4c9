/**
 * Namespaces, read one by one where a Canary is being deleted: whether everything around it goes as well. No cache is
 * kept filled for that, and no right to list or watch them is needed.
 */
import type { Namespace } from "../../../core/canary/snapshot.ts";
import { type Fact, known, missing, unknown } from "../../../core/fact.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Cluster } from "../../../ports/cluster.ts";
import { StallError } from "../../../ports/errors.ts";
import { isNotFound, toOurError } from "../api-error.ts";
import { MAX_NAMESPACES_KEPT } from "../limits.ts";
import { resourcePath } from "../paths.ts";
import { isRawObject } from "../raw-object.ts";
import type { Transport } from "../transport.ts";
import { isEnding } from "./decode.ts";

interface NamespacesDeps {
  readonly transport: Transport;
  readonly clock: Pick<Clock, "now">;
}

const namespaces = { group: "", version: "v1", plural: "namespaces", namespaced: false };

export function createNamespaces({
  transport,
  clock,
}: NamespacesDeps): Pick<Cluster, "namespace" | "readNamespace"> {
  const read = new Map<string, Fact<Namespace>>();
  return {
    namespace: (name) => read.get(name) ?? unknown(`namespace ${name} has not been read yet`),
    async readNamespace(name) {
      const found = await ask(transport, name, clock.now());
      read.delete(name);
      read.set(name, found);
      const [oldest] = read.keys();
      if (read.size > MAX_NAMESPACES_KEPT && oldest !== undefined) read.delete(oldest);
    },
  };
}

/** One that is gone took everything with it. Without the right to read it, it counts as one that stays. */
async function ask(transport: Transport, name: string, readAt: number): Promise<Fact<Namespace>> {
  try {
    const path = resourcePath(namespaces, { name });
    const answer = await transport.request({ method: "GET", path });
    return known({ isEnding: isRawObject(answer) && isEnding(answer), readAt });
  } catch (error) {
    if (isNotFound(error)) return known({ isEnding: true, readAt });
    const ours = toOurError(error);
    if (ours instanceof StallError) return missing("Forbidden", ours.message);
    throw ours;
  }
}
