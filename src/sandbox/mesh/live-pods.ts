/**
 * The pods as they are at this moment: whether they serve, how they behave, and what their proxies have counted.
 * What the sidecars believe about them is the known world's, not this one's.
 */
import type { ScrapeTarget } from "../scrape-target.ts";
import { podIdentity } from "./istio-labels.ts";
import { createProxyMetrics } from "./istio-metrics.ts";
import type { Endpoint, LivePod } from "./leg.ts";
import type { MeshPod } from "./objects.ts";
import { parsePodBehaviour } from "./pod-behaviour.ts";

export interface LivePods {
  /** Takes note of a pod's state and returns it as an endpoint; undefined = the pod is gone. */
  observe(key: string, pod: MeshPod | undefined): Endpoint | undefined;
  targets(): readonly ScrapeTarget[];
}

interface Tracked {
  readonly uid: string;
  readonly live: LivePod;
  readonly target: ScrapeTarget;
  restarts: number;
}

/** The port of Istio's merged metrics. */
const metricsPort = 15_020;

export function createLivePods(): LivePods {
  const tracked = new Map<string, Tracked>();
  return {
    observe(key, pod) {
      if (pod === undefined) {
        // A pod that was deleted in order serves what is still under way to it.
        tracked.delete(key);
        return undefined;
      }
      const known = tracked.get(key);
      const current = known?.uid === pod.uid ? known : track(pod);
      tracked.set(key, current);
      update(current, pod);
      const { uid, namespace, labels, ready } = pod;
      return { uid, namespace, labels, ready, live: current.live };
    },
    targets: () => [...tracked.values()].map(({ target }) => target),
  };
}

function track(pod: MeshPod): Tracked {
  const metrics = createProxyMetrics();
  const live: LivePod = {
    identity: podIdentity(pod),
    behaviour: parsePodBehaviour(pod.annotations),
    serving: pod.serving,
    metrics,
  };
  const { uid, namespace, name, ip } = pod;
  return {
    uid,
    live,
    target: createTarget({ namespace, pod: name, ip }, () => metrics.collect()),
    restarts: pod.restarts,
  };
}

function update(current: Tracked, pod: MeshPod): void {
  if (pod.restarts > current.restarts) current.live.metrics.restart();
  current.restarts = pod.restarts;
  current.live.serving = pod.serving;
  current.live.behaviour = parsePodBehaviour(pod.annotations);
  current.live.identity = podIdentity(pod);
}

/** A proxy as Prometheus finds it by the usual pod discovery. */
export function createTarget(
  proxy: { readonly namespace: string; readonly pod: string; readonly ip: string },
  collect: ScrapeTarget["collect"],
): ScrapeTarget {
  const { namespace, pod, ip } = proxy;
  return {
    labels: { job: "istio-proxies", namespace, pod, instance: `${ip}:${metricsPort}` },
    collect,
  };
}
