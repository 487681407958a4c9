/** Snapshots and statuses as they are in each part of a Canary's life, for tests of decisions. Every default can be overridden. */
import { CanarySpec, type Metric } from "../../src/api/canary-spec.ts";
import type {
  CanaryStatus,
  DeletionStatus,
  ReleaseStatus,
  RetreatReason,
  WaitingReason,
} from "../../src/api/canary-status.ts";
import { GeneratedRouting } from "../../src/api/generated-routing.ts";
import type { Check } from "../../src/core/analysis/check.ts";
import { decide } from "../../src/core/canary/decide.ts";
import type { Decision } from "../../src/core/canary/decision.ts";
import type { Freeze, FrozenSpec } from "../../src/core/canary/freeze.ts";
import type {
  Commands,
  MetricFacts,
  Pod,
  Routes,
  Snapshot,
  Workload,
} from "../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../src/core/fact.ts";
import { toInstant } from "../../src/core/instant.ts";
import { blocksUntil, metricFacts, ratio } from "./analysis.ts";

/** When everything happens, ms; a whole minute. */
export const now = Date.UTC(2026, 10, 21, 12, 0, 0);

/** An instant some seconds before now. */
export function ago(seconds: number): string {
  return toInstant(now - seconds * 1000);
}

/** One error rate with limit 5 %, by its limit alone, stages 10, 25, 50, 100 of 60 s, the other fields as the schema has them. */
export function aSpec(overrides: Partial<CanarySpec> = {}): CanarySpec {
  const spec = CanarySpec.parse({
    targetRef: { name: "web" },
    routing: { istio: { virtualServices: [{ name: "web" }] } },
    analysis: {
      metrics: [
        {
          name: "error-rate",
          templateRef: { name: "istio-error-rate" },
          limit: { max: 5 },
          compare: null,
        },
      ],
    },
  });
  return { ...spec, ...overrides };
}

/** Of routes that Serin generates, about which the mesh hears within 5 s. */
export const generatedSpec: CanarySpec = aSpec({
  routing: { istio: { generate: GeneratedRouting.parse({}), propagationSeconds: 5 } },
});

/** The same with other metrics, each as the one there but for what is given. */
export function aSpecWith(...metrics: readonly Partial<Metric>[]): CanarySpec {
  const spec = aSpec();
  const [one] = spec.analysis.metrics;
  const all = one === undefined ? [] : metrics.map((metric) => ({ ...one, ...metric }));
  return { ...spec, analysis: { ...spec.analysis, metrics: all } };
}

/** A generation has one template. */
const generations: Readonly<Record<string, number>> = { good: 7, next: 8, third: 9 };

/** The same stages, and one of them (0 to 3) asks for approval. */
export function approvedAt(index: number): CanarySpec {
  const { stages } = aSpec();
  return aSpec({
    stages: stages.map((stage, place) =>
      place === index ? { ...stage, approval: "Manual" } : stage,
    ),
  });
}

export function aWorkload(overrides: Partial<Workload> = {}): Workload {
  return {
    name: "web",
    uid: "7c8d",
    generation: generations[overrides.templateHash ?? "good"] ?? 10,
    resourceVersion: "41",
    templateHash: "good",
    markedHash: undefined,
    restoreHash: undefined,
    images: ["web:1"],
    replicas: 4,
    availableReplicas: 4,
    readyReplicas: overrides.availableReplicas ?? 4,
    isRolledOut: true,
    refusedPods: undefined,
    ...overrides,
  };
}

export function someRoutes(overrides: Partial<Routes> = {}): Routes {
  return {
    canaryWeight: 0,
    isUniform: true,
    mirror: undefined,
    hasUnmanagedRules: false,
    otherRoutes: [],
    missingObjects: [],
    writer: { kind: "Serin", manager: "serin-controller" },
    resourceVersions: { "VirtualService/web": "17" },
    ...overrides,
  };
}

/** A pod of the template under release that was created, and became ready, five minutes ago. */
export function aPod(overrides: Partial<Pod> = {}): Pod {
  return {
    name: "web-1",
    templateHash: "next",
    createdAt: now - 300_000,
    isReady: true,
    readyChangedAt: now - 290_000,
    hasServed: true,
    isExcused: false,
    crash: undefined,
    trouble: undefined,
    ...overrides,
  };
}

/** An error rate over the last minute, in blocks of 15 s of the given requests. */
export function errorRate(
  canary: { readonly total: number; readonly bad?: number },
  stable: { readonly total: number; readonly bad?: number } = { total: 900 },
  overrides: Partial<MetricFacts["state"]> = {},
): MetricFacts {
  const block = [
    ratio(canary.total, canary.bad ?? 0),
    ratio(stable.total, stable.bad ?? 0),
  ] as const;
  return metricFacts({ blocks: blocksUntil(now, [block, block, block, block]), ...overrides });
}

/** 100 canary requests per check, none bad. */
export const healthy = errorRate({ total: 100 });
/** 20 % errors in the last three checks. */
export const broken = errorRate(
  { total: 100, bad: 20 },
  { total: 900 },
  { breaches: 3, breachedAt: now - 30_000 },
);
/** Both versions fail 20 % of their requests in the last three checks. */
export const shared = errorRate(
  { total: 100, bad: 20 },
  { total: 900, bad: 180 },
  {
    breaches: 3,
    breachedAt: now - 30_000,
    stable: { breaches: 3, breachEndAt: now, judgedAt: now },
  },
);
/** Nothing but stable's requests. */
export const silent = errorRate({ total: 0 }, { total: 1000 });
/** Prometheus cannot be read. */
export const unreadable = metricFacts({
  heardAt: now - 20_000,
  failure: { reason: "Timeout", message: "no answer within 5 s", at: now },
});
/** The same, for two minutes. */
export const blind = metricFacts({ ...unreadable.state, heardAt: now - 120_000 });
/** Nobody calls the service. */
export const unused = metricFacts({ readAt: now });

export function aCheck(overrides: Partial<Check> = {}): Check {
  return {
    metric: "error-rate",
    verdict: "Pass",
    message: "0 % of 400 requests, limit 5 %",
    canaryValue: 0,
    stableValue: 0,
    limit: 5,
    samples: 400,
    failure: undefined,
    compared: undefined,
    isHeld: false,
    breaches: 0,
    breachedAt: undefined,
    isShared: false,
    fresh: true,
    query: undefined,
    at: now,
    decides: true,
    onFail: "Rollback",
    ...overrides,
  };
}

/** An idle Canary whose primary serves version "good", and whose target has the same template and no pods. */
export function aSnapshot(overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    identity: {
      namespace: "shop",
      name: "web",
      uid: "0a1b2c3d-77",
      generation: 1,
      resourceVersion: "9",
    },
    commands: noCommands,
    deletion: { isAsked: false, isHeld: true },
    namespace: unknown("nobody has asked"),
    spec: known(aSpec()),
    asked: overrides.spec ?? known(aSpec()),
    status: settled(initialized()),
    target: known(aWorkload({ replicas: 0, availableReplicas: 0 })),
    primary: known(aWorkload({ name: "web-primary" })),
    selector: known({ label: "app", value: "web" }),
    autoscaler: known(undefined),
    neighbours: known([]),
    routes: known(someRoutes()),
    generatedRoute: unknown("nobody has asked"),
    metrics: known([healthy]),
    pods: known({ canary: [aPod()], primary: [aPod({ name: "web-primary-1" })] }),
    stall: undefined,
    freeze: { kind: "None" },
    told: new Set(),
    ...overrides,
  };
}

/** Nobody asks for anything. */
export const noCommands: Commands = { abort: undefined, command: undefined };

/** The spec of "next-1" as it is kept, or to be kept. */
export function aFrozenSpec(spec: CanarySpec = aSpec()): FrozenSpec {
  return { releaseId: "next-1", spec, templates: [] };
}

/** A release whose spec is to be kept as `web-spec-1`; `held`: it began while another was in force. */
export function aDueFreeze({
  isSaved,
  held,
}: {
  readonly isSaved: boolean;
  readonly held?: FrozenSpec;
}): Freeze {
  const next = known({ content: aFrozenSpec(), revision: "web-spec-1", isSaved });
  return { kind: "Due", held, next };
}

/** A release that is held to its spec. */
export function aHeldFreeze(overrides: Partial<Extract<Freeze, { kind: "Held" }>> = {}): Freeze {
  return { kind: "Held", content: aFrozenSpec(), isSaved: true, isEdited: false, ...overrides };
}

/** The target of a release of "next": its pods are there. */
export const nextTarget = aWorkload({ templateHash: "next", images: ["web:2"], generation: 8 });
/** The primary after the copy. */
export const copiedPrimary = aWorkload({
  name: "web-primary",
  templateHash: "next",
  images: ["web:2"],
});

/** A Canary that releases "next" over "good", at the weight that its status has. */
export function aReleasing(status: CanaryStatus, overrides: Partial<Snapshot> = {}): Snapshot {
  return aSnapshot({
    status: settled(status),
    target: known(nextTarget),
    routes: known(someRoutes({ canaryWeight: status.canaryWeight ?? 0 })),
    ...overrides,
  });
}

/** A Canary that nobody has touched yet: live pods, no primary, all traffic wherever the routes send it. */
export function aNewcomer(overrides: Partial<Snapshot> = {}): Snapshot {
  return aSnapshot({
    status: {},
    target: known(aWorkload()),
    primary: missing("PrimaryNotFound", "Deployment shop/web-primary does not exist"),
    ...overrides,
  });
}

/** Idle after its initialisation. */
export function initialized(overrides: Partial<CanaryStatus> = {}): CanaryStatus {
  return {
    phase: "Initialized",
    message: "the primary serves all traffic; waiting for a new version",
    canaryWeight: 0,
    lastPromotedHash: "good",
    refreshedAt: ago(5),
    ...overrides,
  };
}

export function initializing(
  step: "CreatePrimary" | "Shift",
  overrides: Partial<CanaryStatus> = {},
): CanaryStatus {
  return {
    phase: "Initializing",
    initialisation: { step, since: ago(10) },
    canaryWeight: step === "CreatePrimary" ? 100 : 0,
    refreshedAt: ago(5),
    ...(step === "Shift" && { lastPromotedHash: "good", drain: { startedAt: ago(10) } }),
    ...overrides,
  };
}

export function aRelease(overrides: Partial<ReleaseStatus> = {}): ReleaseStatus {
  return {
    id: "next-1",
    templateHash: "next",
    images: ["web:2"],
    startedAt: ago(400),
    primaryReplicas: 4,
    peakWeight: 0,
    stage: { index: 0, weight: 10, enteredAt: ago(400) },
    ...overrides,
  };
}

/** Which parts of a stage are behind it. */
type StagePoint = "entered" | "shifted" | "routed" | "confirmed";
const weights = [10, 25, 50, 100];

/** In a stage (0 to 3) of a release; confirmed stages have been so for 200 s. */
export function progressing(
  index: number,
  point: StagePoint,
  overrides: {
    readonly status?: Partial<CanaryStatus>;
    readonly release?: Partial<ReleaseStatus>;
  } = {},
): CanaryStatus {
  const weight = weights[index] ?? 100;
  const isShifted = point !== "entered";
  const peakWeight = isShifted ? weight : (weights[index - 1] ?? 0);
  const release = aRelease({
    peakWeight,
    ...((index > 0 || point === "routed" || point === "confirmed") && { firstTrafficAt: ago(300) }),
    stage: {
      index,
      weight,
      enteredAt: ago(300),
      ...(isShifted && { shiftedAt: ago(240) }),
      ...((point === "routed" || point === "confirmed") && { routedAt: ago(230) }),
      ...(point === "confirmed" && { trafficConfirmedAt: ago(200) }),
    },
    ...overrides.release,
  });
  return {
    phase: "Progressing",
    canaryWeight: peakWeight,
    lastPromotedHash: "good",
    releases: 1,
    release,
    refreshedAt: ago(5),
    ...overrides.status,
  };
}

/** Stages that begin with copies of 10 % of the requests. */
export const mirrorFirst: CanarySpec["stages"] = [
  {
    mirror: { percentage: 10, target: "Canary", sideEffects: "None", allowAbove10: false },
    minSeconds: 60,
    maxSeconds: 1800,
  },
  ...aSpec().stages,
];

/** In the mirror stage of a release whose stages are `mirrorFirst`. */
export function mirroring(point: StagePoint): CanaryStatus {
  const { release, ...status } = progressing(0, point);
  const { firstTrafficAt: _, ...rest } = aRelease(release);
  const { stage = { index: 0, enteredAt: ago(300) } } = rest;
  return {
    ...status,
    canaryWeight: 0,
    release: {
      ...rest,
      peakWeight: 0,
      stage: { ...stage, kind: "Mirror", weight: 0, mirrorPercentage: 10 },
    },
  };
}

/** A Canary in the mirror stage of its release; its routes copy what was decided. */
export function aMirroring(point: StagePoint, overrides: Partial<Snapshot> = {}): Snapshot {
  const mirror = point === "entered" ? undefined : { percentage: 10, isUniform: true };
  return aReleasing(mirroring(point), {
    spec: known(aSpec({ stages: mirrorFirst })),
    routes: known(someRoutes({ mirror })),
    ...overrides,
  });
}

export function promoting(
  step: "Copy" | "Available" | "Restore",
  overrides: {
    readonly status?: Partial<CanaryStatus>;
    readonly release?: Partial<ReleaseStatus>;
  } = {},
): CanaryStatus {
  const promotion = { step, since: ago(20), savedHash: "good" };
  const rollback = {
    reason: "MetricLimitExceeded",
    message: "error-rate: 20 % of 100 requests",
    detectedAt: ago(20),
    decidedAt: ago(10),
  };
  return progressing(3, "confirmed", {
    status: { phase: "Promoting", ...overrides.status },
    release: { promotion, ...(step === "Restore" && { rollback }), ...overrides.release },
  });
}

/** Traffic is on its way back to the primary, which runs "next". */
export function finalising(overrides: Partial<CanaryStatus> = {}): CanaryStatus {
  const base = promoting("Available");
  return {
    ...base,
    phase: "Finalising",
    canaryWeight: 0,
    lastPromotedHash: "next",
    drain: { startedAt: ago(10) },
    ...overrides,
  };
}

/** Rolled back at 25 %. */
export function failed(overrides: Partial<CanaryStatus> = {}): CanaryStatus {
  const base = progressing(1, "confirmed");
  return {
    ...base,
    phase: "Failed",
    message: "rolling back: error-rate: 20 % of 100 requests",
    canaryWeight: 0,
    lastFailedHash: "next",
    drain: { startedAt: ago(10) },
    release: aRelease({
      ...base.release,
      rollback: {
        reason: "MetricLimitExceeded",
        message: "error-rate: 20 % of 100 requests",
        metric: "error-rate",
        value: 20,
        limit: 5,
        detectedAt: ago(40),
        decidedAt: ago(10),
      },
    }),
    ...overrides,
  };
}

/** Being deleted: since 20 s in this step, with everything routed to the target 19 s ago where that is asked for. */
export function terminating(
  step: DeletionStatus["step"],
  overrides: Partial<CanaryStatus> = {},
): CanaryStatus {
  const isShifted = step === "Shift" || step === "Remove" || step === "Clear";
  return {
    ...initialized(),
    phase: "Terminating",
    message: "the Canary was deleted",
    canaryWeight: isShifted ? 100 : 0,
    deletion: { step, since: ago(20), ...(isShifted && { routedAt: ago(19) }) },
    ...overrides,
  };
}

/** Of a Canary that somebody deletes. */
export const deleted: Pick<Snapshot, "deletion" | "namespace"> = {
  deletion: { isAsked: true, isHeld: true },
  namespace: known({ isEnding: false, readAt: now }),
};

/** At weight 0 without a verdict: off since 100 s, seen to be so for 90 s. */
export function retreated(
  reason: RetreatReason,
  overrides: {
    readonly status?: Partial<CanaryStatus>;
    readonly release?: Partial<ReleaseStatus>;
  } = {},
): CanaryStatus {
  const measured = { metric: "error-rate", value: 20, stableValue: 20, limit: 5 };
  return progressing(0, "entered", {
    status: {
      canaryWeight: 0,
      drain: { startedAt: ago(101), routedAt: ago(100), confirmedAt: ago(90) },
      ...overrides.status,
    },
    release: {
      peakWeight: 25,
      retreats: 1,
      retreat: {
        reason,
        message: reason === "NoData" ? "no usable data for 120 s" : "error-rate: 20 % of both",
        ...(reason === "SharedIncident" && measured),
        detectedAt: ago(120),
        decidedAt: ago(101),
      },
      ...overrides.release,
    },
  });
}

/** Every phase's status, those that no rule leads to yet included. */
export const statuses: Readonly<Record<string, CanaryStatus>> = {
  new: {},
  creatingPrimary: initializing("CreatePrimary"),
  shiftingToPrimary: initializing("Shift"),
  initialized: initialized(),
  entered: progressing(1, "entered"),
  shifted: progressing(1, "shifted"),
  routed: progressing(1, "routed"),
  confirmed: progressing(1, "confirmed"),
  mirroring: mirroring("shifted"),
  mirrored: mirroring("confirmed"),
  full: progressing(3, "confirmed"),
  copying: promoting("Copy"),
  copied: promoting("Available"),
  restoring: promoting("Restore"),
  finalising: finalising(),
  succeeded: {
    ...finalising({ drain: { startedAt: ago(90), routedAt: ago(89), confirmedAt: ago(60) } }),
    phase: "Succeeded",
  },
  failing: failed(),
  failed: failed({ drain: { startedAt: ago(90), routedAt: ago(89), confirmedAt: ago(60) } }),
  retreating: retreated("SharedIncident", { status: { drain: { startedAt: ago(2) } } }),
  retreated: retreated("SharedIncident"),
  blinded: retreated("NoData"),
  paused: waiting(progressing(1, "confirmed"), "Paused"),
  unapproved: waiting(progressing(2, "entered"), "Approval"),
  suspended: suspendedFrom(initialized()),
  terminating: { phase: "Terminating", canaryWeight: 0 },
  handingOver: terminating("Serve"),
  handedOver: terminating("Shift"),
  removing: terminating("Remove"),
  clearing: terminating("Clear"),
  orphaned: terminating("Orphaned"),
};

/** What spec.suspend lays over a life. */
export function suspendedFrom(status: CanaryStatus): CanaryStatus {
  const { phase = "Initialized" } = status;
  return { ...status, phase: "Suspended", suspended: { since: ago(60), phase } };
}

/** The spec with spec.suspend set. */
export const suspending = { spec: known(aSpec({ suspend: true })) };

/** The same release, waiting. */
export function waiting(status: CanaryStatus, reason: WaitingReason): CanaryStatus {
  return {
    ...status,
    phase: "Waiting",
    waiting: { reason, since: ago(30), message: "somebody must act" },
  };
}

const seen = { uid: "7c8d", generation: 7, templateHash: "good", replicas: 4 };

/** The status as it is once acceptance was told, so that only what a test is about is left to decide. */
export function settled(status: CanaryStatus): CanaryStatus {
  return {
    rollbackBoundSeconds: 70,
    observedGeneration: 1,
    observedTargetGeneration: 7,
    workloads: { target: seen, primary: seen },
    conditions: [
      {
        type: "Accepted",
        status: "True",
        reason: "Accepted",
        message: "a fault beyond a limit is rolled back within 70 s",
        lastTransitionTime: ago(3600),
      },
    ],
    ...status,
  };
}

/** Decides as of `now`. */
export function decideNow(snapshot: Snapshot): Decision {
  return decide(snapshot, now);
}

/** The status that a decision persists; the one it was made on where it persists none. */
export function statusAfter(
  snapshot: Snapshot,
  decision: Decision = decideNow(snapshot),
): CanaryStatus {
  return decision.kind === "Transition" || decision.kind === "Rollback"
    ? decision.status
    : snapshot.status;
}
