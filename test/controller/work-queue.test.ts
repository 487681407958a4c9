import { describe, expect, it } from "vitest";
import { maxWorkers, turnMs } from "../../src/controller/limits.ts";
import { WorkQueue } from "../../src/controller/work-queue.ts";
import { createManualClock, settleTasks } from "../support/manual-clock.ts";

/** A queue whose work ends when the test says so, or at once. */
function createBench({ endsAtOnce = false } = {}) {
  const clock = createManualClock();
  const begun: string[] = [];
  const running = new Map<string, () => void>();
  const overlaps: string[] = [];
  const depths: number[] = [];
  const lags: number[] = [];
  const onBegin = new Map<string, () => void>();
  const queue = new WorkQueue({
    clock,
    onDepth: (keys) => depths.push(keys),
    onLag: (lagMs) => lags.push(lagMs),
    work: async (key) => {
      begun.push(key);
      onBegin.get(key)?.();
      onBegin.delete(key);
      if (running.has(key)) overlaps.push(key);
      if (endsAtOnce) return;
      await new Promise<void>((resolve) => running.set(key, resolve));
      running.delete(key);
    },
  });
  queue.open();
  const end = async (...keys: readonly string[]) => {
    for (const key of keys) running.get(key)?.();
    await settleTasks();
  };
  return { clock, queue, begun, running, overlaps, depths, lags, onBegin, end };
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `key-${index}`);

describe("WorkQueue.add", () => {
  it("works once on a key that was added several times before its turn", async () => {
    const { queue, begun, end } = createBench();
    for (const key of names(maxWorkers)) queue.add(key);
    for (let time = 0; time < 3; time += 1) queue.add("orders");
    await settleTasks();
    expect(begun).not.toContain("orders");
    await end("key-0");
    await end("orders");
    expect(begun.filter((key) => key === "orders")).toHaveLength(1);
  });

  it("gives a key one worker at a time, and works on it again when it was added meanwhile", async () => {
    const { queue, begun, overlaps, running, end } = createBench();
    queue.add("orders");
    await settleTasks();
    queue.add("orders");
    queue.add("orders");
    await settleTasks();
    expect(begun).toEqual(["orders"]);
    await end("orders");
    expect(begun).toEqual(["orders", "orders"]);
    await end("orders");
    expect(begun).toHaveLength(2);
    expect(overlaps).toEqual([]);
    expect(running.size).toBe(0);
  });

  it("gives a key one worker also when its own work adds it before it first waits", async () => {
    const { queue, begun, overlaps, onBegin, end } = createBench();
    onBegin.set("orders", () => queue.add("orders"));
    queue.add("orders");
    await settleTasks();
    expect(begun).toEqual(["orders"]);
    await end("orders");
    expect(begun).toEqual(["orders", "orders"]);
    expect(overlaps).toEqual([]);
  });

  it("works on at most as many keys at a time as there are workers", async () => {
    const { queue, running, depths, end } = createBench();
    for (const key of names(maxWorkers + 2)) queue.add(key);
    await settleTasks();
    expect(running.size).toBe(maxWorkers);
    expect(depths.at(-1)).toBe(2);
    expect(queue.depth).toBe(maxWorkers + 2);
    await end("key-3");
    expect([...running.keys()].at(-1)).toBe(`key-${maxWorkers}`);
  });
});

describe("WorkQueue and urgent keys", () => {
  it("takes them before those that wait longer", async () => {
    const { queue, begun, end } = createBench();
    for (const key of names(maxWorkers + 1)) queue.add(key);
    queue.add("bad", "Urgent");
    await settleTasks();
    expect(begun).toContain("bad");
    expect(begun).not.toContain(`key-${maxWorkers}`);
    await end("key-0");
    expect(begun.at(-1)).toBe(`key-${maxWorkers}`);
  });

  it("never makes them wait for a worker, and they take none from the others", async () => {
    const { queue, running } = createBench();
    const urgent = Array.from({ length: 3 * maxWorkers }, (_, index) => `bad-${index}`);
    for (const key of urgent) queue.add(key, "Urgent");
    for (const key of names(maxWorkers)) queue.add(key);
    await settleTasks();
    expect(running.size).toBe(4 * maxWorkers);
  });

  it("takes one that comes while many are worked on in a row before the rest of these", async () => {
    const { clock, queue, begun, onBegin } = createBench({ endsAtOnce: true });
    for (const key of names(8)) {
      queue.add(key);
      onBegin.set(key, () => clock.step(turnMs));
    }
    // An answer that has come in, and proves a version bad.
    setImmediate(() => queue.add("bad", "Urgent"));
    await settleTasks();
    expect(begun.indexOf("bad")).toBeLessThan(4);
    expect(begun).toHaveLength(9);
  });

  it("makes a waiting key urgent when it is added as such", async () => {
    const { queue, begun } = createBench();
    for (const key of names(maxWorkers)) queue.add(key);
    queue.add("orders");
    await settleTasks();
    expect(begun).not.toContain("orders");
    queue.add("orders", "Urgent");
    queue.add("orders");
    await settleTasks();
    expect(begun).toContain("orders");
  });

  it("keeps a delayed key urgent when something else adds it before its time", async () => {
    const { queue, begun } = createBench();
    for (const key of names(maxWorkers)) queue.add(key);
    queue.addAfter("bad", 1_000, "Urgent");
    queue.add("bad");
    await settleTasks();
    expect(begun).toContain("bad");
  });

  it("keeps a delayed key urgent when an earlier, ordinary delay was there", async () => {
    const { clock, queue, begun } = createBench();
    for (const key of names(maxWorkers)) queue.add(key);
    queue.addAfter("bad", 500);
    queue.addAfter("bad", 1_000, "Urgent");
    await clock.run(500);
    expect(begun).toContain("bad");
  });

  it("works on a key again as urgent when it was added as such while it ran", async () => {
    const { queue, begun, end } = createBench();
    for (const key of names(maxWorkers)) queue.add(key);
    queue.add("other");
    await settleTasks();
    queue.add("key-0", "Urgent");
    await end("key-0");
    expect(begun.slice(-2)).toEqual(["key-0", "other"]);
  });
});

describe("WorkQueue.addAfter", () => {
  it("adds the key when its time has come, not before", async () => {
    const { clock, queue, begun } = createBench({ endsAtOnce: true });
    queue.addAfter("orders", 1_000);
    await clock.run(999);
    expect(begun).toEqual([]);
    expect(queue.depth).toBe(0);
    await clock.run(1);
    expect(begun).toEqual(["orders"]);
  });

  it.each([
    [300, 1_000],
    [1_000, 300],
  ])("lets the earlier of two delays count: %i ms, then %i ms", async (first, second) => {
    const { clock, queue, begun } = createBench({ endsAtOnce: true });
    queue.addAfter("orders", first);
    queue.addAfter("orders", second);
    await clock.run(299);
    expect(begun).toEqual([]);
    await clock.run(1);
    expect(begun).toEqual(["orders"]);
    await clock.run(10_000);
    expect(begun).toEqual(["orders"]);
  });

  it("adds at once what is due already", async () => {
    const { queue, begun } = createBench({ endsAtOnce: true });
    queue.addAfter("orders", 0);
    queue.addAfter("items", -5);
    await settleTasks();
    expect(begun).toEqual(["orders", "items"]);
  });

  it("adds no second time a key that was added before its time", async () => {
    const { clock, queue, begun } = createBench({ endsAtOnce: true });
    queue.addAfter("orders", 1_000);
    queue.add("orders");
    await clock.run(5_000);
    expect(begun).toEqual(["orders"]);
    expect(clock.pending()).toBe(0);
  });

  it("brings a key back that runs when its time comes", async () => {
    const { clock, queue, begun, end } = createBench();
    queue.add("orders");
    queue.addAfter("orders", 1_000);
    await clock.run(1_000);
    expect(begun).toEqual(["orders"]);
    await end("orders");
    expect(begun).toEqual(["orders", "orders"]);
  });
});

describe("WorkQueue.forget", () => {
  it("forgets a key that waits, is delayed, or is to come back", async () => {
    const { clock, queue, begun, end } = createBench();
    for (const key of names(maxWorkers)) queue.add(key);
    queue.add("waiting");
    queue.addAfter("delayed", 1_000);
    await settleTasks();
    queue.add("key-0");
    for (const key of ["waiting", "delayed", "key-0"]) queue.forget(key);
    await end(...names(maxWorkers));
    await clock.run(5_000);
    expect(begun).toHaveLength(maxWorkers);
    expect(queue.depth).toBe(0);
  });
});

describe("WorkQueue.close", () => {
  it("waits for what runs, and forgets what waits, is delayed or is to come back", async () => {
    const { clock, queue, begun, end } = createBench();
    for (const key of names(maxWorkers + 1)) queue.add(key);
    queue.addAfter("delayed", 1_000);
    await settleTasks();
    queue.add("key-0");
    let isClosed = false;
    const close = async () => {
      await queue.close();
      isClosed = true;
    };
    const closing = close();
    await settleTasks();
    expect(isClosed).toBe(false);
    await end(...names(maxWorkers).slice(1));
    expect(isClosed).toBe(false);
    await end("key-0");
    await closing;
    await clock.run(5_000);
    expect(begun).toHaveLength(maxWorkers);
    expect(queue.depth).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  it("takes nothing more until it is opened again", async () => {
    const { clock, queue, begun } = createBench({ endsAtOnce: true });
    await queue.close();
    queue.add("orders");
    queue.addAfter("orders", 100);
    await clock.run(1_000);
    expect(queue.depth).toBe(0);
    expect(clock.pending()).toBe(0);
    queue.open();
    queue.add("orders");
    await settleTasks();
    expect(begun).toEqual(["orders"]);
  });
});

describe("WorkQueue's numbers", () => {
  it("tell how many keys wait, and how long each one waited", async () => {
    const { clock, queue, depths, lags, end } = createBench();
    for (const key of names(maxWorkers + 1)) queue.add(key);
    await settleTasks();
    expect(depths.at(-1)).toBe(1);
    await clock.run(250);
    await end("key-0");
    expect(depths.at(-1)).toBe(0);
    expect(lags.at(-1)).toBe(250);
  });
});
