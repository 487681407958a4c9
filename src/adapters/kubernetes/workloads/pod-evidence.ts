/** Reads one pod as evidence for or against its version: ready or not, crashing or not, and whether it counts. */
import type { Pod } from "../../../core/canary/snapshot.ts";
import type { ContainerStatus, PodView } from "./decode.ts";
import { CRASH_EXITS } from "./limits.ts";

export function podEvidence({ metadata, status }: PodView): Pod {
  const ready = status.conditions.find(({ type }) => type === "Ready");
  const createdAt = Date.parse(metadata.creationTimestamp);
  const changedAt = Date.parse(ready?.lastTransitionTime ?? "");
  return {
    name: metadata.name,
    createdAt,
    isReady: ready?.status === "True",
    readyChangedAt: Number.isNaN(changedAt) ? createdAt : changedAt,
    isExcused: isExcused({ metadata, status }),
    crash: findCrash([...status.initContainerStatuses, ...status.containerStatuses]),
  };
}

/**
 * Deleted, turned away by its node, or hit by what happens to nodes. A pod of a Deployment fails as a whole only
 * from outside: its containers are restarted for ever.
 */
function isExcused({ metadata, status }: PodView): boolean {
  const isDisrupted = status.conditions.some(
    ({ type, status: value }) => type === "DisruptionTarget" && value === "True",
  );
  const isTurnedAway = status.phase === "Failed" && status.reason !== "";
  return (
    metadata.deletionTimestamp !== undefined ||
    status.phase === "Succeeded" ||
    status.reason === "NodeLost" ||
    isDisrupted ||
    isTurnedAway
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
