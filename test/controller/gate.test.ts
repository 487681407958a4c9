import { describe, expect, it } from "vitest";
import { Gate } from "../../src/controller/gate.ts";
import { settleTasks } from "../support/manual-clock.ts";

/** Tasks that say when they run and end when told. */
function createTasks(gate: Gate) {
  const running = new Set<string>();
  const order: string[] = [];
  const ends = new Map<string, () => void>();
  let most = 0;
  const begin = (name: string) =>
    gate.run(async () => {
      running.add(name);
      order.push(name);
      most = Math.max(most, running.size);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      running.delete(name);
    });
  return { begin, running, order, end: (name: string) => ends.get(name)?.(), most: () => most };
}

describe("Gate", () => {
  it("runs as many tasks as its limit, and the others in the order in which they came", async () => {
    const gate = new Gate(2);
    const tasks = createTasks(gate);
    const all = ["a", "b", "c", "d"].map((name) => tasks.begin(name));
    await settleTasks();
    expect([...tasks.running]).toEqual(["a", "b"]);
    expect(gate.size).toBe(4);
    tasks.end("b");
    await settleTasks();
    expect([...tasks.running]).toEqual(["a", "c"]);
    for (const name of ["a", "c"]) tasks.end(name);
    await settleTasks();
    tasks.end("d");
    await Promise.all(all);
    expect(tasks.order).toEqual(["a", "b", "c", "d"]);
    expect(gate.size).toBe(0);
  });

  it("gives a place that becomes free to who waits, not to who comes at that moment", async () => {
    const gate = new Gate(1);
    const tasks = createTasks(gate);
    const first = tasks.begin("first");
    void tasks.begin("waiting");
    await settleTasks();
    // Comes in the very moment in which the first one has ended and the next one has not begun.
    void first.then(() => tasks.begin("late"));
    const early = gate.run(() => Promise.resolve());
    tasks.end("first");
    await settleTasks();
    expect([...tasks.running]).toEqual(["waiting"]);
    expect(tasks.most()).toBe(1);
    tasks.end("waiting");
    await early;
    await settleTasks();
    expect(tasks.order).toEqual(["first", "waiting", "late"]);
  });

  it("never runs more than its limit, however tasks come and go", async () => {
    const gate = new Gate(3);
    let running = 0;
    let most = 0;
    const task = async (turns: number) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      running -= 1;
    };
    const chains = Array.from({ length: 12 }, async (_, index) => {
      for (let turn = 0; turn < index; turn += 1) await Promise.resolve();
      for (let round = 0; round < 5; round += 1) await gate.run(() => task((index + round) % 4));
    });
    await Promise.all(chains);
    expect(most).toBe(3);
    expect(gate.size).toBe(0);
  });

  it("frees the place of a task that fails, and tells its caller", async () => {
    const gate = new Gate(1);
    await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(gate.run(() => Promise.resolve("next"))).resolves.toBe("next");
  });
});
