/** The Deployments of a Canary and their pods: read from caches, written with the version that was read. */
import type { WorkloadScope, Workloads } from "../../../ports/workloads.ts";
import type { Transport } from "../transport.ts";
import {
  findPrimary,
  findSelector,
  findTarget,
  observeWorkloads,
  type WorkloadReads,
} from "./observe-workloads.ts";
import { type PodWatchDeps, PodWatches } from "./pod-watch.ts";
import {
  confirmTemplate,
  copyTemplate,
  createPrimary,
  deletePrimary,
  restoreTemplate,
  scaleWorkload,
} from "./write-workloads.ts";

export interface WorkloadsDeps extends PodWatchDeps {
  readonly transport: Transport;
  /** Made by workloadInformers, started by whoever made them. */
  readonly informers: WorkloadReads;
}

export interface RunningWorkloads extends Workloads {
  /** Ends every watch of pods. */
  stop(): Promise<void>;
}

export function createWorkloads({ informers, ...deps }: WorkloadsDeps): RunningWorkloads {
  const writing = { transport: deps.transport, log: deps.log, reads: informers };
  const watches = new PodWatches(deps);
  return {
    observe: (scope) => ({ ...observeWorkloads(scope, informers), pods: watches.observe(scope) }),
    watchPods(scope, wanted) {
      if (wanted) watchPods(watches, scope, informers);
      else watches.forget(scope);
    },
    createPrimary: (scope, replicas, templateHash) =>
      createPrimary(writing, scope, replicas, templateHash),
    scale: (scope, role, replicas, resourceVersion) =>
      scaleWorkload(writing, scope, role, { replicas, resourceVersion }),
    deletePrimary: (scope, resourceVersion) => deletePrimary(writing, scope, resourceVersion),
    copyTemplate: (scope, hashes, resourceVersion) =>
      copyTemplate(writing, scope, hashes, resourceVersion),
    restoreTemplate: (scope, savedHash, resourceVersion) =>
      restoreTemplate(writing, scope, savedHash, resourceVersion),
    confirmTemplate: (scope, resourceVersion) => confirmTemplate(writing, scope, resourceVersion),
    stop: () => watches.stop(),
  };
}

/** A watch that runs goes on while its target is gone or unread: its pods may still be there. */
function watchPods(watches: PodWatches, scope: WorkloadScope, informers: WorkloadReads): void {
  const target = findTarget(scope, informers);
  const primary = findPrimary(scope, informers);
  const selector = findSelector(scope, target, primary);
  if (target.kind !== "Known" || selector.kind !== "Known") return;
  const { matchLabels } = target.value.view.spec.selector;
  watches.watch(scope, { selector: selector.value, matchLabels });
}
