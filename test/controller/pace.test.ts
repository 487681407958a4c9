import { describe, expect, it } from "vitest";
import { turnMs } from "../../src/controller/limits.ts";
import { paced } from "../../src/controller/pace.ts";
import { createManualClock } from "../support/manual-clock.ts";

/** Steps of `stepMs` each beside an answer that came in; what was done in which order. */
async function orderOf(steps: number, stepMs: number): Promise<string> {
  const clock = createManualClock();
  const done: string[] = [];
  const pause = paced(clock);
  // What was begun before: the turn that counts begins after it.
  await pause();
  setImmediate(() => done.push("answer"));
  for (let step = 0; step < steps; step += 1) {
    clock.step(stepMs);
    done.push("step");
    await pause();
  }
  return done.join(" ");
}

describe("Steps in a row", () => {
  it("go on at once while the turn is not used up", async () => {
    expect(await orderOf(4, (turnMs - 1) / 4)).toBe("step step step step");
  });

  it("let in what has come meanwhile once it is", async () => {
    expect(await orderOf(4, turnMs / 2)).toBe("step step answer step step");
  });

  it("let it in after each that takes a whole turn", async () => {
    expect(await orderOf(2, turnMs)).toBe("step answer step");
  });
});
