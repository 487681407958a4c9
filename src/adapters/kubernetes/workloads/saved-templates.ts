/**
 * The templates that a primary had before promotions, as ControllerRevisions named by their hash: written before the
 * template is replaced, so that the way back is always there.
 */
import { canaryLabel, restoreHashLabel, templateHashAnnotation } from "../../../api/names.ts";
import { StallError } from "../../../ports/errors.ts";
import type { WorkloadScope } from "../../../ports/workloads.ts";
import { isAlreadyExists, isNotFound, toOurError } from "../api-error.ts";
import { PASS_READ_TIMEOUT_MS } from "../limits.ts";
import { listAll } from "../list-watch-pages.ts";
import { resourcePath } from "../paths.ts";
import type { Transport } from "../transport.ts";
import { decodeSavedTemplate, type SavedTemplate } from "./decode.ts";
import { controllerRevisions } from "./informers.ts";
import { MAX_SAVED_TEMPLATES } from "./limits.ts";
import { primaryNameOf } from "./observe-workloads.ts";
import type { Template } from "./template-hash.ts";

const nameOf = (scope: WorkloadScope, hash: string): string => `${primaryNameOf(scope)}-${hash}`;

const pathOf = ({ namespace }: WorkloadScope, name?: string): string =>
  resourcePath(controllerRevisions, { namespace, name });

export interface TemplateToSave {
  readonly hash: string;
  readonly template: Template;
  /** The primary that has it. Later templates have larger generations. */
  readonly primary: { readonly uid: string; readonly generation: number };
}

/**
 * Idempotent: the name says the content. Owned by the primary, which says itself that it is to get it back: a Canary
 * may be gone, and another one of its name be there, before that was done.
 */
export async function saveTemplate(
  transport: Transport,
  scope: WorkloadScope,
  saved: TemplateToSave,
): Promise<void> {
  const { namespace, canary } = scope;
  const { uid, generation } = saved.primary;
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name: primaryNameOf(scope), uid };
  const body = {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: nameOf(scope, saved.hash),
      namespace,
      labels: { [canaryLabel]: canary },
      annotations: { [templateHashAnnotation]: saved.hash },
      ownerReferences: [owner],
    },
    data: { spec: { template: saved.template } },
    revision: generation,
  };
  const path = pathOf(scope);
  if (await create(transport, path, body)) return;
  const there = pathOf(scope, nameOf(scope, saved.hash));
  const found = await read(transport, there);
  // One that goes with another owner may be gone when it is needed.
  if (found?.metadata.ownerReferences.some((other) => other.uid === uid) === true) return;
  await remove(transport, there);
  await create(transport, path, body);
}

/** False when there is one already. */
async function create(
  transport: Transport,
  path: string,
  body: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  try {
    await transport.request({ method: "POST", path, body });
    return true;
  } catch (error) {
    if (isAlreadyExists(error)) return false;
    throw toOurError(error);
  }
}

export async function readTemplate(
  transport: Transport,
  scope: WorkloadScope,
  hash: string,
): Promise<Template> {
  const name = nameOf(scope, hash);
  const found = await read(transport, pathOf(scope, name));
  if (found !== undefined) return found.data.spec.template;
  throw new StallError(
    "SavedTemplateMissing",
    `ControllerRevision ${scope.namespace}/${name}, which held the primary's earlier template, is gone or holds none; ` +
      `give that template back yourself (kubectl -n ${scope.namespace} rollout undo deployment/${primaryNameOf(scope)}), or vouch for the ` +
      `present one: kubectl -n ${scope.namespace} label deployment ${primaryNameOf(scope)} ${restoreHashLabel}-`,
  );
}

async function read(transport: Transport, path: string): Promise<SavedTemplate | undefined> {
  try {
    return decodeSavedTemplate(await transport.request({ method: "GET", path }));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw toOurError(error);
  }
}

/** Deletes the oldest beyond the bound, never the one with `keptHash`. */
export async function pruneTemplates(
  transport: Transport,
  scope: WorkloadScope,
  keptHash: string,
): Promise<void> {
  const others = (await listSaved(transport, scope))
    .filter(({ metadata }) => metadata.name !== nameOf(scope, keptHash))
    .sort((one, other) => other.revision - one.revision);
  for (const { metadata } of others.slice(MAX_SAVED_TEMPLATES - 1)) {
    await remove(transport, pathOf(scope, metadata.name));
  }
}

async function remove(transport: Transport, path: string): Promise<void> {
  try {
    await transport.request({ method: "DELETE", path });
  } catch (error) {
    if (!isNotFound(error)) throw toOurError(error);
  }
}

async function listSaved(
  transport: Transport,
  scope: WorkloadScope,
): Promise<readonly SavedTemplate[]> {
  const { items } = await listAll({
    transport,
    path: pathOf(scope),
    query: { labelSelector: `${canaryLabel}=${scope.canary}` },
    signal: new AbortController().signal,
    timeoutMs: PASS_READ_TIMEOUT_MS,
  });
  return items.flatMap((item) => {
    const saved = decodeSavedTemplate(item);
    return saved?.metadata.annotations[templateHashAnnotation] === undefined ? [] : [saved];
  });
}
