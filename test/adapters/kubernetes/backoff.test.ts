import { describe, expect, it } from "vitest";
import { createBackoff, pause } from "../../../src/adapters/kubernetes/backoff.ts";
import { createManualClock } from "../../support/manual-clock.ts";

describe("back-off", () => {
  it.each([
    [0, [50, 100, 200, 250, 250]],
    [0.999_999_999, [100, 200, 400, 500, 500]],
  ])("with randomness %d doubles up to its cap", (chance, waits) => {
    const backoff = createBackoff({ baseMs: 100, capMs: 500, random: () => chance });
    expect(waits.map(() => Math.round(backoff.next()))).toEqual(waits);
  });

  it("starts again after a reset", () => {
    const backoff = createBackoff({ baseMs: 100, capMs: 500, random: () => 0 });
    backoff.next();
    backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(50);
  });

  it("stays at its cap after thousands of failures", () => {
    const backoff = createBackoff({ baseMs: 100, capMs: 500, random: () => 0 });
    for (let failures = 0; failures < 5_000; failures += 1) backoff.next();
    expect(backoff.next()).toBe(250);
  });
});

describe("a pause", () => {
  it("lasts as long as it should", async () => {
    const clock = createManualClock();
    let isOver = false;
    const wait = async (): Promise<void> => {
      await pause(clock, 100, new AbortController().signal);
      isOver = true;
    };
    void wait();
    await clock.run(99);
    expect(isOver).toBe(false);
    await clock.run(1);
    expect(isOver).toBe(true);
  });

  it("ends at once when its signal aborts, before or while it lasts", async () => {
    const clock = createManualClock();
    const stopping = new AbortController();
    const running = pause(clock, 100, stopping.signal);
    stopping.abort();
    await running;
    await pause(clock, 100, stopping.signal);
    expect(clock.pending()).toBe(0);
  });
});
