/** The workloads of a Canary: the target, its primary copy, and their pods. */

import type { Pods, Snapshot, Workload } from "../core/canary/snapshot.ts";
import type { Fact } from "../core/fact.ts";

/** Which Canary's workloads. */
export interface WorkloadScope {
  readonly namespace: string;
  /** Name of the Canary, for the label on what is created. */
  readonly canary: string;
  readonly canaryUid: string;
  /** Name of the target Deployment. The primary's is derived from it. */
  readonly target: string;
  /** Name of the Service that clients call, which the routes speak for. */
  readonly service: string;
  /** Selector label asked for in the spec; undefined takes the first usable one. */
  readonly selectorLabel: string | undefined;
}

/** What is known of a Canary's workloads. */
export interface WorkloadFacts {
  /** Missing: TargetNotFound. */
  readonly target: Fact<Workload>;
  /** Missing: not created yet; also when a Deployment of that name is not Serin's (reason PrimaryNameTaken). */
  readonly primary: Fact<Workload>;
  /** Missing: no usable selector label (reason SelectorLabelMissing), with the lines to add. */
  readonly selector: Snapshot["selector"];
  /**
   * What else selects the target's pods by label. Known: warnings of what would not select the primary's and does
   * little harm by it. Missing: what must be changed first (reason PrimaryNotSelected).
   */
  readonly neighbours: Fact<readonly string[]>;
  /** Name of an autoscaler on target or primary. */
  readonly autoscaler: Fact<string | undefined>;
  /** Unknown until `watchPods` was called and has synced. */
  readonly pods: Fact<Pods>;
}

export interface Workloads {
  /** Reads caches only. */
  observe(scope: WorkloadScope): WorkloadFacts;
  /** Starts (idempotent) or stops watching the pods of both versions. */
  watchPods(scope: WorkloadScope, wanted: boolean): void;
  /**
   * Creates the primary as a copy of the target, with the template of that hash: the target's, or one that its
   * ReplicaSets hold (read uncached). An existing primary is left as it is. Throws RetryableError when the template is
   * nowhere.
   */
  createPrimary(scope: WorkloadScope, replicas: number, templateHash: string): Promise<void>;
  /** Sets spec.replicas; tests the resourceVersion. */
  scale(
    scope: WorkloadScope,
    role: "Target" | "Primary",
    replicas: number,
    resourceVersion: string,
  ): Promise<void>;
  /** Deletes the primary; tests the resourceVersion. One that is gone is as good. */
  deletePrimary(scope: WorkloadScope, resourceVersion: string): Promise<void>;
  /**
   * Saves the primary's template under `savedHash`, then copies the template with `templateHash` from the target's
   * ReplicaSet (read uncached) and writes in the same patch what is to be restored: `restoreHash` of the primary.
   * Idempotent.
   */
  copyTemplate(
    scope: WorkloadScope,
    hashes: TemplateHashes,
    resourceVersion: string,
  ): Promise<void>;
  /** Writes the saved template back to the primary, which has no `restoreHash` then. Idempotent. StallError when the saved one is gone. */
  restoreTemplate(scope: WorkloadScope, savedHash: string, resourceVersion: string): Promise<void>;
  /** Takes `restoreHash` off the primary, whose template stays; tests the resourceVersion. Idempotent. */
  confirmTemplate(scope: WorkloadScope, resourceVersion: string): Promise<void>;
}

/** Hashes of the template to copy and of the one to save before. */
export interface TemplateHashes {
  readonly templateHash: string;
  readonly savedHash: string;
}
