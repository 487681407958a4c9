/** Tasks of one name are bounded; tasks of another never wait for them. */
import { describe, expect, it } from "vitest";
import { Gates } from "../../src/controller/gates.ts";

describe("gates", () => {
  it("lets as many tasks of one name run as the limit allows, and those of another at once", async () => {
    const gates = new Gates(2);
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const begin = (name: string, task: string) =>
      gates.run(name, () => {
        begun.push(task);
        return new Promise<void>((resolve) => ends.push(resolve));
      });
    const all = [begin("a", "a1"), begin("a", "a2"), begin("a", "a3"), begin("b", "b1")];
    await Promise.resolve();
    expect(begun).toEqual(["a1", "a2", "b1"]);
    while (begun.length < 4) {
      ends.shift()?.();
      await new Promise((resume) => {
        setImmediate(resume);
      });
    }
    for (const end of ends) end();
    await Promise.all(all);
    expect(gates.size).toBe(0);
  });

  it("forgets a name whose task failed", async () => {
    const gates = new Gates(1);
    await expect(gates.run("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(gates.size).toBe(0);
  });
});
