/**
 * The raise rule: no pass puts more traffic on the canary than it finds there before every metric has given a
 * fresh check that is not Fail, NoData or Error. It makes a crash between two writes of a rollback safe.
 */

import type { StageStatus } from "../../api/canary-status.ts";
import type { Check } from "../analysis/check.ts";
import { fromOptionalInstant } from "../instant.ts";
import { type Guard, met, unmet } from "./guard.ts";
import { isWholePrimary } from "./half-promoted.ts";
import { isUnusedFor } from "./no-traffic.ts";
import type { Situation } from "./situation.ts";

/** Whether the canary's weight may be raised now: on evidence, on a named person's word, or as the spec asks. */
export function mayRaiseNow(s: Situation): Guard {
  const stable = hasStable(s);
  if (!stable.holds) return stable;
  if (isRaiseByCommand(s)) return met("somebody asked for it by command");
  if (s.spec?.skipAnalysis === true) return met("the spec asks for no analysis");
  const proven = mayRaise(s.checks, foundLoweredAt(s));
  if (proven.holds) return proven;
  const unused = isUnusedFor(s, fromOptionalInstant(s.status.release?.startedAt) ?? s.now);
  return unused.holds ? unused : unmet(proven.because, unused.dueAt);
}

/** There is something to compare with, to go back to, and to promote to: else whatever is raised cannot be taken back. */
export function hasStable({ snapshot }: Situation): Guard {
  const { primary } = snapshot;
  return primary.kind === "Known" ? isWholePrimary(snapshot) : unmet(primary.because);
}

/** Of a stage that a command entered: what the routes carried when its weight was decided. */
export function raisedFrom({ status, snapshot }: Situation): Pick<StageStatus, "raisedFrom"> {
  const { routes } = snapshot;
  return status.release?.stage?.byCommand === undefined || routes.kind !== "Known"
    ? {}
    : { raisedFrom: Math.round(routes.value.canaryWeight) };
}

/**
 * Only the first raise of the stage that the command entered, and only from the weight that the routes had then: where
 * they have less, a rollback may have written them and died.
 */
function isRaiseByCommand({ status, snapshot: { routes } }: Situation): boolean {
  const stage = status.release?.stage;
  if (stage?.byCommand === undefined || stage.routedAt !== undefined) return false;
  const from = stage.raisedFrom ?? status.canaryWeight;
  return (
    routes.kind === "Known" && from !== undefined && Math.round(routes.value.canaryWeight) === from
  );
}

/** When (ms) the routes were last found to carry what they must not; whoever lowered them may know why. */
function foundLoweredAt({ status }: Situation): number {
  return fromOptionalInstant(status.drift?.repairedAt.at(-1)) ?? Number.NEGATIVE_INFINITY;
}

/** Whether the canary's weight may be raised on what the metrics say now, by checks made since `sinceMs`. */
export function mayRaise(
  checks: readonly Check[],
  sinceMs: number = Number.NEGATIVE_INFINITY,
): Guard {
  if (checks.length === 0) return unmet("no metric has been read yet");
  const blocking = checks.find((check) => !check.fresh || !isHarmless(check));
  if (blocking !== undefined) return unmet(`${blocking.metric}: ${blocking.message}`);
  const early = checks.find(({ at }) => at === undefined || at < sinceMs);
  return early === undefined
    ? met("every metric has a fresh check")
    : unmet(`${early.metric}: waiting for a check made since the routes were changed by others`);
}

/** What is five times as likely as without a difference is no ground for more traffic, also after a stage was passed. */
function isHarmless({ verdict, isSuspected }: Check): boolean {
  return (verdict === "Pass" || verdict === "Inconclusive") && isSuspected !== true;
}
