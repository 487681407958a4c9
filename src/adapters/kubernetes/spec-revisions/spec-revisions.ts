/**
 * The specs of releases as ControllerRevisions: named by their content, owned by their Canary, read from a cache. What
 * they say is checked against the name, so that nobody slips a release another one.
 */
import { apiVersion, canaryLabel, revisionOfLabel } from "../../../api/names.ts";
import type { FrozenSpec, FrozenTemplate } from "../../../core/canary/freeze.ts";
import type { Identity } from "../../../core/canary/snapshot.ts";
import { type Fact, known, missing, unknown } from "../../../core/fact.ts";
import { StallError } from "../../../ports/errors.ts";
import type { Log } from "../../../ports/log.ts";
import type { SpecRevisions } from "../../../ports/spec-revisions.ts";
import { isAlreadyExists, isNotFound, toOurError } from "../api-error.ts";
import type { InformerReads } from "../informer.ts";
import { resourcePath } from "../paths.ts";
import { keyOf } from "../raw-object.ts";
import type { Transport } from "../transport.ts";
import { controllerRevisions } from "../workloads/informers.ts";
import { type SpecData, type SpecRevisionView, specRevisionName } from "./decode.ts";
import { byCanary, specKind } from "./informers.ts";
import { MAX_GONE_REVISIONS, MAX_SPEC_CHARS, MAX_SPEC_REVISIONS } from "./limits.ts";

export interface SpecRevisionsDeps {
  readonly transport: Transport;
  readonly log: Log;
  /** Made by specRevisionInformers, started by whoever made it. */
  readonly reads: InformerReads<SpecRevisionView>;
  /** Serin's own namespace: cluster templates read their Secrets there. */
  readonly ownNamespace: string;
}

export function createSpecRevisions(deps: SpecRevisionsDeps): SpecRevisions {
  const gone = new Set<string>();
  return {
    nameOf: (canary, content) => specRevisionName(canary.name, dataOf(canary, content)),
    find(canary, revision) {
      const { namespace } = canary;
      const kept = deps.reads.get(namespace, revision);
      if (kept !== undefined) return read(deps, canary, kept.view);
      return gone.has(keyOf(namespace, revision))
        ? missing("SpecRevisionMissing", whatIsGone(namespace, revision))
        : unknown(`ControllerRevision ${namespace}/${revision} is being looked for`);
    },
    async look({ namespace }, revision) {
      try {
        await deps.reads.refresh(namespace, revision);
      } catch (error) {
        throw toOurError(error);
      }
      if (deps.reads.get(namespace, revision) === undefined)
        rememberGone(gone, keyOf(namespace, revision));
    },
    save: (canary, content, inUse) => save(deps, canary, { content, inUse }),
  };
}

/** Those that were looked for in vain; the name says the content, so that one that comes back is the same. */
function rememberGone(gone: Set<string>, key: string): void {
  gone.add(key);
  const [oldest] = gone;
  if (gone.size > MAX_GONE_REVISIONS && oldest !== undefined) gone.delete(oldest);
}

function whatIsGone(namespace: string, revision: string): string {
  return `ControllerRevision ${namespace}/${revision}, which held this release's spec, is gone`;
}

function dataOf({ name, uid }: Identity, { releaseId, spec, templates }: FrozenSpec): SpecData {
  return {
    canary: { name, uid },
    release: releaseId,
    spec,
    templates: templates.map((template) => ({
      kind: template.kind,
      name: template.name,
      spec: template.spec,
    })),
  };
}

/** One whose content is another Canary's, or not what its name says, is as good as none. */
function read(
  { ownNamespace }: SpecRevisionsDeps,
  { namespace, name, uid }: Identity,
  { name: revision, data }: SpecRevisionView,
): Fact<FrozenSpec> {
  if (data === undefined || data.canary.name !== name || data.canary.uid !== uid)
    return missing("SpecRevisionMissing", whatIsGone(namespace, revision));
  const templates = data.templates.map(
    (template): FrozenTemplate => ({
      ...template,
      secretNamespace: template.kind === "ClusterAnalysisTemplate" ? ownNamespace : namespace,
    }),
  );
  return known({ releaseId: data.release, spec: data.spec, templates });
}

interface SpecToSave {
  readonly content: FrozenSpec;
  readonly inUse: string | undefined;
}

async function save(
  deps: SpecRevisionsDeps,
  canary: Identity,
  { content, inUse }: SpecToSave,
): Promise<void> {
  const { namespace } = canary;
  const data = dataOf(canary, content);
  const name = specRevisionName(canary.name, data);
  const chars = JSON.stringify(data).length;
  if (chars > MAX_SPEC_CHARS)
    throw new StallError(
      "Rejected",
      `the spec with its templates has ${chars} characters, more than the ${MAX_SPEC_CHARS} that can be kept for a release; shorten the templates' queries or use fewer metrics`,
    );
  await create(deps, canary, { name, data });
  const kept = deps.reads.get(namespace, name);
  if (kept === undefined || read(deps, canary, kept.view).kind !== "Known")
    throw new StallError(
      "Rejected",
      `ControllerRevision ${namespace}/${name} is not the spec that its name says; delete it`,
    );
  await prune(deps, canary, [name, inUse]);
}

async function create(
  { transport, reads }: SpecRevisionsDeps,
  canary: Identity,
  { name, data }: { readonly name: string; readonly data: SpecData },
): Promise<void> {
  const { namespace } = canary;
  const latest = Math.max(0, ...keptOf(reads, canary).map(({ revision }) => revision));
  const body = {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      name,
      namespace,
      labels: { [canaryLabel]: canary.name, [revisionOfLabel]: specKind },
      ownerReferences: [{ apiVersion, kind: "Canary", name: canary.name, uid: canary.uid }],
    },
    data,
    revision: latest + 1,
  };
  const path = resourcePath(controllerRevisions, { namespace });
  try {
    reads.observeWrite(await transport.request({ method: "POST", path, body }));
  } catch (error) {
    if (!isAlreadyExists(error)) throw toOurError(error);
    await reads.refresh(namespace, name);
  }
}

function keptOf(
  reads: InformerReads<SpecRevisionView>,
  { namespace, name }: Identity,
): readonly SpecRevisionView[] {
  return reads.byIndex(byCanary, keyOf(namespace, name)).map(({ view }) => view);
}

/** Old specs are in the way of nothing: a failure here must not repeat the save. */
async function prune(
  { transport, reads, log }: SpecRevisionsDeps,
  canary: Identity,
  inUse: readonly (string | undefined)[],
): Promise<void> {
  const { namespace } = canary;
  const others = keptOf(reads, canary)
    .filter(({ name }) => !inUse.includes(name))
    .toSorted((one, other) => other.revision - one.revision);
  const spare = MAX_SPEC_REVISIONS - new Set(inUse.filter((name) => name !== undefined)).size;
  for (const { name } of others.slice(Math.max(0, spare))) {
    try {
      const path = resourcePath(controllerRevisions, { namespace, name });
      await transport.request({ method: "DELETE", path });
    } catch (error) {
      if (isNotFound(error)) continue;
      const because = error instanceof Error ? error.message : String(error);
      log.warn({ namespace, canary: canary.name, because }, "an old spec could not be deleted");
    }
  }
}
