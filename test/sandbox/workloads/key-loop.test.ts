import { describe, expect, it } from "vitest";
import { createKeyLoop } from "../../../src/sandbox/workloads/key-loop.ts";
import { createManualClock, settleTasks } from "../../support/manual-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";

function createLoop(reconcile: (key: string) => Promise<number | undefined>) {
  const clock = createManualClock();
  const loop = createKeyLoop({ clock, log: createRecordingLog(), reconcile });
  return { clock, loop };
}

describe("a key loop", () => {
  it("works a key once for all that happened meanwhile, never twice at a time", async () => {
    let running = 0;
    let most = 0;
    let calls = 0;
    const release: (() => void)[] = [];
    const { loop } = createLoop(async () => {
      calls += 1;
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => {
        release.push(resolve);
      });
      running -= 1;
      return undefined;
    });
    loop.start();
    for (let count = 0; count < 5; count += 1) loop.enqueue("a");
    while (release.length > 0) {
      release.pop()?.();
      await settleTasks(2);
    }
    expect({ calls, most }).toEqual({ calls: 2, most: 1 });
  });

  it("tries a failed key again, waiting longer each time", async () => {
    const at: number[] = [];
    const { clock, loop } = createLoop(() => {
      at.push(clock.monotonic());
      return at.length < 4 ? Promise.reject(new Error("not yet")) : Promise.resolve(undefined);
    });
    loop.start();
    loop.enqueue("a");
    await clock.run(10_000);
    expect(at).toEqual([0, 50, 150, 350]);
    expect(clock.pending()).toBe(0);
  });

  it("looks at a key again when it asked for it, and forgets that when it stops", async () => {
    let calls = 0;
    const { clock, loop } = createLoop(() => {
      calls += 1;
      return Promise.resolve(1_000);
    });
    loop.start();
    loop.enqueue("a");
    await clock.run(2_500);
    expect(calls).toBe(3);
    await loop.stop();
    await clock.run(5_000);
    expect(calls).toBe(3);
    expect(clock.pending()).toBe(0);
  });

  it("keeps what comes before it starts", async () => {
    const seen: string[] = [];
    const { loop } = createLoop((key) => {
      seen.push(key);
      return Promise.resolve(undefined);
    });
    loop.enqueue("a");
    loop.enqueue("b");
    await settleTasks();
    expect(seen).toEqual([]);
    loop.start();
    await settleTasks();
    expect(seen).toEqual(["a", "b"]);
  });
});
