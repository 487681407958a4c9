/** What every life of a release promises, whoever dies in it: the same end, no blind raise, and pods for every request. */
import { afterEach, describe, expect, it } from "vitest";
import { endOf, type Life, liveOn, liveUndisturbed } from "./killed-life.ts";
import { expectRaisesOnEvidence, type Run } from "./release-run.ts";

/** Deaths drawn over each life: the whole of them costs minutes, and what they find is nearly always the same. */
const deathsPerLife = 3;

export async function describeLives(lives: readonly Life[]): Promise<void> {
  for (const life of lives) {
    const lived = await liveUndisturbed(life, deathsPerLife).catch((cause: unknown) => {
      throw new Error(`a release ${life.name}`, { cause });
    });
    const { deaths, end: expected, run: undisturbed } = lived;
    describe(`a release ${life.name}`, () => {
      let run: Run | undefined;
      afterEach(() => run?.world.close());

      it("ends as it must when nobody dies", () => {
        expect(expected).toMatchObject(life.ends);
        expectAnswers(life, undisturbed);
      });

      it.each(deaths)("ends the same after $kind of write $index, $name", async (death) => {
        run = await liveOn(life, death);
        expect(run.processes.length).toBe(2);
        expect(await endOf(run, life)).toEqual(expected);
        expectAnswers(life, run);
        if (life.mayRaiseBlind !== true) expectRaisesOnEvidence(run.processes);
      });
    });
  }
}

/** No client was without a ready pod, and none met an error but the version's own. */
function expectAnswers({ suffers = [] }: Life, { failures }: Run): void {
  expect(Object.keys(failures).filter((seen) => !suffers.includes(seen))).toEqual([]);
}
