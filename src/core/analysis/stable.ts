/**
 * Whether stable itself holds the limits that the canary is held to: an incident that both share is no evidence against
 * the canary, and nothing is released beside a stable version that is beyond a limit. Judges no canary.
 */
import type { MetricLimit } from "../../api/canary-spec.ts";
import type { MetricFacts } from "../canary/snapshot.ts";
import { joinBlocks } from "./blocks.ts";
import { judgeLimit, type LimitRules, placeOf } from "./limit.ts";
import { sharedChecks } from "./limits.ts";
import type { Block } from "./measure.ts";
import type { MetricState, StableRun } from "./metric-state.ts";

/** Nothing judged yet. */
export const emptyStableRun: StableRun = {
  breaches: 0,
  breachEndAt: undefined,
  judgedAt: undefined,
};

/** Takes the newest block into what is known of stable: the same limit and the same certainty as the canary's, no warm-up. */
export function advanceStable(
  run: StableRun,
  blocks: readonly Block[],
  rules: Omit<LimitRules, "limitAppliesFrom">,
): StableRun {
  const newest = blocks.at(-1);
  if (newest === undefined) return run;
  const swapped = blocks.map((block) => ({ ...block, canary: block.stable, stable: block.canary }));
  const { outcome } = judgeLimit(swapped, { ...rules, limitAppliesFrom: 0 }, run.judgedAt);
  switch (outcome) {
    case "Breach":
      return {
        breaches: run.breaches + 1,
        breachEndAt: newest.endAt,
        judgedAt: newest.endAt,
      };
    case "Holds":
      return { ...run, breaches: 0, judgedAt: newest.endAt };
    case "Open":
      return run;
  }
}

/**
 * True when canary and stable are beyond the limit together: the canary in its two latest judged checks (in one, where one
 * fails a release), stable in its latest, since its pods may be scraped later; and that is no older than `maxAgeMs` before the newest block. Of stable's requests alone nothing else
 * is asked: how much worse the canary is, is the comparison's to say.
 */
export function isBreachShared(
  { breaches, stable, blocks }: MetricState,
  limit: MetricLimit,
  maxAgeMs: number,
): boolean {
  const least = Math.min(sharedChecks, limit.consecutive);
  const newestAt = blocks.at(-1)?.endAt;
  if (breaches < least || stable.breaches < 1) return false;
  if (newestAt === undefined || stable.judgedAt === undefined) return false;
  return newestAt - stable.judgedAt <= maxAgeMs;
}

/** The latest unbroken time in which stable held its limit, check by check. Instants in ms. */
export interface StableHealth {
  readonly since: number;
  readonly until: number;
  /** Checks in it, each of at least `minSamples` requests of its own. */
  readonly checks: number;
}

/**
 * Stable's latest healthy time among the blocks that start at or after `fromMs`; undefined if its newest check is beyond
 * the limit, or none has enough requests. A check is as many blocks as it takes to have `minSamples` stable requests.
 */
export function stableHealth(
  { state, quantile }: Pick<MetricFacts, "state" | "quantile">,
  limit: MetricLimit,
  fromMs: number,
): StableHealth | undefined {
  let health: StableHealth | undefined;
  let check: Block | undefined;
  for (const block of state.blocks) {
    if (block.startAt < fromMs) continue;
    check = check === undefined ? block : joinBlocks(check, block);
    if (check.stable.total < limit.minSamples) continue;
    health =
      placeOf(check.stable, { limit, quantile }) === "Within" ? extend(health, check) : undefined;
    check = undefined;
  }
  return health;
}

function extend(health: StableHealth | undefined, { startAt, endAt }: Block): StableHealth {
  if (health === undefined) return { since: startAt, until: endAt, checks: 1 };
  return { since: health.since, until: endAt, checks: health.checks + 1 };
}
