/** What the core is told about a Canary's target and primary, from the caches alone. */
import {
  canaryLabel,
  primarySuffix,
  promotedHashAnnotation,
  restoreHashLabel,
} from "../../../api/names.ts";
import type { Workload } from "../../../core/canary/snapshot.ts";
import { type Fact, known, missing, unknown } from "../../../core/fact.ts";
import type { WorkloadFacts, WorkloadScope } from "../../../ports/workloads.ts";
import type { InformerReads } from "../informer.ts";
import type { Decoded } from "../informer-cache.ts";
import { keyOf } from "../raw-object.ts";
import { type AutoscalerView, type DeploymentView, decodeImages, decodeLabels } from "./decode.ts";
import { byDeployment } from "./informers.ts";
import { MAX_IMAGES } from "./limits.ts";
import { type NeighbourReads, observeNeighbours } from "./neighbours.ts";
import { hashPrimaryTemplate } from "./primary-copy.ts";
import {
  findPrimarySelectorLabel,
  findSelectorLabel,
  type SelectorLabel,
} from "./selector-label.ts";
import { sharedLabels } from "./shared-labels.ts";
import { hashTemplate } from "./template-hash.ts";

export interface WorkloadReads extends NeighbourReads {
  readonly deployments: InformerReads<DeploymentView>;
  readonly horizontalPodAutoscalers: InformerReads<AutoscalerView>;
  readonly scaledObjects: InformerReads<AutoscalerView>;
}

export const primaryNameOf = ({ target }: WorkloadScope): string => `${target}${primarySuffix}`;

export function findTarget(
  scope: WorkloadScope,
  { deployments }: WorkloadReads,
): Fact<Decoded<DeploymentView>> {
  return findDeployment(deployments, scope.namespace, scope.target, "TargetNotFound");
}

/** The Deployment with the primary's name, if Serin made it for this Canary. */
export function findPrimary(
  scope: WorkloadScope,
  { deployments }: WorkloadReads,
): Fact<Decoded<DeploymentView>> {
  const name = primaryNameOf(scope);
  const found = findDeployment(deployments, scope.namespace, name, "PrimaryNotFound");
  if (found.kind !== "Known") return found;
  const owner = found.value.view.metadata.labels[canaryLabel];
  if (owner === scope.canary) return found;
  return missing("PrimaryNameTaken", whoseItIs(scope, name, owner));
}

/** One that Serin made may be serving: nobody must read at night that it should be deleted. */
function whoseItIs(
  { namespace, canary }: WorkloadScope,
  name: string,
  owner: string | undefined,
): string {
  const object = `Deployment ${namespace}/${name}`;
  return owner === undefined
    ? `${object} exists and was not made by Serin; rename or delete it`
    : `${object} is the primary of Canary ${owner} and may be serving; a workload has one Canary: delete this one, or ` +
        `if ${owner} is gone, hand it over: kubectl -n ${namespace} label deployment ${name} ${canaryLabel}=${canary} --overwrite`;
}

function findDeployment(
  deployments: InformerReads<DeploymentView>,
  namespace: string,
  name: string,
  reason: string,
): Fact<Decoded<DeploymentView>> {
  if (!deployments.hasSynced()) return unknown("the Deployments have not been read yet");
  const found = deployments.get(namespace, name);
  if (found !== undefined) return known(found);
  const key = keyOf(namespace, name);
  const problem = deployments.problems().find((one) => one.key === key);
  return problem === undefined
    ? missing(reason, `Deployment ${key} does not exist`)
    : unknown(`Deployment ${key} cannot be read: ${problem.message}`);
}

/** Told by the target, or by the primary when the target is gone. */
export function findSelector(
  { selectorLabel }: WorkloadScope,
  target: Fact<Decoded<DeploymentView>>,
  primary: Fact<Decoded<DeploymentView>>,
): Fact<SelectorLabel> {
  if (target.kind === "Known") return findSelectorLabel(target.value.view, selectorLabel);
  if (primary.kind !== "Known") return target;
  const selector = findPrimarySelectorLabel(primary.value.view, selectorLabel);
  return selector === undefined ? target : known(selector);
}

export function observeWorkloads(
  scope: WorkloadScope,
  reads: WorkloadReads,
): Omit<WorkloadFacts, "pods"> {
  const target = findTarget(scope, reads);
  const primary = findPrimary(scope, reads);
  const selector = findSelector(scope, target, primary);
  return {
    target: mapKnown(target, ({ view }) => workloadOf(view, hashTemplate(view.spec.template))),
    primary: mapKnown(primary, ({ view }) => workloadOf(view, hashOfPrimary(view, selector))),
    selector: mapKnown(selector, (known) => ({
      ...known,
      shared: sharedLabels(known, [target, primary]),
    })),
    autoscaler: findAutoscaler(scope, reads),
    neighbours: findNeighbours(scope, reads, { target, selector }),
  };
}

/** Without a target there are no pods to select; what then is to be said is said of the target. */
function findNeighbours(
  scope: WorkloadScope,
  reads: WorkloadReads,
  {
    target,
    selector,
  }: {
    readonly target: Fact<Decoded<DeploymentView>>;
    readonly selector: Fact<SelectorLabel>;
  },
): WorkloadFacts["neighbours"] {
  if (target.kind !== "Known" || selector.kind !== "Known") return known([]);
  const podLabels = decodeLabels(target.value.view.spec.template);
  return observeNeighbours(scope, { selector: selector.value, podLabels }, reads);
}

function mapKnown<T, U>(fact: Fact<T>, map: (value: T) => U): Fact<U> {
  return fact.kind === "Known" ? known(map(fact.value)) : fact;
}

/** Without a selector label there is nothing to turn back: the hash then fits no template, and nothing acts on it. */
export function hashOfPrimary({ spec }: DeploymentView, selector: Fact<SelectorLabel>): string {
  return selector.kind === "Known"
    ? hashPrimaryTemplate(spec.template, selector.value)
    : hashTemplate(spec.template);
}

function workloadOf(view: DeploymentView, templateHash: string): Workload {
  const { metadata, spec, status } = view;
  // Until the Deployment's controller has seen this generation, its numbers speak of another template.
  const isCurrent = status.observedGeneration >= metadata.generation;
  const older = status.replicas - status.updatedReplicas;
  return {
    name: metadata.name,
    uid: metadata.uid,
    generation: metadata.generation,
    resourceVersion: metadata.resourceVersion,
    templateHash,
    markedHash: metadata.annotations[promotedHashAnnotation],
    restoreHash: metadata.labels[restoreHashLabel],
    images: decodeImages(spec.template).slice(0, MAX_IMAGES),
    replicas: spec.replicas,
    // All pods of older templates may be among the available ones.
    availableReplicas: isCurrent ? Math.max(0, status.availableReplicas - older) : 0,
    readyReplicas: status.readyReplicas,
    isRolledOut:
      isCurrent &&
      older === 0 &&
      status.updatedReplicas === spec.replicas &&
      status.availableReplicas === spec.replicas,
    refusedPods: refusalOf(status),
  };
}

function refusalOf({ conditions }: DeploymentView["status"]): string | undefined {
  const failure = conditions.find(
    ({ type, status }) => type === "ReplicaFailure" && status === "True",
  );
  return failure?.message;
}

function findAutoscaler(scope: WorkloadScope, reads: WorkloadReads): Fact<string | undefined> {
  const kinds = [
    ["ScaledObject", reads.scaledObjects],
    ["HorizontalPodAutoscaler", reads.horizontalPodAutoscalers],
  ] as const;
  const unread = kinds.find(([, informer]) => !informer.hasSynced());
  if (unread !== undefined) return unknown(`the ${unread[0]}s have not been read yet`);
  for (const [kind, informer] of kinds) {
    for (const name of [scope.target, primaryNameOf(scope)]) {
      const [found] = informer.byIndex(byDeployment, keyOf(scope.namespace, name));
      if (found !== undefined) return known(`${kind} ${found.view.metadata.name}`);
    }
  }
  return known(undefined);
}
