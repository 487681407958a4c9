/** Whether a stage is passed: on evidence, or without, where the spec allows it and then says so. */
import type { StageStatus } from "../../../api/canary-status.ts";
import { fromOptionalInstant } from "../../instant.ts";
import { every, type Guard, met, unmet } from "../guard.ts";
import { isUnusedFor } from "../no-traffic.ts";
import { hasStable } from "../raise-rule.ts";
import { propagationSeconds } from "../rollback-bound.ts";
import type { Situation } from "../situation.ts";
import { splitMismatch } from "../traffic-fit.ts";
import { isExcludedEnough, isUndecided } from "../undecided.ts";
import { isAccepted } from "./spec-rules.ts";
import { hasCapacity, stageLabel, stageOf } from "./stage.ts";

/** The stage may be left for the next one. */
export function isStagePassed(s: Situation): Guard {
  const stage = stageOf(s);
  const stable = hasStable(s);
  if (!stable.holds) return stable;
  if (stage?.passedBy !== undefined) return isPassedByCommand(s, stage);
  if (s.spec?.skipAnalysis === true) return isPassedUnanalysed(s);
  const proven = isPassedProven(s);
  if (proven.holds) return proven;
  const excluded = isPassedExcluded(s);
  if (excluded.holds) return excluded;
  const unused = isPassedUnused(s);
  if (unused.holds) return unused;
  return unmet(proven.because, proven.dueAt ?? unused.dueAt);
}

/** The stage is passed, nothing has proved anything, and nobody has taken that upon them. */
export function isPassedUnproven(s: Situation): boolean {
  if (stageOf(s)?.passedBy !== undefined || !isStagePassed(s).holds) return false;
  return s.spec?.skipAnalysis === true || !(isPassedProven(s).holds || isPassedExcluded(s).holds);
}

/** More traffic than was decided is no evidence on what was decided. */
function fitsWeight(s: Situation, label: string): Guard {
  const mismatch = splitMismatch(s.snapshot);
  return mismatch === undefined ? met("") : unmet(`${label}: ${mismatch}`);
}

/**
 * Routes that are not known pass nothing: their caches are not read yet, a process has just taken over. Once they are
 * known again the stage's clock and evidence go on: its evidence are requests that callers report, whoever routed
 * them; weights found to be others are another rule's, by which a stage begins anew. Would it begin anew here, then each
 * restart of Serin would repeat a stage.
 */
function isPassedProven(s: Situation): Guard {
  const stage = stageOf(s);
  const confirmedAt = fromOptionalInstant(stage?.trafficConfirmedAt);
  const label = stageLabel(s);
  if (stage === undefined || confirmedAt === undefined) return unmet("");
  return every(
    () => isAccepted(s),
    () => fitsWeight(s, label),
    () => hasPassed(s, label),
    () => hasStayed(s, confirmedAt),
    () => met(`${label} is passed`),
  );
}

/** The stage had its time, and the spec is content with what is excluded by then. */
function isPassedExcluded(s: Situation): Guard {
  const { spec } = s;
  if (spec?.analysis.onInconclusive.action !== "PromoteIfExcluded") return unmet("");
  return every(
    () => isAccepted(s),
    () => fitsWeight(s, stageLabel(s)),
    () => isUndecided(spec, s.status, s.checks, s.now),
    () => isFresh(s),
    () => isExcludedEnough(spec, s.checks),
  );
}

function isFresh({ checks }: Situation): Guard {
  const stale = checks.find(({ fresh }) => !fresh);
  return stale === undefined ? met("") : unmet(`${stale.metric}: ${stale.message}`);
}

function hasStayed(s: Situation, sinceMs: number): Guard {
  const minSeconds = s.spec?.stages[stageOf(s)?.index ?? 0]?.minSeconds ?? 0;
  const dueAt = sinceMs + minSeconds * 1000;
  const because = `${stageLabel(s)}: every metric holds its limit; at least ${minSeconds} s in this stage`;
  return s.now >= dueAt ? met("") : unmet(because, dueAt);
}

function hasPassed(s: Situation, label: string): Guard {
  if (s.checks.length === 0) return unmet(`${label}: no metric has been read yet`);
  const open = s.checks.find((check) => check.verdict !== "Pass" || !check.fresh);
  return open === undefined ? met("") : unmet(`${label}: ${open.metric}: ${open.message}`);
}

/** The traffic need not be proven, and nothing measured: somebody takes that upon them. */
function isPassedByCommand(s: Situation, { routedAt }: StageStatus): Guard {
  const routed = fromOptionalInstant(routedAt);
  if (routed === undefined || s.spec === undefined) return unmet("");
  const dueAt = routed + propagationSeconds(s.spec) * 1000;
  return every(
    () => isAccepted(s),
    () =>
      s.now >= dueAt ? met("") : unmet(`${stageLabel(s)}: the routes are taking effect`, dueAt),
    () => met(`${stageLabel(s)} is passed by command`),
  );
}

/** All traffic has been routed to pods that are available, and the mesh has had the time to send it. */
function isPassedUnanalysed(s: Situation): Guard {
  const routedAt = fromOptionalInstant(stageOf(s)?.routedAt);
  if (routedAt === undefined || s.spec === undefined) return unmet("");
  const dueAt = routedAt + propagationSeconds(s.spec) * 1000;
  return every(
    () => isAccepted(s),
    () => hasCapacity(s),
    () => (s.now >= dueAt ? met("") : unmet("skipping the analysis", dueAt)),
    () => met("is passed without analysis (skipAnalysis)"),
  );
}

/** Nobody has called either version since the stage's weight was routed, for as long as the spec asks for. */
function isPassedUnused(s: Situation): Guard {
  const routedAt = fromOptionalInstant(stageOf(s)?.routedAt);
  if (routedAt === undefined) return unmet("");
  return every(
    () => isAccepted(s),
    () => hasCapacity(s),
    () => hasStayed(s, routedAt),
    () => isUnusedFor(s, routedAt),
  );
}
