/** Finds a pod template by its hash: on the target, or on the ReplicaSet that the target made of it. */
import type { WorkloadScope } from "../../../ports/workloads.ts";
import type { Decoded } from "../informer-cache.ts";
import { PASS_READ_TIMEOUT_MS } from "../limits.ts";
import { listAll } from "../list-watch-pages.ts";
import { resourcePath } from "../paths.ts";
import type { Transport } from "../transport.ts";
import { type DeploymentView, decodeOwnedTemplate } from "./decode.ts";
import { replicaSets } from "./informers.ts";
import { hashTemplate, type Template, templateOfReplicaSet } from "./template-hash.ts";

/** Undefined when nothing holds it any more. A hash names one content, so it does not matter where it is found; the ReplicaSets are read uncached. */
export async function findTemplate(
  transport: Transport,
  scope: WorkloadScope,
  target: Decoded<DeploymentView>,
  templateHash: string,
): Promise<Template | undefined> {
  const { metadata, spec } = target.view;
  if (hashTemplate(spec.template) === templateHash) return spec.template;
  const { items } = await listAll({
    transport,
    path: resourcePath(replicaSets, { namespace: scope.namespace }),
    query: { labelSelector: toLabelSelector(spec.selector.matchLabels) },
    signal: new AbortController().signal,
    timeoutMs: PASS_READ_TIMEOUT_MS,
  });
  const found = items
    .map(decodeOwnedTemplate)
    .filter((set) => set.metadata.ownerReferences.some(({ uid }) => uid === metadata.uid))
    .find((set) => hashTemplate(set.spec.template) === templateHash);
  return found && templateOfReplicaSet(found.spec.template);
}

const toLabelSelector = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
