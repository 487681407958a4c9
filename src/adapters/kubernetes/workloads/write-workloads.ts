/** Writes the primary and the numbers of replicas. Every change tests the version that the decision was made on. */
import { promotedHashAnnotation, restoreHashLabel } from "../../../api/names.ts";
import { type Fact, unknown } from "../../../core/fact.ts";
import { RetryableError, StallError } from "../../../ports/errors.ts";
import type { Log } from "../../../ports/log.ts";
import type { TemplateHashes, WorkloadScope } from "../../../ports/workloads.ts";
import {
  isAlreadyExists,
  isConflict,
  isNotFound,
  isPatchTestFailed,
  toOurError,
} from "../api-error.ts";
import type { Decoded } from "../informer-cache.ts";
import { type JsonPatchOperation, jsonPointer } from "../json-patch.ts";
import { resourcePath } from "../paths.ts";
import { isRecord } from "../raw-object.ts";
import type { Transport } from "../transport.ts";
import type { DeploymentView } from "./decode.ts";
import { deployments } from "./informers.ts";
import {
  findPrimary,
  findSelector,
  findTarget,
  hashOfPrimary,
  primaryNameOf,
  type WorkloadReads,
} from "./observe-workloads.ts";
import { primaryManifest, toPrimaryTemplate } from "./primary-copy.ts";
import { findTemplate } from "./released-template.ts";
import { pruneTemplates, readTemplate, saveTemplate } from "./saved-templates.ts";
import type { SelectorLabel } from "./selector-label.ts";
import type { Template } from "./template-hash.ts";

export interface WriteDeps {
  readonly transport: Transport;
  readonly reads: WorkloadReads;
  readonly log: Log;
}

/** A copy must not be made of what is not known for certain now. */
function valueOf<T>(fact: Fact<T>): T {
  if (fact.kind === "Known") return fact.value;
  throw new RetryableError(fact.kind === "Missing" ? fact.reason : "NotReadYet", fact.because);
}

export async function createPrimary(
  deps: WriteDeps,
  scope: WorkloadScope,
  replicas: number,
  templateHash: string,
): Promise<void> {
  if (findPrimary(scope, deps.reads).kind === "Known") return;
  const target = findTarget(scope, deps.reads);
  const { view, raw } = valueOf(target);
  const selector = valueOf(findSelector(scope, target, unknown("not created yet")));
  const template = await findTemplate(deps.transport, scope, { view, raw }, templateHash);
  if (template === undefined) {
    throw new RetryableError(
      "Conflict",
      `the target has another template, and none of its ReplicaSets holds ${templateHash}, which the primary is to be made of`,
    );
  }
  const name = primaryNameOf(scope);
  const options = { name, canary: scope.canary, selector, replicas, templateHash };
  const path = resourcePath(deployments, { namespace: scope.namespace });
  try {
    const body = primaryManifest(raw, template, options);
    const answer = await deps.transport.request({ method: "POST", path, body });
    deps.reads.deployments.observeWrite(answer);
  } catch (error) {
    if (!isAlreadyExists(error)) throw toOurError(error);
    // Left as it is; the next look says whose it is.
    await deps.reads.deployments.refresh(scope.namespace, name);
  }
}

export async function scaleWorkload(
  deps: WriteDeps,
  scope: WorkloadScope,
  role: "Target" | "Primary",
  change: { readonly replicas: number; readonly resourceVersion: string },
): Promise<void> {
  const name = role === "Target" ? scope.target : primaryNameOf(scope);
  await patch(deps, scope, name, [
    testVersion(change.resourceVersion),
    { op: "add", path: "/spec/replicas", value: change.replicas },
  ]);
}

export async function deletePrimary(
  { transport, reads }: WriteDeps,
  scope: WorkloadScope,
  resourceVersion: string,
): Promise<void> {
  const primary = findPrimary(scope, reads);
  if (primary.kind !== "Known") return;
  const { name, uid } = primary.value.view.metadata;
  const path = resourcePath(deployments, { namespace: scope.namespace, name });
  const body = { preconditions: { uid, resourceVersion }, propagationPolicy: "Background" };
  try {
    await transport.request({ method: "DELETE", path, body });
  } catch (error) {
    if (isConflict(error)) throw conflictOf(`${scope.namespace}/${name}`, error);
    if (!isNotFound(error)) throw toOurError(error);
  }
  await reads.deployments.refresh(scope.namespace, name);
}

export async function copyTemplate(
  deps: WriteDeps,
  scope: WorkloadScope,
  { templateHash, savedHash }: TemplateHashes,
  resourceVersion: string,
): Promise<void> {
  const target = findTarget(scope, deps.reads);
  const { primary, selector, hash } = primaryNow(deps, scope, target);
  if (hash === templateHash) return;
  if (hash !== savedHash) {
    throw new RetryableError("Conflict", "the primary has another template than was to be saved");
  }
  const found = await findTemplate(deps.transport, scope, valueOf(target), templateHash);
  if (found === undefined) {
    throw new StallError(
      "TemplateMissing",
      `no ReplicaSet of Deployment ${scope.namespace}/${scope.target} holds the template ${templateHash} under release any more; apply that version again to release it`,
    );
  }
  const { metadata, spec } = primary.view;
  await saveTemplate(deps.transport, scope, {
    hash: savedHash,
    template: spec.template,
    primary: metadata,
  });
  const template = toPrimaryTemplate(found, selector);
  const restore: JsonPatchOperation = { op: "add", path: restoreHashPath, value: savedHash };
  const copy = { template, hash: templateHash, resourceVersion, restore: [restore] };
  await putTemplate(deps, scope, primary, copy);
  await prune(deps, scope, savedHash);
}

export async function restoreTemplate(
  deps: WriteDeps,
  scope: WorkloadScope,
  savedHash: string,
  resourceVersion: string,
): Promise<void> {
  const { primary, hash } = primaryNow(deps, scope, findTarget(scope, deps.reads));
  if (hash === savedHash) return confirmTemplate(deps, scope, resourceVersion);
  const template = await readTemplate(deps.transport, scope, savedHash);
  const restore = withoutRestoreHash(primary);
  await putTemplate(deps, scope, primary, { template, hash: savedHash, resourceVersion, restore });
}

export async function confirmTemplate(
  deps: WriteDeps,
  scope: WorkloadScope,
  resourceVersion: string,
): Promise<void> {
  const primary = valueOf(findPrimary(scope, deps.reads));
  const restore = withoutRestoreHash(primary);
  if (restore.length === 0) return;
  const { name, uid } = primary.view.metadata;
  await patch(deps, scope, name, [testUid(uid), testVersion(resourceVersion), ...restore]);
}

const restoreHashPath = jsonPointer(["metadata", "labels", restoreHashLabel]);

function withoutRestoreHash({ view }: Decoded<DeploymentView>): readonly JsonPatchOperation[] {
  return view.metadata.labels[restoreHashLabel] === undefined
    ? []
    : [{ op: "remove", path: restoreHashPath }];
}

interface PrimaryNow {
  readonly primary: Decoded<DeploymentView>;
  readonly selector: SelectorLabel;
  readonly hash: string;
}

function primaryNow(
  { reads }: WriteDeps,
  scope: WorkloadScope,
  target: Fact<Decoded<DeploymentView>>,
): PrimaryNow {
  const fact = findPrimary(scope, reads);
  const primary = valueOf(fact);
  const selector = findSelector(scope, target, fact);
  return { primary, selector: valueOf(selector), hash: hashOfPrimary(primary.view, selector) };
}

interface NewTemplate {
  readonly template: Template;
  readonly hash: string;
  readonly resourceVersion: string;
  /** What becomes of the label that says what is to be restored, in the same write. */
  readonly restore: readonly JsonPatchOperation[];
}

/** The template whole and the annotation; whatever else people put on the primary stays. */
async function putTemplate(
  deps: WriteDeps,
  scope: WorkloadScope,
  primary: Decoded<DeploymentView>,
  { template, hash, resourceVersion, restore }: NewTemplate,
): Promise<void> {
  const promoted: JsonPatchOperation = isRecord(primary.raw.metadata["annotations"])
    ? {
        op: "add",
        path: jsonPointer(["metadata", "annotations", promotedHashAnnotation]),
        value: hash,
      }
    : { op: "add", path: "/metadata/annotations", value: { [promotedHashAnnotation]: hash } };
  await patch(deps, scope, primary.view.metadata.name, [
    testUid(primary.view.metadata.uid),
    testVersion(resourceVersion),
    { op: "replace", path: "/spec/template", value: template },
    promoted,
    ...restore,
  ]);
}

const testUid = (uid: string): JsonPatchOperation => ({
  op: "test",
  path: "/metadata/uid",
  value: uid,
});

const testVersion = (resourceVersion: string): JsonPatchOperation => ({
  op: "test",
  path: "/metadata/resourceVersion",
  value: resourceVersion,
});

async function patch(
  { transport, reads }: WriteDeps,
  { namespace }: WorkloadScope,
  name: string,
  body: readonly JsonPatchOperation[],
): Promise<void> {
  const path = resourcePath(deployments, { namespace, name });
  try {
    const answer = await transport.request({ method: "PATCH", path, patch: "json", body });
    reads.deployments.observeWrite(answer);
  } catch (error) {
    if (!isPatchTestFailed(error) && !isConflict(error)) throw toOurError(error);
    throw conflictOf(`${namespace}/${name}`, error);
  }
}

const conflictOf = (name: string, error: unknown): RetryableError =>
  new RetryableError("Conflict", `Deployment ${name} changed since it was read`, undefined, error);

/** Old templates in the way of nothing: a failure here must not repeat the copy. */
async function prune(deps: WriteDeps, scope: WorkloadScope, keptHash: string): Promise<void> {
  try {
    await pruneTemplates(deps.transport, scope, keptHash);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    const { namespace, canary } = scope;
    deps.log.warn({ namespace, canary, because }, "old saved templates could not be deleted");
  }
}
