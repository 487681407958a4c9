/**
 * What a Deployment's status says about its ReplicaSets, as kube-controller-manager writes it, so that `kubectl
 * rollout status` and whoever reads conditions understand it. Pure.
 */
import { timestamp } from "./json.ts";

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
}

/** Pods of the Deployment, in all and of the current template. */
export interface ReplicaCounts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

export interface DeploymentStatus extends ReplicaCounts {
  readonly observedGeneration: number;
  readonly conditions: readonly Condition[];
}

export interface StatusFacts {
  readonly generation: number;
  /** `spec.replicas` */
  readonly wanted: number;
  readonly maxUnavailable: number;
  readonly paused: boolean;
  readonly progressDeadlineMs: number;
  readonly counts: ReplicaCounts;
  /** The current template's set, and whether this pass created it; undefined before there is one. */
  readonly current: { readonly name: string; readonly isNew: boolean } | undefined;
  readonly previous: DeploymentStatus;
  readonly now: number;
}

export interface AssessedStatus {
  readonly status: DeploymentStatus;
  /** When the progress deadline passes if nothing happens before, milliseconds; undefined = it does not run. */
  readonly deadlineAt: number | undefined;
}

const available = "NewReplicaSetAvailable";
const exceeded = "ProgressDeadlineExceeded";

export function assessDeployment(facts: StatusFacts): AssessedStatus {
  const { previous, counts } = facts;
  const progressing = assessProgress(facts);
  const kept = previous.conditions.filter(
    (condition) => condition.type !== "Available" && condition.type !== "Progressing",
  );
  const conditions = [
    ...kept,
    assessAvailability(facts),
    ...(progressing === undefined ? [] : [progressing]),
  ];
  const status = { ...counts, observedGeneration: facts.generation, conditions };
  return { status, deadlineAt: deadlineOf(facts, progressing) };
}

function assessAvailability(facts: StatusFacts): Condition {
  const enough = facts.counts.availableReplicas >= facts.wanted - facts.maxUnavailable;
  return renew(facts, {
    type: "Available",
    status: enough ? "True" : "False",
    reason: enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: enough
      ? "Deployment has minimum availability."
      : "Deployment does not have minimum availability.",
  });
}

function assessProgress(facts: StatusFacts): Condition | undefined {
  const { current } = facts;
  const before = conditionOf(facts.previous, "Progressing");
  if (facts.paused) return stopped(facts, "DeploymentPaused", "Deployment is paused");
  if (before?.reason === "DeploymentPaused") {
    return stopped(facts, "DeploymentResumed", "Deployment is resumed");
  }
  if (current === undefined) return before;
  if (current.isNew) {
    const message = `Created new replica set "${current.name}"`;
    return renew(facts, { ...progress, reason: "NewReplicaSetCreated", message });
  }
  return isSettled(facts, before) ? before : assessRollout(facts, current.name, before);
}

function assessRollout(facts: StatusFacts, name: string, before: Condition | undefined): Condition {
  const set = `ReplicaSet "${name}"`;
  if (isComplete(facts)) {
    const message = `${set} has successfully progressed.`;
    return renew(facts, { ...progress, reason: available, message });
  }
  if (hasProgressed(facts)) {
    const message = `${set} is progressing.`;
    const renewed = renew(facts, { ...progress, reason: "ReplicaSetUpdated", message });
    return { ...renewed, lastUpdateTime: timestamp(facts.now) };
  }
  if (isOverdue(facts, before)) {
    const message = `${set} has timed out progressing.`;
    return renew(facts, { type: "Progressing", status: "False", reason: exceeded, message });
  }
  const message = `Found new replica set "${name}"`;
  return before ?? renew(facts, { ...progress, reason: "FoundNewReplicaSet", message });
}

const progress = { type: "Progressing", status: "True" } as const;

function stopped(facts: StatusFacts, reason: string, message: string): Condition {
  return renew(facts, { type: "Progressing", status: "Unknown", reason, message });
}

/** Once available, a set's later ups and downs are no progress and miss no deadline. */
function isSettled(facts: StatusFacts, before: Condition | undefined): boolean {
  const { counts } = facts;
  return before?.reason === available && counts.replicas === counts.updatedReplicas;
}

function isComplete(facts: StatusFacts): boolean {
  const { counts, wanted } = facts;
  return (
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted
  );
}

function hasProgressed(facts: StatusFacts): boolean {
  const { counts, previous } = facts;
  return (
    counts.updatedReplicas > previous.updatedReplicas ||
    counts.replicas - counts.updatedReplicas < previous.replicas - previous.updatedReplicas ||
    counts.readyReplicas > previous.readyReplicas ||
    counts.availableReplicas > previous.availableReplicas
  );
}

function isOverdue(facts: StatusFacts, before: Condition | undefined): boolean {
  if (before === undefined || before.reason === available) return false;
  return (
    before.reason === exceeded ||
    Date.parse(before.lastUpdateTime) + facts.progressDeadlineMs <= facts.now
  );
}

function deadlineOf(facts: StatusFacts, progressing: Condition | undefined): number | undefined {
  if (progressing?.status !== "True" || progressing.reason === available) return undefined;
  return Date.parse(progressing.lastUpdateTime) + facts.progressDeadlineMs;
}

/** The condition as it is now: unchanged if it says the same, its transition time kept while its status stays. */
function renew(
  facts: StatusFacts,
  next: Pick<Condition, "type" | "status" | "reason" | "message">,
): Condition {
  const before = conditionOf(facts.previous, next.type);
  if (before?.status === next.status && before.reason === next.reason) return before;
  const now = timestamp(facts.now);
  const lastTransitionTime = before?.status === next.status ? before.lastTransitionTime : now;
  return { ...next, lastUpdateTime: now, lastTransitionTime };
}

function conditionOf(status: DeploymentStatus, type: string): Condition | undefined {
  return status.conditions.find((condition) => condition.type === type);
}
