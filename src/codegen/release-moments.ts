/** The moments of a release: its stages, its waits, the promotion, its ends. What is decided in them is not known here. */
import {
  type CanaryStatus,
  type PromotionStep,
  type ReleaseStatus,
  type StageStatus,
  WaitingReason,
} from "../api/canary-status.ts";
import { ago, idle, type Moment, moment, next, settled, spec } from "./moment.ts";
import type { Evidence, Traffic } from "./readings.ts";

/** How far a stage has come. */
type Progress = "entered" | "routed" | "measured" | "over" | "overdue";

/** Seconds since the traffic of a stage was proven. */
const provenFor = { entered: 0, routed: 0, measured: 30, over: 200, overdue: 2000 } as const;

function stageAt(index: number, progress: Progress): StageStatus {
  const { mirror, weight } = spec.stages[index] ?? {};
  const proven = provenFor[progress];
  const routed = proven === 0 ? 10 : proven + 30;
  return {
    index,
    weight: weight ?? 0,
    ...(mirror !== undefined && { kind: "Mirror", mirrorPercentage: mirror.percentage }),
    enteredAt: ago(routed + 60),
    approvedAt: ago(routed + 60),
    ...(progress !== "entered" && { shiftedAt: ago(routed + 35), routedAt: ago(routed) }),
    ...(proven > 0 && { trafficConfirmedAt: ago(proven) }),
  };
}

function releaseAt(stage: StageStatus, peakWeight: number): ReleaseStatus & { stage: StageStatus } {
  const isLive = stage.kind !== "Mirror" && peakWeight > 0;
  return {
    id: "next-1",
    templateHash: "next",
    images: ["web:2"],
    startedAt: ago(3000),
    primaryReplicas: 4,
    specRevision: "web-spec-1",
    peakWeight,
    ...(isLive && { firstTrafficAt: ago(2500) }),
    stage,
  };
}

/** In the stage with that place, which has come so far. */
export function progressing(index: number, progress: Progress): CanaryStatus {
  const place = progress === "entered" ? index - 1 : index;
  const weight = spec.stages[place]?.weight ?? 0;
  return {
    ...settled,
    phase: "Progressing",
    canaryWeight: weight,
    releases: 1,
    release: releaseAt(stageAt(index, progress), weight),
  };
}

function stage(name: string, index: number, progress: Progress): Moment {
  const { mirror } = spec.stages[index] ?? {};
  const isOn = mirror !== undefined && progress !== "entered";
  return moment(`Progressing: ${name}`, {
    status: progressing(index, progress),
    target: next,
    ...(isOn && { mirror: { percentage: mirror.percentage, isUniform: true } }),
  });
}

const alone: Traffic = { canary: [0, 0], stable: [1000, 0] };
const sick: Traffic = { canary: [0, 0], stable: [1000, 200] };
/** Requests to the new version stopped as many seconds ago. */
const stoppedFor = 135;

/** Retreated from an incident of both versions. What matters then is how stable fares. */
function retreated(name: string, evidence: Evidence["at"]): Moment {
  const first = stageAt(0, "entered");
  return moment(`Progressing: retreated, ${name}`, {
    evidence,
    status: {
      ...settled,
      phase: "Progressing",
      releases: 1,
      release: {
        ...releaseAt(first, 0),
        peakWeight: 10,
        retreats: 1,
        retreat: {
          reason: "SharedIncident",
          message: "error-rate: 20 % of 100 requests, stable 20 %",
          metric: "error-rate",
          value: 20,
          stableValue: 20,
          limit: 5,
          detectedAt: ago(stoppedFor + 60),
          decidedAt: ago(stoppedFor + 30),
        },
      },
      drain: {
        startedAt: ago(stoppedFor + 30),
        routedAt: ago(stoppedFor + 29),
        confirmedAt: ago(stoppedFor),
      },
    },
    target: next,
  });
}

const stageMoments: readonly Moment[] = [
  stage("mirror stage begun, pods there", 0, "entered"),
  stage("mirror stage, copies not proven", 0, "routed"),
  stage("mirror stage, minSeconds over", 0, "over"),
  stage("first live stage begun, pods there", 1, "entered"),
  stage("first live stage, traffic not proven", 1, "routed"),
  stage("10 %, minSeconds not over", 1, "measured"),
  stage("10 %, minSeconds over", 1, "over"),
  stage("10 %, maxSeconds over", 1, "overdue"),
  stage("25 %, minSeconds over, next asks for approval", 2, "over"),
  stage("last stage, traffic not proven", 4, "routed"),
  stage("last stage, minSeconds over", 4, "over"),
  retreated("stable well as soon as the new version had no traffic", () => alone),
  retreated("stable still beyond its limit", () => sick),
  retreated("stable well again after more than a minute", (left) => (left < 4 ? alone : sick)),
];

/** An approval is waited for before its stage is set; anything else in the middle of one. */
const waitingMoments: readonly Moment[] = WaitingReason.options.map((reason) =>
  moment(`Waiting: ${reason}`, {
    status: {
      ...(reason === "Approval" ? progressing(3, "entered") : progressing(2, "over")),
      phase: "Waiting",
      waiting: { reason, since: ago(30), message: "" },
    },
    target: next,
  }),
);

const promotion = (step: PromotionStep): CanaryStatus => {
  const status = progressing(4, "over");
  const release: ReleaseStatus = {
    ...releaseAt(stageAt(4, "over"), 100),
    promotion: { step, since: ago(20), savedHash: "good" },
    ...(step === "Restore" && { rollback }),
  };
  return { ...status, phase: "Promoting", release };
};

const rollback = {
  reason: "MetricLimitExceeded",
  message: "error-rate: 20 % of 100 requests",
  detectedAt: ago(40),
  decidedAt: ago(20),
} as const;

const rollingOut = { isRolledOut: false, availableReplicas: 2 } as const;

const promotionMoments: readonly Moment[] = [
  moment("Promoting: Copy", { status: promotion("Copy"), target: next }),
  moment("Promoting: Available, pods not there", {
    status: promotion("Available"),
    target: next,
    primary: { ...next, ...rollingOut },
  }),
  moment("Promoting: Available, pods there", {
    status: promotion("Available"),
    target: next,
    primary: next,
  }),
  moment("Promoting: Restore, pods not there", {
    status: promotion("Restore"),
    target: next,
    primary: rollingOut,
  }),
  moment("Promoting: Restore, pods there", { status: promotion("Restore"), target: next }),
];

const finalising: CanaryStatus = {
  ...promotion("Available"),
  phase: "Finalising",
  canaryWeight: 0,
  lastPromotedHash: "next",
  drain: { startedAt: ago(10) },
};

const failed: CanaryStatus = {
  ...progressing(1, "over"),
  phase: "Failed",
  canaryWeight: 0,
  lastFailedHash: "next",
  drain: { startedAt: ago(10) },
  release: { ...releaseAt(stageAt(1, "over"), 10), rollback },
};

/** The target has no requests and no pods any more. */
function over(status: CanaryStatus): CanaryStatus {
  const { drain: _, ...rest } = status;
  return rest;
}

const drained = { startedAt: ago(90), routedAt: ago(89), confirmedAt: ago(60) } as const;

const endMoments: readonly Moment[] = [
  moment("Finalising: routes not written", {
    status: finalising,
    target: next,
    primary: next,
    routed: 100,
  }),
  moment("Finalising: requests stopping", {
    status: { ...finalising, drain: { startedAt: ago(10), routedAt: ago(9) } },
    target: next,
    primary: next,
  }),
  moment("Finalising: deadline for the drain over", {
    status: { ...finalising, drain: { startedAt: ago(90), routedAt: ago(89) } },
    target: next,
    primary: next,
  }),
  moment("Succeeded", {
    status: { ...over(finalising), phase: "Succeeded" },
    target: { ...next, ...idle },
    primary: next,
  }),
  moment("Failed: routes not written", { status: failed, target: next, routed: 10 }),
  moment("Failed: routes not written, the primary has no ready pod", {
    status: {
      ...failed,
      heldForStable: { since: ago(9), until: ago(-110) },
    },
    target: next,
    primary: idle,
    routed: 10,
  }),
  moment("Failed: requests stopping", {
    status: { ...failed, drain: { startedAt: ago(10), routedAt: ago(9) } },
    target: next,
  }),
  moment("Failed: requests stopped", { status: { ...failed, drain: drained }, target: next }),
  moment("Failed", { status: over(failed), target: { ...next, ...idle } }),
];

/** Every moment of a release, in the order of its life. */
export const releaseMoments: readonly Moment[] = [
  ...stageMoments,
  ...waitingMoments,
  ...promotionMoments,
  ...endMoments,
];
