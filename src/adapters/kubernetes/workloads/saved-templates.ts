/**
 * The templates that a primary had before promotions, as ControllerRevisions named by their hash: written before the
 * template is replaced, so that the way back is always there.
 */
import { apiVersion, canaryLabel, templateHashAnnotation } from "../../../api/names.ts";
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
  /** Generation of the primary that has it: later templates have larger ones. */
  readonly generation: number;
}

/** Idempotent: the name says the content. Owned by the Canary, without whose status it says nothing. */
export async function saveTemplate(
  transport: Transport,
  scope: WorkloadScope,
  saved: TemplateToSave,
): Promise<void> {
  const { namespace, canary, canaryUid } = scope;
  const body = {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name: nameOf(scope, saved.hash),
      namespace,
      labels: { [canaryLabel]: canary },
      annotations: { [templateHashAnnotation]: saved.hash },
      ownerReferences: [{ apiVersion, kind: "Canary", name: canary, uid: canaryUid }],
    },
    data: { spec: { template: saved.template } },
    revision: saved.generation,
  };
  try {
    await transport.request({ method: "POST", path: pathOf(scope), body });
  } catch (error) {
    if (!isAlreadyExists(error)) throw toOurError(error);
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
    `ControllerRevision ${scope.namespace}/${name}, which held the primary's earlier template, is gone or holds none`,
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
