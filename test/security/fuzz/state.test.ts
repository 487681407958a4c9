/** State that comes back from status and annotations: truncated, of another version, written by hand. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCommands } from "../../../src/adapters/kubernetes/cluster/read-commands.ts";
import { ComparisonState } from "../../../src/api/canary-status.ts";
import { LastCommand } from "../../../src/api/commands.ts";
import {
  addToComparison,
  logEvidenceAgainst,
  logEvidenceFor,
  newComparison,
} from "../../../src/core/analysis/sequential/comparison.ts";
import {
  loadComparison,
  type SavedComparison,
  saveComparison,
} from "../../../src/core/analysis/sequential/saved-comparison.ts";
import { fromInstant, fromOptionalInstant, toInstant } from "../../../src/core/instant.ts";
import { errorBlock, errorRules } from "../../support/comparing.ts";
import { anyJson, damagedText } from "../../support/hostile.ts";
import { createSeededRandom } from "../../support/seeded-random.ts";

/** As status has it after some blocks. */
function savedAfter(blocks: number): SavedComparison {
  const random = createSeededRandom(7);
  let comparison = newComparison("Ratio");
  for (let block = 0; block < blocks; block += 1)
    comparison = addToComparison(
      comparison,
      errorBlock(random, { canary: 0.01, stable: 0.002 }),
      errorRules,
    );
  return saveComparison(comparison);
}
const saved = savedAfter(5);
const [test] = saved.tests;
const fields = ["rollback", "promotion", "noise", "pods"] as const;
const whole = { rollback: "", promotion: "", noise: "", pods: "", ...test };
const oddNumber = fc.constantFrom(
  "Infinity",
  "-Infinity",
  "1e308",
  "-1e308",
  "-1",
  "0",
  "1e-320",
  "0x1f",
);
const oneDamaged = fc.constantFrom(...fields).chain((field) => {
  const numbers = whole[field].split(" ");
  const oneOdd = fc
    .tuple(fc.nat(numbers.length - 1), oddNumber)
    .map(([at, odd]) => numbers.with(at, odd).join(" "));
  return fc
    .oneof(damagedText(whole[field]), oneOdd)
    .map((text) => ({ tests: [{ ...whole, [field]: text }] }));
});
const foreign = fc.record(
  {
    tests: fc.array(
      fc.record({
        rollback: fc.string(),
        promotion: fc.string(),
        noise: fc.string(),
        pods: fc.string(),
      }),
      { maxLength: 3 },
    ),
    history: fc.oneof(fc.string(), damagedText("100 5 50 10 80")),
  },
  { requiredKeys: ["tests"] },
);

describe("a comparison that was saved", () => {
  it("is read, or counts as none, and what is read can be written and read again to the same", () => {
    fc.assert(
      fc.property(fc.oneof(oneDamaged, foreign), (state) => {
        const loaded = loadComparison(state);
        const again = loaded === undefined ? undefined : loadComparison(saveComparison(loaded));
        expect(again).toEqual(loaded);
      }),
      { numRuns: 400 },
    );
  });

  it("gives evidence that is a number, never more than what it was written with allows, block after block", () => {
    fc.assert(
      fc.property(oneDamaged, (state) => {
        const loaded = loadComparison(state) ?? newComparison("Ratio");
        const block = errorBlock(createSeededRandom(1), { canary: 0.3, stable: 0.001 });
        const next = addToComparison(loaded, block, errorRules);
        // NaN is less than every threshold, and more: it must not get in.
        for (const evidence of [logEvidenceAgainst(next), logEvidenceFor(next, 0.005)])
          expect(evidence).not.toBeNaN();
      }),
      { numRuns: 600 },
    );
  });

  it("survives JSON whole, minus infinity too", () => {
    const state = { ...saved, of: "r-1" };
    expect(ComparisonState.parse(JSON.parse(JSON.stringify(state)))).toEqual(state);
    expect(loadComparison(JSON.parse(JSON.stringify(saved)))).toEqual(loadComparison(saved));
  });
});

describe("an instant", () => {
  it("is one, or the epoch: never NaN, and always one that can be written again", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.date().map(String), fc.double().map(String)), (text) => {
        const ms = fromInstant(text);
        expect(fromInstant(toInstant(ms))).toBe(ms);
        expect(fromOptionalInstant(text)).toBe(ms);
      }),
    );
  });
});

describe("a command by annotation", () => {
  const command = '{"id":"a-1","action":"promote","by":"jane","reason":"urgent"}';

  it("is readable within its bounds, or says what to write instead under an id of its own", () => {
    fc.assert(
      fc.property(fc.oneof(damagedText(command), anyJson), anyJson, (text, abort) => {
        const read = readCommands({ "serin.dev/command": text, "serin.dev/abort": abort });
        expect(typeof read.abort).toBe(typeof abort === "string" ? "string" : "undefined");
        const { command: asked } = read;
        const bounded =
          asked?.kind === "Readable"
            ? LastCommand.shape.id.safeParse(asked.id).success &&
              asked.reason.length <= 512 &&
              asked.by.length <= 128
            : asked === undefined ||
              (asked.id.length <= 64 && asked.because.includes("serin.dev/command"));
        expect(bounded).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
