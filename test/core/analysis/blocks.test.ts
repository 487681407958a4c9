import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendBlock, joinBlocks } from "../../../src/core/analysis/blocks.ts";
import { limitWindowMs, maxBlocks } from "../../../src/core/analysis/limits.ts";
import type { Block } from "../../../src/core/analysis/measure.ts";
import { blocksUntil, ratio } from "../../support/analysis.ts";

const blockOf = (index: number, spanMs: number): Block => ({
  startAt: index * spanMs,
  endAt: (index + 1) * spanMs,
  canary: ratio(1 + index, 1),
  stable: ratio(9),
});

function append(count: number, spanMs: number): readonly Block[] {
  let blocks: readonly Block[] = [];
  for (let index = 0; index < count; index += 1) {
    blocks = appendBlock(blocks, blockOf(index, spanMs));
  }
  return blocks;
}

describe("the list of blocks", () => {
  it("keeps each block as it was read up to its bound", () => {
    const blocks = append(maxBlocks, 15_000);
    expect(blocks).toEqual(Array.from({ length: maxBlocks }, (_, index) => blockOf(index, 15_000)));
  });

  it("merges the oldest beyond it", () => {
    const blocks = append(maxBlocks + 1, 15_000);
    expect(blocks).toHaveLength(maxBlocks);
    expect(blocks[0]).toEqual(joinBlocks(blockOf(0, 15_000), blockOf(1, 15_000)));
  });

  it.each([1000, 2000, 15_000, 300_000])(
    "stays in order, loses no request and leaves the last minute alone, blocks of %d ms",
    (spanMs) => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 500 }), (count) => {
          const blocks = append(count, spanMs);
          expect(blocks.length).toBe(Math.min(count, maxBlocks));
          const canary = blocks.reduce((sum, block) => sum + block.canary.total, 0);
          expect(canary).toBe((count * (count + 1)) / 2);
          for (const [index, block] of blocks.entries()) {
            expect(block.startAt).toBe(index === 0 ? 0 : blocks[index - 1]?.endAt);
            const isRecent = block.startAt >= count * spanMs - limitWindowMs;
            expect(isRecent && block.endAt - block.startAt !== spanMs).toBe(false);
          }
        }),
        { numRuns: 20 },
      );
    },
  );

  it("merges evenly, so that evidence of a long stage keeps its beginning", () => {
    const blocks = append(1000, 1000);
    const oldSpans = blocks.slice(0, 3).map(({ startAt, endAt }) => endAt - startAt);
    expect(Math.max(...oldSpans)).toBeLessThan(700_000);
  });
});

describe("two blocks as one", () => {
  it("span both and hold the requests of both", () => {
    const [first, second] = blocksUntil(30_000, [
      [ratio(1, 1), ratio(9)],
      [ratio(2), ratio(8, 1)],
    ]);
    expect(first && second && joinBlocks(first, second)).toEqual({
      startAt: 0,
      endAt: 30_000,
      canary: ratio(3, 1),
      stable: ratio(17, 1),
    });
  });
});
