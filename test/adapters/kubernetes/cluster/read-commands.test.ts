import { describe, expect, it } from "vitest";
import { readCommands } from "../../../../src/adapters/kubernetes/cluster/read-commands.ts";
import { CanaryStatus } from "../../../../src/api/canary-status.ts";

const good = { id: "7", action: "promote", by: "jane", reason: "the fix is urgent" };
const read = (value: unknown) =>
  readCommands({ "serin.dev/command": typeof value === "string" ? value : JSON.stringify(value) })
    .command;

describe("the annotations of a Canary", () => {
  it("give nothing where there are none, or none of text", () => {
    expect(readCommands({})).toEqual({ abort: undefined, command: undefined });
    expect(readCommands({ "serin.dev/abort": 7, "serin.dev/command": null })).toEqual({
      abort: undefined,
      command: undefined,
    });
  });

  it("give an abort whatever its words are", () => {
    for (const abort of ["", "wrong prices", "x".repeat(5000)])
      expect(readCommands({ "serin.dev/abort": abort }).abort).toBe(abort);
  });

  it("give a command, with or without a reason", () => {
    expect(read(good)).toEqual({ kind: "Readable", ...good });
    const { reason: _, ...silent } = good;
    expect(read(silent)).toMatchObject({ kind: "Readable", reason: "" });
  });

  it.each([
    ["not json", "it is no JSON"],
    ["", "it is no JSON"],
    ["[]", "expected object"],
    ["null", "expected object"],
    [{ ...good, id: undefined }, "id: "],
    [{ ...good, id: "" }, "id: "],
    [{ ...good, id: "i".repeat(65) }, "id: "],
    [{ ...good, id: 7 }, "id: "],
    [{ ...good, action: "rollback" }, "action: "],
    [{ ...good, by: "" }, "by: "],
    [{ ...good, by: undefined }, "by: "],
    [{ ...good, by: "b".repeat(129) }, "by: "],
    [{ ...good, reason: "r".repeat(513) }, "reason: "],
    ["x".repeat(2049), "2049 characters"],
  ])("give what cannot be read with what to write instead: %#", (value, problem) => {
    const command = read(value);
    expect(command).toMatchObject({ kind: "Unreadable" });
    const because = command?.kind === "Unreadable" ? command.because : "";
    expect(because).toContain(problem);
    expect(because).toContain('write {"id":"<new for each command>"');
    expect(because).toContain("promote, promoteFull, retry, pause, resume");
  });

  it.each([[{ ...good, id: "i".repeat(64), by: "b".repeat(128), reason: "r".repeat(512) }]])(
    "take the longest parts that are allowed",
    (longest) => {
      expect(read(longest)).toMatchObject({ kind: "Readable" });
    },
  );

  it("give the same text the same id, and a corrected one another", () => {
    expect(read("oops")?.id).toBe(read("oops")?.id);
    expect(read("oops")?.id).not.toBe(read("oops!")?.id);
    const commandIds = [read("oops")?.id ?? ""];
    expect(CanaryStatus.safeParse({ commandIds }).success).toBe(true);
  });
});
