/** Whether the newest block breaks the hard limit. Judges the canary alone; knows nothing of stages or verdicts. */
import type { MetricLimit } from "../../api/canary-spec.ts";
import { binomialUpperTail } from "./binomial.ts";
import {
  breachProbability,
  grownBreachProbability,
  limitWindowMs,
  ownBreachProbability,
} from "./limits.ts";
import type { Block, Counts } from "./measure.ts";
import { measureCounts, requestsAbove } from "./value.ts";
import { growWindow } from "./window.ts";

/** What a metric's limit means. */
export interface LimitRules {
  readonly limit: MetricLimit;
  /** The quantile that a latency limit speaks of, in (0, 1); ratios ignore it. */
  readonly quantile: number;
  /** Blocks that end before this instant (ms) are not judged: the warm-up of latency limits. 0 judges all. */
  readonly limitAppliesFrom: number;
  /** How many bad requests come together, as told of stable: so many count as one. At least 1; 1 where it is not known. */
  readonly dispersion?: number;
}

/**
 * Breach: beyond the limit, surely, and by bad requests of its own. Holds: enough requests, and not beyond, or not
 * surely. Open: nothing new is known (no canary requests, too few of them, warm-up, or only older requests are bad).
 */
type LimitOutcome = "Breach" | "Holds" | "Open";

/** An outcome and the requests that it was judged on. */
export interface LimitJudgement {
  readonly outcome: LimitOutcome;
  readonly window: Block | undefined;
}

type CertaintyRules = Pick<LimitRules, "limit" | "quantile" | "dispersion">;

const open: LimitJudgement = { outcome: "Open", window: undefined };

/**
 * Judges the newest block. The window grows backwards to `minSamples` canary requests, at most 60 s. A breach needs
 * a value beyond the limit *and* P(X ≥ x | n, share the limit allows) ≤ 0.01, where x is the number of bad requests, or
 * of requests surely slower than the limit, of which a quantile q allows the share 1 − q. Beyond the limit but not
 * surely, the window grows on: few requests a check must not make a fault last that several checks together prove. A grown
 * window must be surer (0.001), since several are looked at.
 *
 * Where 60 s hold too few requests, the newest `minSamples` since the latest judgement (`judgedAt`) are judged, as soon
 * as they are clear: a quiet service is judged seldom, on other requests each time, but it is judged.
 */
export function judgeLimit(
  blocks: readonly Block[],
  rules: LimitRules,
  judgedAt: number | undefined,
): LimitJudgement {
  const newest = blocks.at(-1);
  if (newest === undefined || newest.canary.total <= 0) return open;
  const { minSamples } = rules.limit;
  const endsFrom = rules.limitAppliesFrom;
  const grow = (samples: number) =>
    growWindow(blocks, { minSamples: samples, endsFrom, maxSpanMs: limitWindowMs });
  const recent = grow(minSamples);
  if (recent === undefined) return open;
  if (recent.canary.total >= minSamples)
    return judgeWindow(growUntilClear(recent, grow, rules), newest.canary, rules);
  const since = growWindow(blocks, { minSamples, endsFrom, startsFrom: judgedAt ?? 0 });
  if (since === undefined || since.canary.total < minSamples) return open;
  const judgement = judgeWindow(since, newest.canary, rules);
  // Beyond, but not surely: more requests will tell.
  const isUnsure = judgement.outcome === "Holds" && placeOf(since.canary, rules) === "Beyond";
  return isUnsure ? open : judgement;
}

/** The smallest window that is within the limit or surely beyond it, else the first. */
function growUntilClear(
  first: Block,
  grow: (samples: number) => Block | undefined,
  rules: CertaintyRules,
): Block {
  if (isClear(first, rules, breachProbability)) return first;
  for (let window = first; ; ) {
    const larger = grow(window.canary.total + 1);
    if (larger === undefined || larger.canary.total <= window.canary.total) return first;
    if (isClear(larger, rules, grownBreachProbability)) return larger;
    window = larger;
  }
}

function isClear({ canary }: Block, rules: CertaintyRules, probability: number): boolean {
  return placeOf(canary, rules) !== "Beyond" || chanceOf(canary, rules) <= probability;
}

function judgeWindow(window: Block, newest: Counts, rules: LimitRules): LimitJudgement {
  const place = placeOf(window.canary, rules);
  if (place === "Unknown") return open;
  if (place === "Within" || chanceOf(window.canary, rules) > breachProbability)
    return { outcome: "Holds", window };
  const own = chanceOf(newest, { limit: rules.limit, quantile: rules.quantile });
  return own <= ownBreachProbability ? { outcome: "Breach", window } : open;
}

/**
 * Where the value lies, certain or not. Unknown without requests, and when all that is known of a quantile is that it
 * exceeds the histogram's highest bound and the limit is higher still.
 */
export function placeOf(
  counts: Counts,
  { limit, quantile }: Pick<LimitRules, "limit" | "quantile">,
): "Within" | "Beyond" | "Unknown" {
  const measured = measureCounts(counts, quantile);
  if (measured === undefined) return "Unknown";
  if (measured.isOpen) return measured.value >= limit.max ? "Beyond" : "Unknown";
  return measured.value > limit.max ? "Beyond" : "Within";
}

/** How likely as many bad requests are, or more, at the share that the limit allows. */
function chanceOf(counts: Counts, { limit, quantile, dispersion = 1 }: CertaintyRules): number {
  const allowed = counts.kind === "Ratio" ? limit.max / 100 : 1 - quantile;
  const bad = badRequests(counts, limit.max);
  return binomialUpperTail(bad / dispersion, counts.total / dispersion, allowed);
}

function badRequests(counts: Counts, limit: number): number {
  return counts.kind === "Ratio" ? counts.bad : requestsAbove(counts, limit);
}
