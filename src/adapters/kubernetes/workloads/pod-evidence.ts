/** Reads one pod as evidence for or against its version: ready or not, crashing or not, and whether it counts. */
import type { Pod } from "../../../core/canary/snapshot.ts";
import type { ContainerStatus, PodView } from "./decode.ts";
import { CRASH_EXITS, MAX_TROUBLE_CHARS, STATUS_CLOCK_STEP_MS } from "./limits.ts";

/** `templateHash` is that of the template it was made from; undefined when that is not known. */
export function podEvidence({ metadata, status }: PodView, templateHash: string | undefined): Pod {
  const ready = conditionOf(status, "Ready");
  const createdAt = Date.parse(metadata.creationTimestamp);
  const readyChangedAt = instantOf(ready?.lastTransitionTime) ?? createdAt;
  const isReady = ready?.status === "True";
  const startedAt = instantOf(status.startTime) ?? createdAt;
  const containers = [...status.initContainerStatuses, ...status.containerStatuses];
  return {
    name: metadata.name,
    templateHash,
    createdAt,
    isReady,
    readyChangedAt,
    // A kubelet says "not ready" when it takes a pod on, which may be long after its creation.
    hasServed: isReady || readyChangedAt > startedAt + STATUS_CLOCK_STEP_MS,
    isExcused: isExcused({ metadata, status }),
    crash: findCrash(containers),
    trouble: findTrouble(status, containers),
  };
}

type Status = PodView["status"];

const conditionOf = ({ conditions }: Status, type: string) =>
  conditions.find((condition) => condition.type === type);

function instantOf(text: string | null | undefined): number | undefined {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? undefined : at;
}

/**
 * Deleted, turned away by its node, or hit by what happens to nodes. A pod of a Deployment fails as a whole only
 * from outside: its containers are restarted for ever.
 */
function isExcused({ metadata, status }: Pick<PodView, "metadata" | "status">): boolean {
  const isTurnedAway = status.phase === "Failed" && status.reason !== "";
  return (
    metadata.deletionTimestamp !== undefined ||
    status.phase === "Succeeded" ||
    status.reason === "NodeLost" ||
    conditionOf(status, "DisruptionTarget")?.status === "True" ||
    isTurnedAway ||
    isNodeSilent(status)
  );
}

/**
 * A node that is not ready cannot say so of its pods: the node controller takes back their `Ready` alone, and what the
 * kubelet said last, `ContainersReady`, stays. The same is said by a readiness gate, and only then with this reason.
 * So no right to read Nodes is needed.
 * https://github.com/kubernetes/kubernetes/blob/v1.34.0/pkg/controller/util/node/controller_utils.go (MarkPodsNotReady)
 */
function isNodeSilent(status: Status): boolean {
  const ready = conditionOf(status, "Ready");
  if (ready === undefined || ready.status === "True") return false;
  const isSaidByGate = ready.reason === "ReadinessGatesNotReady";
  return (
    ready.status === "Unknown" ||
    (conditionOf(status, "ContainersReady")?.status === "True" && !isSaidByGate)
  );
}

/** An image that cannot be pulled is no crash: nothing of the new version has run. */
function findCrash(statuses: readonly ContainerStatus[]): Pod["crash"] {
  for (const { name, restartCount, state, lastState } of statuses) {
    const exits = restartCount + (state.terminated === undefined ? 0 : 1);
    const last = state.terminated ?? lastState.terminated;
    const how =
      last === undefined ? "" : `, last with exit code ${last.exitCode} ${last.reason}`.trimEnd();
    if (state.waiting?.reason === "CrashLoopBackOff") {
      return { container: name, because: `CrashLoopBackOff: it ended ${exits} times${how}` };
    }
    const known = [state.terminated, lastState.terminated].filter((one) => one !== undefined);
    const isBad = known.length > 0 && known.every(({ exitCode }) => exitCode !== 0);
    if (isBad && exits >= CRASH_EXITS) {
      return { container: name, because: `it ended ${exits} times${how}` };
    }
  }
  return undefined;
}

/** What every container waits for on its way. */
const usualWaits: ReadonlySet<string> = new Set(["", "ContainerCreating", "PodInitializing"]);

/** What keeps it from starting, in the words of the scheduler or the kubelet; for people, not for decisions. */
function findTrouble(status: Status, containers: readonly ContainerStatus[]): string | undefined {
  const scheduled = conditionOf(status, "PodScheduled");
  if (scheduled?.status === "False") return inWords(scheduled.reason, scheduled.message);
  const stuck = containers.find(
    ({ state }) => state.waiting !== undefined && !usualWaits.has(state.waiting.reason),
  );
  if (stuck?.state.waiting === undefined) return undefined;
  const { reason, message } = stuck.state.waiting;
  return inWords(`container ${stuck.name}: ${reason}`, message);
}

function inWords(reason: string, message: string): string {
  const text = message === "" ? reason : `${reason}: ${message}`;
  return text.length > MAX_TROUBLE_CHARS ? `${text.slice(0, MAX_TROUBLE_CHARS - 1)}…` : text;
}
