/** Rules about weights that somebody else lowered: a person pauses the release, a tool is repaired until it is too much. */
import type { CanaryStatus, DriftStatus } from "../../../api/canary-status.ts";
import { toInstant } from "../../instant.ts";
import { clip } from "../clip.ts";
import { assessLowered, contestOf, handsWeight } from "../drift.ts";
import { met, unmet } from "../guard.ts";
import { hint } from "../hint.ts";
import { nextStatus } from "../next-status.ts";
import { type Notice, occurrence, stableFacts } from "../notices.ts";
import { isInStage, stagePhases } from "../phases.ts";
import type { Situation } from "../situation.ts";
import { enterStage, isMirror } from "../stages.ts";
import { waitingStatus } from "../wait.ts";
import type { Rule } from "./rule.ts";
import { stageOf } from "./stage.ts";

const noteDrift: Rule = {
  name: "noteDrift",
  doc: "A GitOps tool lowered the weights, or took the copies away: it is counted before they are set again, and too many times stop the release at weight 0.",
  from: stagePhases,
  leadsTo: ["Waiting"],
  isAwaited: false,
  when: (s) => (assessLowered(s) === undefined ? unmet("") : met("")),
  decide: (s, message) => {
    const drift = assessLowered(s);
    if (drift === undefined)
      return { kind: "Stall", rule: "noteDrift", reason: "RoutesContested", message };
    return { kind: "Transition", rule: "noteDrift", status: drifted(s, drift) };
  },
};

const pauseByHand: Rule = {
  name: "pauseByHand",
  doc: "A person lowered the weights, or took the copies away: the release waits like that until somebody resumes it.",
  from: stagePhases,
  leadsTo: ["Waiting"],
  isAwaited: false,
  when: (s) => {
    const weight = handsWeight(s);
    if (weight === undefined || s.spec === undefined) return unmet("");
    const { routes } = s.snapshot;
    const who = routes.kind === "Known" ? routes.value.writer.manager : "somebody";
    const what = isMirror(stageOf(s))
      ? `${who} took the copies of requests away; none are sent`
      : `${who} set the new version's weight to ${weight} %; it stays there`;
    return met(`${what} until: ${hint(s, "resume")}`);
  },
  decide: (s, message) => {
    const weight = handsWeight(s);
    if (weight === undefined)
      return { kind: "Stall", rule: "pauseByHand", reason: "ReleaseFailed", message };
    const status = keptAt(s, weight);
    return {
      kind: "Transition",
      rule: "pauseByHand",
      status: waitingStatus(s, status, "PausedByHand", message),
    };
  },
};

/** In the order of the table. */
export const driftRules: readonly Rule[] = [noteDrift, pauseByHand];

/** Status with the stage to be entered again from this weight: from nothing the release begins anew. */
function keptAt(s: Situation, weight: number): CanaryStatus {
  const { release } = s.status;
  if (release?.stage === undefined || s.spec === undefined)
    return { ...s.status, canaryWeight: weight };
  const index = weight === 0 ? 0 : release.stage.index;
  const { approvedAt } = release.stage;
  const stage = {
    ...enterStage(s.spec.stages, index, s.now),
    raisedFrom: weight,
    // What was approved stays so, unless the release begins anew.
    ...(approvedAt !== undefined && index === release.stage.index && { approvedAt }),
  };
  return {
    ...s.status,
    canaryWeight: weight,
    observedWeight: weight,
    release: { ...release, stage },
  };
}

/** Whoever changed weights must find out why they are not what they wrote. */
function repairedNotice(s: Situation, { manager }: DriftStatus): Notice {
  const { routes } = s.snapshot;
  const wanted = s.status.canaryWeight ?? 100;
  const seen = routes.kind === "Known" ? routes.value.canaryWeight : wanted;
  const change = `${manager} gave the target ${Math.round(seen)} % of the traffic where the release has ${wanted} %`;
  const repair = seen > wanted ? "it is lowered again" : "it is raised again after a fresh check";
  return {
    reason: "WeightsRepaired",
    message: `${change}; ${repair}`,
    facts: { ...stableFacts(s), weight: String(wanted) },
    part: occurrence(s),
  };
}

function resting({ status }: Situation): string {
  return status.message ?? "";
}

/** Status with a drift that is counted; a release whose weights are contested waits at weight 0. */
export function drifted(s: Situation, drift: DriftStatus): CanaryStatus {
  const noted = { ...s.status, drift };
  if (drift.isContested !== true)
    return nextStatus(s, noted, resting(s), [repairedNotice(s, drift)]);
  if (!isInStage(s.status)) return nextStatus(s, noted, resting(s));
  const waiting = { reason: "RoutesContested" as const, since: toInstant(s.now) };
  const because = contestOf({ ...noted, phase: "Waiting", waiting: { ...waiting, message: "" } });
  const message = clip(`${because ?? ""}; then go on with: ${hint(s, "resume")}`);
  return nextStatus(
    s,
    { ...keptAt(s, 0), drift, phase: "Waiting", waiting: { ...waiting, message } },
    message,
  );
}
