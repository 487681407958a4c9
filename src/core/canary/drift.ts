/**
 * What others did to the weights and replicas that Serin has set: who lowered them, who changes them again and again.
 * Judges no version, and writes nothing.
 */
import type { CanaryStatus, DriftStatus } from "../../api/canary-status.ts";
import { fromInstant, fromOptionalInstant, toInstant } from "../instant.ts";
import { contestedRefreshMs, contestedWithinMs, maxRepairs } from "../limits.ts";
import { isInStage } from "./phases.ts";
import type { Situation } from "./situation.ts";
import type { Routes } from "./snapshot.ts";
import { wantedMirror } from "./stages.ts";

/** Percent that the routes carried for the release when Serin last saw them as they must be. */
function carriedWeight({ status, spec }: Situation): number {
  const stage = status.release?.stage;
  if (stage === undefined) return 0;
  if (stage.shiftedAt === undefined || stage.routedAt !== undefined)
    return status.canaryWeight ?? 0;
  const before = spec?.stages.slice(0, stage.index).map(({ weight }) => weight ?? 0) ?? [];
  return stage.raisedFrom ?? Math.max(0, ...before);
}

/** Percent of the requests that the routes copied when Serin last saw them as they must be. */
function carriedCopies({ status }: Situation): number {
  return status.release?.stage?.routedAt === undefined ? 0 : wantedMirror(status);
}

/** The routes of a release in a stage carry less than they did, or copy less: by whom, and how much; undefined if they do not. */
function lowered(s: Situation): Routes | undefined {
  const { routes } = s.snapshot;
  if (routes.kind !== "Known" || !isInStage(s.status)) return undefined;
  const { canaryWeight, mirror } = routes.value;
  const isLess = canaryWeight < carriedWeight(s) || (mirror?.percentage ?? 0) < carriedCopies(s);
  return isLess ? routes.value : undefined;
}

/** Percent to which a person has lowered the release; undefined where nobody has. */
export function handsWeight(s: Situation): number | undefined {
  const routes = lowered(s);
  return routes?.writer.kind === "Hand" ? Math.floor(routes.canaryWeight) : undefined;
}

/** The count with a drift that is about to be repaired; undefined where there is none, or it is counted already. */
export function assessRepair(s: Situation): DriftStatus | undefined {
  const { routes } = s.snapshot;
  if (routes.kind !== "Known" || !isForeign(routes.value) || !isSettled(s)) return undefined;
  const seen = Object.values(routes.value.resourceVersions).join(",").slice(0, 253);
  if (isCounted(s, seen)) return undefined;
  return { ...counted(s), ...namedIn(routes.value), seen };
}

/** Each version of the routes once; while they are contested anyway, one a minute. */
function isCounted({ status: { drift }, now }: Situation, seen: string): boolean {
  if (drift === undefined) return false;
  if (drift.seen === seen) return true;
  const latest = fromOptionalInstant(drift.repairedAt.at(-1)) ?? 0;
  return drift.isContested === true && now < latest + contestedRefreshMs;
}

function counted({
  status: { drift },
  now,
}: Situation): Pick<DriftStatus, "repairedAt" | "isContested"> {
  const repairedAt = [...(drift?.repairedAt ?? []), toInstant(now)].slice(-maxRepairs);
  const isContested = drift?.isContested === true || isTooMany(repairedAt, now);
  return { repairedAt, ...(isContested && { isContested }) };
}

function namedIn({ writer }: Routes): Pick<DriftStatus, "manager" | "advice"> {
  const { manager, advice } = writer;
  return {
    manager: manager.slice(0, 253),
    ...(advice !== undefined && { advice: advice.slice(0, 512) }),
  };
}

function isForeign({ writer }: Routes): boolean {
  return writer.kind === "GitOps" || writer.kind === "Hand";
}

/** Weights that Serin itself has yet to write are no drift. */
function isSettled({ status: { phase, drain }, snapshot }: Situation): boolean {
  if (snapshot.deletion.isAsked || phase === undefined || phase === "Initializing") return false;
  return drain === undefined || drain.routedAt !== undefined;
}

function isTooMany(repairedAt: readonly string[], now: number): boolean {
  const [first] = repairedAt;
  if (first === undefined || repairedAt.length < maxRepairs) return false;
  return now - fromInstant(first) <= contestedWithinMs;
}

/** The drift of a release that a tool has lowered; undefined where there is none to count. */
export function assessLowered(s: Situation): DriftStatus | undefined {
  return lowered(s)?.writer.kind === "GitOps" ? assessRepair(s) : undefined;
}

/** What people read of weights that are contested; undefined while they are not, and once a release was resumed. */
export function contestOf({ drift, phase, waiting }: CanaryStatus): string | undefined {
  if (drift?.isContested !== true) return undefined;
  const isOver = isInStage({ phase }) && waiting?.reason !== "RoutesContested";
  if (isOver || phase === "Promoting" || phase === "Terminating") return undefined;
  const advice = drift.advice === undefined ? "" : `: ${drift.advice}`;
  return `${drift.manager} has changed the weights ${maxRepairs} times in ${contestedWithinMs / 60_000} min; let it leave them alone${advice}`;
}

/** Whoever lets a contested release go on says that it is mended: the next change within the time contests it again. */
export function forgiveDrift({ drift }: CanaryStatus): Pick<CanaryStatus, "drift"> {
  if (drift === undefined) return {};
  const { isContested: _, ...counted } = drift;
  return { drift: counted };
}

/** Serin has given up to keep the idle target without pods. */
export function isReplicasContested({ status: { idleReplicas, release } }: Situation): boolean {
  return idleReplicas?.isContested === true && idleReplicas.release === (release?.id ?? "");
}
