/** Nothing is released beside a stable version that is beyond a limit itself: nobody could tell who does the harm. */
import { wordNumber } from "../analysis/wording.ts";
import { isBeforeFirstWeight } from "./first-weight.ts";
import { type Guard, met, unmet } from "./guard.ts";
import { judgedMetrics } from "./retreat.ts";
import type { Situation } from "./situation.ts";

/**
 * Asked before the first weight alone: stable was beyond no limit in a check of the last `warmupSeconds` (two samples, where
 * those take longer). Measuring begins with the release; without requests to stable nothing speaks against the start.
 * A named person's command is not held.
 */
export function mayBeginBesideStable(s: Situation): Guard {
  // A retreat ends when stable has been within its limits for long enough: it asks for itself.
  if (!isBeforeFirstWeight(s) || s.status.release?.retreat !== undefined) return met("");
  const beyond = judgedMetrics(s).find(({ facts }) =>
    isBeyond(s, facts.state.stable.breachEndAt, facts.scrapeSeconds),
  );
  return beyond === undefined
    ? met("stable holds its limits")
    : unmet(
        `not started: stable itself is beyond the limit of ${beyond.facts.name}, ${wordNumber(beyond.limit.max)} ${beyond.facts.unit}; the release begins once it holds it again`,
      );
}

function isBeyond(s: Situation, breachEndAt: number | undefined, scrapeSeconds: number): boolean {
  const { warmupSeconds = 0, intervalSeconds = 0 } = s.spec?.analysis ?? {};
  const seconds = Math.max(warmupSeconds, 2 * Math.max(intervalSeconds, scrapeSeconds));
  return breachEndAt !== undefined && s.now - breachEndAt < 1000 * seconds;
}
