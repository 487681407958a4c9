import { expect, it } from "vitest";
import { runSeed } from "./run-seed.ts";

const perTest = 30;
const firstSeeds = Array.from({ length: 10 }, (_, index) => index * perTest);

it.each(firstSeeds)(
  "keeps every promise in the worlds of thirty seeds from %i on",
  async (first) => {
    for (let seed = first; seed < first + perTest; seed += 1) {
      const { violations, scenario } = await runSeed(seed);
      expect(violations, `seed ${seed}: ${JSON.stringify(scenario)}`).toEqual([]);
    }
  },
  30_000,
);

it("gives the same world for the same seed", async () => {
  expect(await runSeed(7)).toEqual(await runSeed(7));
});
