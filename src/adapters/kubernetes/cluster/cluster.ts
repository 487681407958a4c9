/** The Cluster port on the API server: Serin's own objects from caches, statuses by patch, Events. */

import type { TemplateReference } from "../../../api/canary-spec.ts";
import type { OutboxEntry } from "../../../api/canary-status.ts";
import type { ProviderEventReason } from "../../../api/conditions.ts";
import { abortAnnotation, apiVersion } from "../../../api/names.ts";
import type { Identity } from "../../../core/canary/snapshot.ts";
import { type Fact, known, missing } from "../../../core/fact.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Cluster, FoundTemplate, StatusWrite } from "../../../ports/cluster.ts";
import { RetryableError } from "../../../ports/errors.ts";
import { isConflict, isNotFound, isPatchTestFailed, toOurError } from "../api-error.ts";
import type { EventFacts, EventRecorder } from "../events.ts";
import { jsonPointer } from "../json-patch.ts";
import { resourcePath } from "../paths.ts";
import { keyOf } from "../raw-object.ts";
import type { Transport } from "../transport.ts";
import { setFinalizer } from "./finalizer.ts";
import { byClaim, type ClusterInformers, canaryResource } from "./informers.ts";
import { createNamespaces } from "./namespaces.ts";

export interface ClusterDeps {
  readonly transport: Transport;
  readonly informers: ClusterInformers;
  /** Serin's own namespace: cluster templates read their Secrets there. */
  readonly ownNamespace: string;
  readonly events: EventRecorder;
  readonly clock: Pick<Clock, "now">;
}

/** Builds the port on informers that the caller starts. */
export function createCluster(deps: ClusterDeps): Cluster {
  const { informers } = deps;
  return {
    canary: ({ namespace, name }) => informers.canaries.get(namespace, name)?.view,
    canaries: () => informers.canaries.list().map(({ view }) => view.identity),
    claimants: (namespace, claim) =>
      informers.canaries.byIndex(byClaim, keyOf(namespace, claim)).map(({ view }) => view),
    template: (namespace, reference) => findTemplate(deps, namespace, reference),
    alertProvider: (namespace, name) =>
      informers.alertProviders.get(namespace, name)?.view ??
      missing("ProviderNotFound", `there is no AlertProvider ${name} in namespace ${namespace}`),
    ...createNamespaces(deps),
    setFinalizer: (identity, wanted) => setFinalizer(deps, identity, wanted),
    writeStatus: (write) => writeStatus(deps, write),
    removeAbort: (identity, value) => removeAbort(deps, identity, value),
    recordEvent: (identity, entry) => record(deps.events, toEvent(identity, entry)),
    recordProviderProblem: (canary, name, because) =>
      recordProviderProblem(deps, canary, name, because),
  };
}

function findTemplate(
  deps: ClusterDeps,
  namespace: string,
  reference: TemplateReference,
): Fact<FoundTemplate> {
  const isCluster = reference.kind === "ClusterAnalysisTemplate";
  const found = isCluster
    ? deps.informers.clusterTemplates.get("", reference.name)
    : deps.informers.templates.get(namespace, reference.name);
  const where = isCluster ? "" : ` in namespace ${namespace}`;
  if (found === undefined)
    return missing(
      "TemplateNotFound",
      `there is no ${reference.kind} ${reference.name}${where}; apply it, or name another in spec.analysis.metrics`,
    );
  if (found.view.kind !== "Known")
    return missing("TemplateInvalid", `${reference.kind} ${reference.name}: ${found.view.because}`);
  return known({
    spec: found.view.value,
    secretNamespace: isCluster ? deps.ownNamespace : namespace,
  });
}

/** One patch replaces the whole status; its tests fence it to the object and, unless urgent, to the version read. */
async function writeStatus(
  deps: ClusterDeps,
  { identity, status, mode }: StatusWrite,
): Promise<void> {
  const fence =
    mode === "Fenced"
      ? [{ op: "test", path: "/metadata/resourceVersion", value: identity.resourceVersion }]
      : [];
  await patchCanary(deps, identity, {
    subresource: "status",
    priority: mode === "Urgent" ? "Urgent" : "Normal",
    body: [...fence, { op: "add", path: "/status", value: status }],
  });
}

/** Another value may be another person's word: it is not removed with this one. */
async function removeAbort(deps: ClusterDeps, identity: Identity, value: string): Promise<void> {
  const path = jsonPointer(["metadata", "annotations", abortAnnotation]);
  await patchCanary(deps, identity, {
    priority: "Normal",
    body: [
      { op: "test", path, value },
      { op: "remove", path },
    ],
  });
}

/** Whatever else the patch tests, it is of this object and no other of its name. */
async function patchCanary(
  { transport, informers }: ClusterDeps,
  identity: Identity,
  patch: {
    readonly subresource?: "status";
    readonly priority: "Urgent" | "Normal";
    readonly body: readonly object[];
  },
): Promise<void> {
  const { namespace, name, uid } = identity;
  const { body, priority, ...subresource } = patch;
  try {
    const answer = await transport.request({
      method: "PATCH",
      path: resourcePath(canaryResource, { namespace, name, ...subresource }),
      patch: "json",
      priority,
      body: [{ op: "test", path: "/metadata/uid", value: uid }, ...body],
    });
    informers.canaries.observeWrite(answer);
  } catch (error) {
    const isChanged = isPatchTestFailed(error) || isNotFound(error) || isConflict(error);
    if (!isChanged) throw toOurError(error);
    await informers.canaries.refresh(identity.namespace, identity.name);
    throw new RetryableError(
      "Conflict",
      `Canary ${identity.namespace}/${identity.name} changed since it was read`,
      undefined,
      error,
    );
  }
}

/** Dropped is as good as told: the object has had more Events than anybody reads. */
async function record(events: EventRecorder, event: EventFacts): Promise<void> {
  const outcome = await events.record(event);
  if (outcome.kind === "Failed")
    throw new RetryableError("EventNotRecorded", outcome.because, outcome.afterMs);
}

function toEvent(identity: Identity, entry: OutboxEntry): EventFacts {
  const { namespace, name, uid } = identity;
  return {
    id: entry.id,
    regarding: { apiVersion, kind: "Canary", namespace, name, uid },
    type: entry.severity === "Info" ? "Normal" : "Warning",
    reason: entry.reason,
    message: entry.message,
  };
}

async function recordProviderProblem(
  deps: ClusterDeps,
  canary: Identity,
  name: string,
  because: string,
): Promise<void> {
  const { namespace } = canary;
  const provider = deps.informers.alertProviders.get(namespace, name);
  const regarding =
    provider === undefined
      ? { kind: "Canary", name: canary.name, uid: canary.uid }
      : { kind: "AlertProvider", name, uid: provider.raw.metadata.uid ?? "" };
  await record(deps.events, {
    regarding: { apiVersion, namespace, ...regarding },
    type: "Warning",
    reason: "NotDelivered" satisfies ProviderEventReason,
    message: because,
  });
}
