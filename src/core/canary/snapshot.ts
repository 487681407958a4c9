/** Everything a decision is made from: what is asked, what was persisted, what is there. Only `observe` builds one. */
import type { CanarySpec } from "../../api/canary-spec.ts";
import type { CanaryStatus } from "../../api/canary-status.ts";
import type { CommandRequest } from "../../api/commands.ts";
import type { RefusalReason, StallReason } from "../../api/conditions.ts";
import type { MeasureKind } from "../analysis/measure.ts";
import type { MetricState } from "../analysis/metric-state.ts";
import type { Fact } from "../fact.ts";
import type { Freeze } from "./freeze.ts";

/** Which Canary, and which version of it was read. */
export interface Identity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
}

/** A Deployment as decisions see it. */
export interface Workload {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  /** Hash of the canonical JSON of the pod template; the primary's is that of the template it was copied from. */
  readonly templateHash: string;
  /** The primary: hash under which Serin wrote its template last. Undefined where Serin wrote none. */
  readonly markedHash: string | undefined;
  /** The primary: hash of the template that it gets back unless the one it has is promoted to the end. */
  readonly restoreHash: string | undefined;
  readonly images: readonly string[];
  /** spec.replicas. */
  readonly replicas: number;
  /** Pods of the current template that are available. */
  readonly availableReplicas: number;
  /** Pods of any template that are ready, and so answer requests. */
  readonly readyReplicas: number;
  /** True when every pod is of the current template, available, and none of an older one is left. */
  readonly isRolledOut: boolean;
  /** Why pods cannot even be created, as by a quota, in the words of whoever refuses them. */
  readonly refusedPods: string | undefined;
}

/** Who wrote the routes last: Serin, a tool that writes what is in git, or a person. */
export interface RouteWriter {
  readonly kind: "Serin" | "GitOps" | "Hand" | "Unknown";
  /** Field manager, as the API server has it. */
  readonly manager: string;
  /** What a tool must be told to leave alone, in its own words. */
  readonly advice?: string;
}

/** The routes as they are set now. */
export interface Routes {
  /** Weight of the target over all managed routes: the largest, in percent of 100. */
  readonly canaryWeight: number;
  /** True when every managed route carries explicit weights, the same everywhere, that sum to 100. */
  readonly isUniform: boolean;
  /** Copies of live requests that Serin had sent to the canary, over all managed routes; undefined: none. */
  readonly mirror: Mirror | undefined;
  /** True when the same hosts are also reached by rules that Serin does not manage. */
  readonly hasUnmanagedRules: boolean;
  /** Rules that Serin does not manage and that send requests to the canary's pods, in words; a few of them. */
  readonly otherRoutes: readonly string[];
  /** Objects that Serin must create or mend before it may route: Services of host form, whatever it generates. */
  readonly missingObjects: readonly string[];
  readonly writer: RouteWriter;
  /** resourceVersion by object, tested by every write that raises the canary's weight. */
  readonly resourceVersions: Readonly<Record<string, string>>;
}

/** Copies of live requests, as the routes ask for them. */
export interface Mirror {
  /** Percent of the requests, the largest of all managed routes, 1 to 100. */
  readonly percentage: number;
  /** True when every managed route copies as many. */
  readonly isUniform: boolean;
}

/** One pod of the canary, as evidence. Instants in ms. */
export interface Pod {
  readonly name: string;
  /** Hash of the template that it was made from; undefined when its ReplicaSet is not known. */
  readonly templateHash: string | undefined;
  readonly createdAt: number;
  readonly isReady: boolean;
  /** When readiness last changed. */
  readonly readyChangedAt: number;
  /** True once it has been ready. */
  readonly hasServed: boolean;
  /** Deleted, evicted or on a node that is not ready: no evidence against the version. */
  readonly isExcused: boolean;
  /** A container that crashes: CrashLoopBackOff, or two exits other than 0. */
  readonly crash: { readonly container: string; readonly because: string } | undefined;
  /** What keeps it from starting: no node for it, no image. In the words of the scheduler or the kubelet. */
  readonly trouble: string | undefined;
}

/** Pods of both versions; watched only while a release runs. */
export interface Pods {
  readonly canary: readonly Pod[];
  readonly primary: readonly Pod[];
}

/** One metric of the spec with its template, and what was measured. */
export interface MetricFacts {
  readonly name: string;
  readonly kind: MeasureKind;
  /** Quantile in (0, 1); latency only. */
  readonly quantile: number;
  /** Unit of values and limits, for people: "%", "ms", "s"; that of a value is its template's, and may be empty. */
  readonly unit: string;
  readonly scrapeSeconds: number;
  readonly queryTimeoutSeconds: number;
  readonly state: MetricState;
}

/** What people ask by annotation, as it stands on the object. */
export interface Commands {
  /** The words of annotation serin.dev/abort, whole; undefined when there is none. */
  readonly abort: string | undefined;
  readonly command: AskedCommand | undefined;
}

/** Unreadable: the id is made from the text, so that each text is answered once, and a corrected one is another. */
export type AskedCommand =
  | ({ readonly kind: "Readable" } & CommandRequest)
  | { readonly kind: "Unreadable"; readonly id: string; readonly because: string };

/** Whether the object is being deleted, and whether Serin's finalizer holds it. */
export interface Deletion {
  readonly isAsked: boolean;
  readonly isHeld: boolean;
}

/** The Canary's namespace, as last read. */
export interface Namespace {
  /** True while it is being deleted with all that is in it. */
  readonly isEnding: boolean;
  /** Wall time, ms. */
  readonly readAt: number;
}

export interface Snapshot {
  readonly identity: Identity;
  readonly commands: Commands;
  readonly deletion: Deletion;
  /** Read only while the Canary is being deleted; Missing when Serin may not read it. */
  readonly namespace: Fact<Namespace>;
  /** Missing when the object does not satisfy its schema: reason and the field to mend. */
  readonly spec: Fact<CanarySpec>;
  /** The object's spec as it is now, also while a release goes on under another; for what takes effect at once. */
  readonly asked: Fact<CanarySpec>;
  /** What the release in status is held to: `spec` and the facts here are of that, where there is one. */
  readonly freeze: Freeze;
  /** Why the spec, as it is now, is not accepted, while a release goes on under the one of its start. */
  readonly refusal?: { readonly reason: RefusalReason; readonly message: string };
  /** As last persisted; empty for a Canary that was never touched. */
  readonly status: CanaryStatus;
  readonly target: Fact<Workload>;
  readonly primary: Fact<Workload>;
  /** Value of the selector label of the target; Missing names what to add. */
  readonly selector: Fact<{
    readonly label: string;
    readonly value: string;
    /** Labels that the pods of both versions have. */
    readonly shared?: Readonly<Record<string, string>>;
  }>;
  /** Name of an autoscaler that acts on the target or the primary; undefined when there is none. */
  readonly autoscaler: Fact<string | undefined>;
  /**
   * Warnings of objects that select the target's pods and would not select the primary's; Missing names one that must
   * be changed first.
   */
  readonly neighbours: Fact<readonly string[]>;
  readonly routes: Fact<Routes>;
  /** Whether the route that Serin generated is there; somebody else's of that name is none. */
  readonly generatedRoute: Fact<"There" | "None">;
  /** In the order of spec.analysis.metrics. */
  readonly metrics: Fact<readonly MetricFacts[]>;
  readonly pods: Fact<Pods>;
  /** Why writes have failed several times in a row, in the words of whoever refused them. */
  readonly hindrance?: string;
  /** What the latest action met that only a human can mend; undefined once one went through. */
  readonly stall: { readonly reason: StallReason; readonly message: string } | undefined;
  /** Ids of outbox entries that everyone concerned was told of. */
  readonly told: ReadonlySet<string>;
}
