/** Which blocks a judgement looks at: the newest ones, growing backwards until there are enough requests. */
import { joinBlocks } from "./blocks.ts";
import type { Block } from "./measure.ts";

/** How far a window grows. Instants in ms. */
export interface WindowRules {
  /** It stops growing once the canary has this many requests. */
  readonly minSamples: number;
  /** Blocks that start before are left out; undefined: none is. */
  readonly startsFrom?: number;
  /** Blocks that end before are left out; undefined: none is. */
  readonly endsFrom?: number;
  /** Longest span, ms; the newest block is taken whatever it spans. */
  readonly maxSpanMs?: number;
}

/** The blocks taken together, or undefined if not even the newest may be taken. */
export function growWindow(blocks: readonly Block[], rules: WindowRules): Block | undefined {
  let window: Block | undefined;
  for (const block of blocks.toReversed()) {
    if (window !== undefined && window.canary.total >= rules.minSamples) break;
    if (!mayTake(block, window, rules)) break;
    window = window === undefined ? block : joinBlocks(block, window);
  }
  return window;
}

function mayTake(block: Block, window: Block | undefined, rules: WindowRules): boolean {
  const { startsFrom = -Infinity, endsFrom = -Infinity, maxSpanMs = Infinity } = rules;
  if (block.startAt < startsFrom || block.endAt < endsFrom) return false;
  return window === undefined || window.endAt - block.startAt <= maxSpanMs;
}
