/** Shows a pod's simulated life as the status that a kubelet would report. Decides nothing. */
import type { PodView } from "./decode.ts";
import { type JsonObject, timestamp } from "./json.ts";
import type { PodLife } from "./pod-lifecycle.ts";

/** The one simulated node. */
export const nodeName = "sandbox-node";
export const nodeIp = "10.128.0.2";

/** As a merge patch: null removes what no longer holds. */
export function podStatus(pod: PodView, life: PodLife, ip: string): JsonObject {
  const pulled = life.startedAt !== undefined;
  return {
    phase: pulled ? "Running" : "Pending",
    conditions: podConditions(life),
    containerStatuses: pod.containers.map((container) => containerStatus(container, life)),
    startTime: timestamp(life.createdAt),
    hostIP: nodeIp,
    podIP: pulled ? ip : null,
    podIPs: pulled ? [{ ip }] : null,
    qosClass: "BestEffort",
  };
}

function podConditions(life: PodLife): readonly JsonObject[] {
  const scheduledAt = timestamp(life.createdAt);
  const always = (type: string) => ({ type, status: "True", lastTransitionTime: scheduledAt });
  const ready = life.stage === "Ready";
  const lastTransitionTime = timestamp(life.readinessChangedAt);
  const depending = (type: string) => ({
    type,
    status: ready ? "True" : "False",
    lastTransitionTime,
    ...(ready ? {} : { reason: "ContainersNotReady", message: "containers with unready status" }),
  });
  return [
    always("PodScheduled"),
    always("Initialized"),
    depending("ContainersReady"),
    depending("Ready"),
  ];
}

function containerStatus(
  container: { readonly name: string; readonly image: string },
  life: PodLife,
): JsonObject {
  const { name, image } = container;
  return {
    name,
    image,
    imageID: life.startedAt === undefined ? "" : `sandbox://${image}`,
    ready: life.stage === "Ready",
    started: life.stage === "Ready",
    restartCount: life.restarts,
    state: containerState(container, life),
    lastState: isUp(life) || life.stage === "CrashLoopBackOff" ? lastState(life) : {},
  };
}

function isUp(life: PodLife): boolean {
  return life.stage === "Ready" || life.stage === "Starting";
}

function containerState(container: { readonly image: string }, life: PodLife): JsonObject {
  const { image } = container;
  switch (life.stage) {
    case "Creating":
      return { waiting: { reason: "ContainerCreating" } };
    case "PullFailed":
      return { waiting: { reason: "ErrImagePull", message: `image ${image} not found` } };
    case "PullBackOff":
      return {
        waiting: { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` },
      };
    case "Starting":
    case "Ready":
      return { running: { startedAt: timestamp(life.startedAt ?? life.since) } };
    case "Exited":
      return { terminated: terminated(life) };
    case "CrashLoopBackOff":
      return {
        waiting: {
          reason: "CrashLoopBackOff",
          message: "back-off restarting failed container",
        },
      };
  }
}

function lastState(life: PodLife): JsonObject {
  return life.lastExit === undefined ? {} : { terminated: terminated(life) };
}

function terminated({ lastExit, since }: PodLife): JsonObject {
  const { startedAt, finishedAt } = lastExit ?? { startedAt: since, finishedAt: since };
  const times = { startedAt: timestamp(startedAt), finishedAt: timestamp(finishedAt) };
  return { exitCode: 1, reason: "Error", ...times };
}
