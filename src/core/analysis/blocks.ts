/** The list of blocks of one metric: takes in a new one and stays bounded without losing evidence. */
import { addCounts } from "./counts.ts";
import { limitWindowMs, maxBlocks } from "./limits.ts";
import type { Block } from "./measure.ts";

/**
 * Adds a block at the end. Beyond `maxBlocks` two neighbours become one: the two that span least time together among
 * those that the window of a limit no longer reaches, so that newest blocks stay as they were read.
 */
export function appendBlock(blocks: readonly Block[], block: Block): readonly Block[] {
  const all = [...blocks, block];
  return all.length <= maxBlocks ? all : mergeAt(all, indexToMerge(all, block.endAt));
}

function indexToMerge(blocks: readonly Block[], now: number): number {
  let best = 0;
  let shortest = Number.POSITIVE_INFINITY;
  for (const [index, first] of blocks.entries()) {
    const second = blocks[index + 1];
    if (second === undefined || second.endAt > now - limitWindowMs) break;
    const span = second.endAt - first.startAt;
    if (span < shortest) [best, shortest] = [index, span];
  }
  return best;
}

function mergeAt(blocks: readonly Block[], index: number): readonly Block[] {
  const [first, second] = [blocks[index], blocks[index + 1]];
  if (first === undefined || second === undefined) return blocks;
  return [...blocks.slice(0, index), joinBlocks(first, second), ...blocks.slice(index + 2)];
}

/** Two blocks, the earlier first, as one. */
export function joinBlocks(first: Block, second: Block): Block {
  return {
    startAt: Math.min(first.startAt, second.startAt),
    endAt: second.endAt,
    canary: addCounts(first.canary, second.canary),
    stable: addCounts(first.stable, second.stable),
  };
}
