/** Leads every Pod through its simulated life and writes what a kubelet would report. One node runs them all. */
import { type Cluster, mergeInto, removeObject, statusOf } from "./cluster.ts";
import type { PodView } from "./decode.ts";
import { alreadySays } from "./json.ts";
import { maxStartSeconds } from "./limits.ts";
import {
  advanceLife,
  beginLife,
  nextChangeAt,
  type PodLife,
  type PodWish,
} from "./pod-lifecycle.ts";
import { parseMishap, withMishap } from "./pod-mishaps.ts";
import { podStatus } from "./pod-status.ts";
import { parseKey, resources } from "./resources.ts";

const workloadAnnotations = {
  /** "true": the container ends with an error soon after each start. */
  crash: "sandbox.serin.dev/crash",
  /** "unready": its readiness probe fails. "node-silent": its node is not heard of. "evicted": its node threw it out. */
  mishap: "sandbox.serin.dev/mishap",
  /** Seconds from creation to readiness. */
  startSeconds: "sandbox.serin.dev/start-seconds",
} as const;

/** How long pods take from creation to readiness, milliseconds. */
export interface StartRange {
  readonly min: number;
  readonly max: number;
}

export interface Kubelet {
  /** Resolves to the milliseconds until the pod changes by itself. */
  reconcile(key: string): Promise<number | undefined>;
  forget(uid: string): void;
}

interface Run {
  readonly startMs: number;
  readonly ip: string;
  life: PodLife;
}

export function createKubelet(cluster: Cluster, start: StartRange): Kubelet {
  const runs = new Map<string, Run>();
  let addresses = 0;

  function begin(pod: PodView): Run {
    const { clock, random } = cluster;
    addresses += 1;
    const startMs = start.min + Math.floor(random() * (start.max - start.min));
    const run = { startMs, ip: podIp(addresses), life: beginLife(clock.now()) };
    runs.set(pod.meta.uid, run);
    return run;
  }

  return {
    async reconcile(key) {
      const { namespace, name } = parseKey(key);
      const pod = cluster.pods.get(namespace, name)?.view;
      if (pod === undefined) return undefined;
      if (pod.meta.isDeleted) {
        // Its containers have ended: only so does the API server let a pod on a node go.
        await removeObject(cluster, resources.pods, pod.meta, { gracePeriodSeconds: 0 });
        return undefined;
      }
      const run = runs.get(pod.meta.uid) ?? begin(pod);
      const now = cluster.clock.now();
      const wish = wishOf(pod, run);
      run.life = advanceLife(run.life, wish, now);
      await report(cluster, pod, run);
      const next = nextChangeAt(run.life, wish, now);
      return next === undefined ? undefined : Math.max(0, next - cluster.clock.now());
    },
    forget: (uid) => void runs.delete(uid),
  };
}

function wishOf(pod: PodView, run: Run): PodWish {
  const { annotations } = pod.meta;
  return {
    crash: annotations[workloadAnnotations.crash] === "true",
    imageMissing: pod.containers.some(({ image }) => isMissing(image)),
    startMs: parseStartMs(annotations[workloadAnnotations.startSeconds]) ?? run.startMs,
  };
}

/** The sandbox has every image but those whose tag begins with "missing". */
function isMissing(image: string): boolean {
  return /:missing[^/]*$/.test(image);
}

function parseStartMs(text: string | undefined): number | undefined {
  const seconds = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
  return seconds >= 0 ? Math.min(seconds, maxStartSeconds) * 1_000 : undefined;
}

async function report(cluster: Cluster, pod: PodView, run: Run): Promise<void> {
  const mishap = parseMishap(pod.meta.annotations[workloadAnnotations.mishap]);
  const now = cluster.clock.now();
  const status = withMishap(podStatus(pod, run.life, run.ip), { mishap, before: pod, now });
  if (alreadySays(pod.status, status)) return;
  const { namespace, name } = pod.meta;
  const kind = { resource: resources.pods, informer: cluster.pods };
  try {
    await mergeInto(cluster, kind, { namespace, name, subresource: "status" }, { status });
  } catch (error) {
    // It was deleted meanwhile; the informer will say so.
    if (statusOf(error) !== 404) throw error;
  }
}

/** 10.244.0.0/16, as kind and kubeadm do; starts over after 65,000 pods. */
function podIp(count: number): string {
  const place = count % 65_000;
  return `10.244.${Math.floor(place / 250)}.${(place % 250) + 1}`;
}
