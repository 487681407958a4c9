/**
 * Whether requests go to the canary as its weight says: far more, because something else sends them, or next to none,
 * because nobody answers them. Judges by chance alone, so that a quiet canary is not taken for either.
 */
import type { MetricFacts } from "../canary/snapshot.ts";
import { binomialUpperTail } from "./binomial.ts";
import { breachProbability, grownBreachProbability, limitWindowMs } from "./limits.ts";
import type { Block } from "./measure.ts";
import { logSplitEvidence } from "./sequential/sample-ratio.ts";
import { growWindow } from "./window.ts";

/** What was to be seen. */
export interface Split {
  /** Weight set, percent. */
  readonly weight: number;
  /** Share (0 to 1) of requests that routes outside management send to stable. */
  readonly unmanagedShare: number;
  /** Only blocks that start at or after this instant (ms) count. */
  readonly fromMs: number;
}

/** What was seen instead. */
export interface SplitSeen {
  /** The canary's share, 0 to 1. */
  readonly share: number;
  readonly requests: number;
}

/** Blocks that must show nobody answering. */
const silentBlocks = 2;

/**
 * More than 1.5 × weight + 2 points of the requests of the last minute, surely: P(X ≥ x | n, that share) ≤ 0.01. Routes
 * outside management that send to stable only lower the share.
 */
export function seesTooMany(metrics: readonly MetricFacts[], split: Split): SplitSeen | undefined {
  const most = Math.min(1, (1.5 * split.weight + 2) / 100);
  return firstOf(metrics, ({ state }) => {
    const window = growWindow(state.blocks, {
      minSamples: Number.POSITIVE_INFINITY,
      maxSpanMs: limitWindowMs,
      startsFrom: split.fromMs,
    });
    if (window === undefined) return undefined;
    const seen = seenIn(window);
    const chance = binomialUpperTail(window.canary.total, seen.requests, most);
    return seen.share > most && chance <= breachProbability ? seen : undefined;
  });
}

/** ln of the evidence at which a split is not what was set: wrong with probability at most 0.001 over all looks at it. */
const unlikeEvidence = Math.log(1000);

/**
 * Requests since `fromMs`, all of them, divided otherwise than the weight says, by more than a quarter either way: too little to be
 * seen in a minute, and enough that versions with unlike traffic would be compared.
 */
export function seesUnlikeSplit(
  metrics: readonly MetricFacts[],
  { weight, unmanagedShare, fromMs }: Split,
): SplitSeen | undefined {
  return firstOf(metrics, ({ state }) => {
    let [canary, stable] = [0, 0];
    for (const block of state.blocks) {
      if (block.startAt < fromMs) continue;
      canary += block.canary.total;
      stable += block.stable.total;
    }
    const evidence = logSplitEvidence({ weight, unmanagedShare, canary, stable });
    return evidence < unlikeEvidence
      ? undefined
      : { share: canary / (canary + stable), requests: canary + stable };
  });
}

/**
 * Less than a tenth of the expected requests over the newest blocks, two at least, while stable's go on in each:
 * P(X ≤ x | n, a tenth of the expected share) ≤ 0.001. At the full expected share that is wrong with less than 1e-9 per
 * look. As few blocks are taken as suffice; a canary that gets one request a minute is judged after as long as it takes.
 */
export function seesNobodyAnswer(
  metrics: readonly MetricFacts[],
  split: Split,
): SplitSeen | undefined {
  const least = (split.weight / 1000) * (1 - split.unmanagedShare);
  return firstOf(metrics, ({ state }) => {
    const blocks = state.blocks.filter(({ startAt }) => startAt >= split.fromMs).toReversed();
    const counts = { canary: 0, requests: 0 };
    for (const [index, block] of blocks.entries()) {
      const { canary, stable } = block;
      const total = canary.total + stable.total;
      if (isAfterHole(block, blocks[index + 1])) return undefined;
      if (stable.total <= 0 || canary.total >= least * total) return undefined;
      counts.canary += canary.total;
      counts.requests += total;
      if (index + 1 < silentBlocks) continue;
      if (chanceOfFewer(counts, least) <= grownBreachProbability)
        return { share: counts.canary / counts.requests, requests: counts.requests };
    }
    return undefined;
  });
}

/**
 * Neither version was heard before the block, though at its rate they would have been: nothing was scraped, and it may have
 * heard some pods and not yet the others.
 */
function isAfterHole(
  { startAt, endAt, canary, stable }: Block,
  before: Block | undefined,
): boolean {
  const hole = before === undefined ? 0 : startAt - before.endAt;
  const rate = (canary.total + stable.total) / Math.max(1, endAt - startAt);
  return Math.exp(-rate * hole) <= grownBreachProbability;
}

/** P(X ≤ x | n, p), as the upper tail of those that went elsewhere. */
function chanceOfFewer(
  { canary, requests }: { readonly canary: number; readonly requests: number },
  share: number,
): number {
  return binomialUpperTail(Math.round(requests) - Math.round(canary), requests, 1 - share);
}

function seenIn({ canary, stable }: Block): SplitSeen {
  const requests = canary.total + stable.total;
  return { share: requests > 0 ? canary.total / requests : 0, requests };
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
