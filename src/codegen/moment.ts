/** One moment of a Canary's life as a snapshot, with any evidence. Which moments there are is not known here. */
import { CanarySpec } from "../api/canary-spec.ts";
import type { CanaryStatus } from "../api/canary-status.ts";
import type { Freeze } from "../core/canary/freeze.ts";
import { restingMessage } from "../core/canary/resting-message.ts";
import { seenWorkloads } from "../core/canary/seen-workloads.ts";
import type { Mirror, Pod, Routes, Snapshot, Workload } from "../core/canary/snapshot.ts";
import { known, missing } from "../core/fact.ts";
import { toInstant } from "../core/instant.ts";
import { type Evidence, readUntil, workloads } from "./readings.ts";

/** When everything is decided, ms. */
export const now = Date.UTC(2026, 0, 1, 12);

/** One moment; `at` gives it with that evidence. */
export interface Moment {
  readonly name: string;
  readonly status: CanaryStatus;
  readonly at: (evidence: Evidence) => Snapshot;
}

/** An instant some seconds before. */
export const ago = (seconds: number): string => toInstant(now - seconds * 1000);

/** A mirror stage, then four weights, of which 50 % asks for approval. */
export const spec = CanarySpec.parse({
  targetRef: { name: workloads.canary },
  routing: { istio: { virtualServices: [{ name: "web" }] } },
  analysis: {
    // By its limit alone: how much evidence a comparison asks for is no matter of phases.
    metrics: [
      {
        name: "error-rate",
        templateRef: { name: "istio-error-rate" },
        limit: { max: 5 },
        compare: null,
      },
    ],
  },
  stages: [
    { mirror: { percentage: 10, sideEffects: "None" } },
    { weight: 10 },
    { weight: 25 },
    { weight: 50, approval: "Manual" },
    { weight: 100 },
  ],
});

/** What a moment is made of, where it differs from an idle Canary whose primary serves version "good". */
export interface Parts {
  readonly status: CanaryStatus;
  readonly isSuspended?: boolean;
  readonly target?: Partial<Workload>;
  readonly primary?: Partial<Workload> | "Missing";
  /** Weight of the target in the routes; the one of the status where it is left out. */
  readonly routed?: number;
  readonly mirror?: Mirror;
  readonly isDeleted?: boolean;
  /** What is read, where the moment says that itself. */
  readonly evidence?: Evidence["at"];
}

/** The target under release. */
export const next = { templateHash: "next", images: ["web:2"], generation: 8 } as const;
/** The target between releases. */
export const idle = { replicas: 0, availableReplicas: 0 } as const;

function workload(name: string, parts: Partial<Workload>): Workload {
  return {
    name,
    uid: name,
    generation: 7,
    resourceVersion: "41",
    templateHash: "good",
    markedHash: undefined,
    restoreHash: undefined,
    images: ["web:1"],
    replicas: 4,
    availableReplicas: 4,
    readyReplicas: parts.availableReplicas ?? 4,
    isRolledOut: true,
    refusedPods: undefined,
    ...parts,
  };
}

function pod(name: string, templateHash: string): Pod {
  return {
    name,
    templateHash,
    createdAt: now - 300_000,
    isReady: true,
    readyChangedAt: now - 290_000,
    hasServed: true,
    isExcused: false,
    crash: undefined,
    trouble: undefined,
  };
}

function freezeOf({ release }: CanaryStatus): Freeze {
  if (release === undefined) return { kind: "None" };
  const content = { releaseId: release.id, spec, templates: [] };
  return { kind: "Held", content, isSaved: true, isEdited: false };
}

function routesOf({ routed, status, mirror }: Parts): Routes {
  return {
    canaryWeight: routed ?? status.canaryWeight ?? 0,
    isUniform: true,
    mirror,
    hasUnmanagedRules: false,
    otherRoutes: [],
    missingObjects: [],
    writer: { kind: "Serin", manager: "serin-controller" },
    resourceVersions: { "VirtualService/web": "17" },
  };
}

function snapshotOf(parts: Parts, { at }: Evidence): Snapshot {
  const { status } = parts;
  const specNow = known({ ...spec, suspend: parts.isSuspended === true });
  const [metric] = spec.analysis.metrics;
  const target = known(workload(workloads.canary, parts.target ?? idle));
  const primary =
    parts.primary === "Missing"
      ? missing("PrimaryNotFound", "the primary does not exist")
      : known(workload(workloads.primary, parts.primary ?? {}));
  const seen = seenWorkloads({ target, primary }, undefined);
  return {
    identity: { namespace: "shop", name: "web", uid: "web", generation: 1, resourceVersion: "9" },
    commands: { abort: undefined, command: undefined },
    deletion: { isAsked: parts.isDeleted === true, isHeld: true },
    namespace: known({ isEnding: false, readAt: now }),
    spec: specNow,
    asked: specNow,
    freeze: freezeOf(status),
    status: {
      observedGeneration: 1,
      observedTargetGeneration: 7,
      refreshedAt: ago(5),
      ...(seen !== undefined && status.phase !== undefined && { workloads: seen }),
      message: restingMessage(status),
      ...status,
    },
    target,
    primary,
    selector: known({ label: "app", value: "web" }),
    autoscaler: known(undefined),
    neighbours: known([]),
    routes: known(routesOf(parts)),
    generatedRoute: known("None"),
    metrics: known(
      metric === undefined ? [] : [readUntil(now, { at: parts.evidence ?? at }, metric.limit)],
    ),
    pods: known({ canary: [pod("web-1", "next")], primary: [pod("web-primary-1", "good")] }),
    stall: undefined,
    told: new Set(),
  };
}

/** The moment that is made of these parts. */
export function moment(name: string, parts: Parts): Moment {
  return { name, status: parts.status, at: (evidence) => snapshotOf(parts, evidence) };
}

/** Between releases. */
export const settled: CanaryStatus = {
  phase: "Initialized",
  canaryWeight: 0,
  lastPromotedHash: "good",
};
