/** Rules by which a stage is entered: its pods, then its weight, then proof that the traffic moved. */
import type { CanaryStatus, StageStatus } from "../../../api/canary-status.ts";
import { haveCopiesArrived } from "../../analysis/copies.ts";
import { hasTrafficMoved, trafficSince } from "../../analysis/traffic.ts";
import { fromOptionalInstant, toInstant } from "../../instant.ts";
import { whyUnread } from "../checks.ts";
import type { Decision } from "../decision.ts";
import { isFrozen } from "../freeze.ts";
import { every, met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { unusedSince } from "../no-traffic.ts";
import { releaseFacts, stageFact } from "../notices.ts";
import { areOldRequestsTold } from "../old-requests.ts";
import { stagePhases } from "../phases.ts";
import { mayRaiseNow, raisedFrom } from "../raise-rule.ts";
import { wordReleasePlan } from "../release-plan.ts";
import { retreatOf } from "../retreat.ts";
import type { Situation } from "../situation.ts";
import type { Routes } from "../snapshot.ts";
import { mayBeginBesideStable } from "../stable-guard.ts";
import { isFirstWeight, isMirror } from "../stages.ts";
import { splitMismatch } from "../traffic-fit.ts";
import { isBeyondReturn } from "./evidence-rules.ts";
import { firstStage, restartedPhase } from "./first-stage.ts";
import type { Rule } from "./rule.ts";
import { isAccepted } from "./spec-rules.ts";
import { hasCapacity, stageLabel, stageOf } from "./stage.ts";

const restartStages: Rule = {
  name: "restartStages",
  doc: "The routes give the new version no traffic any more: it starts again at its first stage.",
  from: [...stagePhases, "Promoting"],
  leadsTo: [
    ["Waiting", "Progressing"],
    ["Promoting", "Progressing"],
  ],
  isAwaited: false,
  when: (s) =>
    wasTakenOff(s) && isLookedAt(s)
      ? met(
          "the routes give the new version no traffic any more; starting again at the first stage",
        )
      : unmet("the routes carry what they carried before"),
  decide: (s, message) => {
    const { release } = s.status;
    const stage = firstStage(s);
    if (release === undefined || stage === undefined) return noStage("restartStages");
    // What is released from its first stage on needs nobody's word.
    const { byHand: _, promotion: __, ...begun } = release;
    const status = {
      ...s.status,
      ...restartedPhase(s),
      // What was to be promoted is not next any more.
      ...(s.phase === "Promoting" && { phase: "Progressing" as const }),
      canaryWeight: 0,
      observedWeight: 0,
      release: { ...begun, stage },
    };
    return { kind: "Transition", rule: "restartStages", status: nextStatus(s, status, message) };
  },
};

/** Whoever took over looks first at what it may have been taken off for. */
function isLookedAt({ checks }: Situation): boolean {
  return checks.every(({ at }) => at !== undefined);
}

/**
 * Somebody took all of the canary's traffic away, or a rollback wrote the routes and was lost before it was written
 * down. Nothing was measured since, so no more than the first stage's weight may follow.
 */
function wasTakenOff(s: Situation): boolean {
  const { routes } = s.snapshot;
  const stage = stageOf(s);
  if (routes.kind !== "Known" || stage === undefined || s.spec === undefined) return false;
  if (isBeyondReturn(s)) return false;
  const isFromNothing = isFirstWeight(s.spec.stages, stage) || stage.raisedFrom === 0;
  const isFirstRaise = isFromNothing && stage.routedAt === undefined;
  return routes.value.canaryWeight === 0 && (s.status.canaryWeight ?? 0) > 0 && !isFirstRaise;
}

const shiftTraffic: Rule = {
  name: "shiftTraffic",
  doc: "The stage's pods are available and the metrics answer: its weight, or its mirror, is set.",
  from: ["Progressing"],
  leadsTo: [],
  isAwaited: true,
  when: (s) =>
    every(
      () => (stageOf(s)?.shiftedAt === undefined ? met("") : unmet("")),
      () => (retreatOf(s) === undefined ? met("") : unmet("")),
      () => isAccepted(s),
      () => isFrozen(s.snapshot.freeze),
      () => hasCapacity(s),
      () => areOldRequestsTold(s),
      () => mayBeginBesideStable(s),
      () => mayRaiseNow(s),
      () => met(`${stageLabel(s)}: sending traffic`),
    ),
  decide: (s, message) => {
    const { release } = s.status;
    if (release?.stage === undefined) return noStage("shiftTraffic");
    const { weight } = release.stage;
    const stage = { ...release.stage, shiftedAt: toInstant(s.now), ...raisedFrom(s) };
    const plan = release.plan ?? planned(s);
    const shifted = {
      ...release,
      stage,
      peakWeight: Math.max(release.peakWeight, weight),
      ...(plan !== undefined && { plan }),
    };
    return {
      kind: "Transition",
      rule: "shiftTraffic",
      status: nextStatus(s, { ...s.status, canaryWeight: weight, release: shifted }, message),
    };
  },
};

const recordStageRouted: Rule = {
  name: "recordStageRouted",
  doc: "The routing objects carry the stage's weight, or its mirror.",
  from: stagePhases,
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    const stage = stageOf(s);
    if (stage?.shiftedAt === undefined || stage.routedAt !== undefined) return unmet("");
    const { routes } = s.snapshot;
    if (routes.kind !== "Known") return unmet(routes.because);
    return areRoutesSet(stage, routes.value)
      ? met(`${stageLabel(s)}: waiting until the traffic is seen to have moved`)
      : unmet(`${stageLabel(s)}: the routes are being written`);
  },
  decide: (s, message) => {
    const { release } = s.status;
    if (release?.stage === undefined) return noStage("recordStageRouted");
    const at = toInstant(s.now);
    const stage = { ...release.stage, routedAt: at };
    // Copies are no live traffic: its warm-up begins with the first weight.
    const firstTrafficAt = isMirror(stage) ? undefined : (release.firstTrafficAt ?? at);
    const routed = { ...release, stage, ...(firstTrafficAt !== undefined && { firstTrafficAt }) };
    return {
      kind: "Transition",
      rule: "recordStageRouted",
      status: nextStatus(s, { ...s.status, release: routed }, message),
    };
  },
};

const confirmTraffic: Rule = {
  name: "confirmTraffic",
  doc: "Callers' own reports (the pods' in a mirror stage) show that the traffic moved: the stage's clock and its evidence start.",
  from: stagePhases,
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    const stage = stageOf(s);
    if (stage?.routedAt === undefined || stage.trafficConfirmedAt !== undefined) return unmet("");
    if (s.spec?.skipAnalysis === true) return unmet("");
    const moved = trafficMoved(s, stage);
    const mismatch = splitMismatch(s.snapshot);
    if (mismatch !== undefined) return unmet(`${stageLabel(s)}: ${mismatch}`);
    return moved.holds
      ? met(`${stageLabel(s)}: ${moved.message}`)
      : unmet(`${stageLabel(s)}: ${whyUnread(s.checks) ?? whyUnused(s) ?? moved.because}`);
  },
  decide: (s, message) => {
    const { release } = s.status;
    if (release?.stage === undefined) return noStage("confirmTraffic");
    const { observedShare } = trafficMoved(s, release.stage);
    const stage = { ...release.stage, trafficConfirmedAt: toInstant(s.now) };
    const status = {
      ...s.status,
      release: { ...release, stage },
      ...(observedShare !== undefined && { observedWeight: Math.round(observedShare * 100) }),
    };
    const facts = { ...releaseFacts(s), stage: stageFact(s), weight: String(stage.weight) };
    return {
      kind: "Transition",
      rule: "confirmTraffic",
      status: nextStatus(s, status, afterwards(s, message), [
        { reason: "TrafficShifted", message, facts, part: String(stage.index) },
      ]),
    };
  },
};

/** What is read until the next numbers are written: what the stage takes from now on, or what it waits for anyway. */
function afterwards({ spec, status }: Situation, moved: string): string {
  if (status.waiting !== undefined) return status.waiting.message;
  const minSeconds = spec?.stages[status.release?.stage?.index ?? 0]?.minSeconds ?? 0;
  return `${moved}; now at least ${minSeconds} s within every limit${planNews(status)}`;
}

/** The plan is told with the first live traffic. */
function planNews({ release }: CanaryStatus): string {
  const isNews = release?.plan !== undefined && release.stage?.routedAt === release.firstTrafficAt;
  return isNews ? `; ${release.plan}` : "";
}

function planned({ snapshot: { metrics }, spec }: Situation): string | undefined {
  return spec === undefined || metrics.kind !== "Known"
    ? undefined
    : wordReleasePlan(spec, metrics.value);
}

/** In the order of the table. */
export const stageEntryRules: readonly Rule[] = [
  restartStages,
  shiftTraffic,
  recordStageRouted,
  confirmTraffic,
];

/** Only blocks whose first sample was scraped after the change of routes count. */
function trafficMoved(s: Situation, stage: StageStatus) {
  const metrics = s.snapshot.metrics.kind === "Known" ? s.snapshot.metrics.value : [];
  const scrapeMs = Math.max(0, ...metrics.map((metric) => metric.scrapeSeconds)) * 1000;
  const routedAt = fromOptionalInstant(stage.routedAt) ?? s.now;
  const hasUnmanagedRules =
    s.snapshot.routes.kind === "Known" && s.snapshot.routes.value.hasUnmanagedRules;
  const traffic = trafficSince(metrics, routedAt + scrapeMs);
  if (stage.mirrorPercentage !== undefined)
    return haveCopiesArrived({ percentage: stage.mirrorPercentage, hasUnmanagedRules, traffic });
  return hasTrafficMoved({
    weight: stage.weight,
    unmanagedShare: s.status.release?.unmanagedShare,
    hasUnmanagedRules,
    traffic,
  });
}

function areRoutesSet(stage: StageStatus, routes: Routes): boolean {
  const { canaryWeight, isUniform, mirror } = routes;
  const isMirrorSet = (mirror?.percentage ?? 0) === (stage.mirrorPercentage ?? 0);
  const areCopiesUniform = mirror === undefined || mirror.isUniform;
  return canaryWeight === stage.weight && isUniform && isMirrorSet && areCopiesUniform;
}

/** Progressing without a stage is a status that Serin never writes. */
function noStage(rule: Rule["name"]): Decision {
  return { kind: "Stall", rule, reason: "ReleaseFailed", message: "the release has no stage" };
}

function whyUnused(s: Situation): string | undefined {
  return unusedSince(s) === undefined
    ? undefined
    : "nobody calls the service; waiting for its first requests";
}
