import { describe, expect, it } from "vitest";
import {
  abortAsked,
  commandAsked,
  openCommand,
  sayCommand,
  withAnswer,
} from "../../../src/core/canary/command-answer.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { aborting, asking } from "../../support/command-snapshots.ts";
import { ago, aSnapshot, initialized, now } from "../../support/snapshots.ts";

const s = assessSituation(aSnapshot(), now);
const asked = { id: "c-1", action: "promote", by: "jane", reason: "why not" } as const;
const done = { outcome: "Done", message: "done" } as const;

describe("a command", () => {
  it("is open until its id is answered", () => {
    const open = (commandIds: string[]) =>
      openCommand(
        assessSituation(
          aSnapshot({ ...asking("pause"), status: initialized({ commandIds }) }),
          now,
        ),
      )?.id;
    expect(open([])).toBe("c-1");
    expect(open(["c-0", "c-1"])).toBeUndefined();
  });

  it("waits while an abort stands", () => {
    const { command } = asking("pause").commands;
    const both = { commands: { ...aborting().commands, command } };
    expect(openCommand(assessSituation(aSnapshot(both), now))).toBeUndefined();
  });

  it("is told with whoever gave it, unverified", () => {
    expect(sayCommand(asked)).toBe("promote by jane (unverified): why not");
    expect(sayCommand({ ...asked, reason: "" })).toBe("promote by jane (unverified)");
    expect(sayCommand({ ...asked, action: "abort", by: "" })).toBe("abort: why not");
  });

  it("that cannot be read is of an unknown action", () => {
    const unreadable = { kind: "Unreadable", id: "u-1", because: "it is no JSON" } as const;
    expect(commandAsked(unreadable)).toEqual({ id: "u-1", action: "unknown", by: "", reason: "" });
  });
});

describe("an answer", () => {
  it("is kept with the twenty latest ids", () => {
    const before = { commandIds: Array.from({ length: 20 }, (_, index) => `old-${index}`) };
    const after = withAnswer(s, before, asked, done);
    expect(after.lastCommand).toEqual({ ...asked, ...done, at: ago(0) });
    expect(after.commandIds).toHaveLength(20);
    expect(after.commandIds?.slice(0, 2)).toEqual(["c-1", "old-0"]);
  });

  it("to an abort leaves the ids alone: the same words may come again", () => {
    const abort = abortAsked(s, "wrong prices");
    expect(withAnswer(s, { commandIds: ["c-1"] }, abort, done)).toMatchObject({
      lastCommand: { action: "abort", reason: "wrong prices", by: "" },
      commandIds: ["c-1"],
    });
  });
});

it.each([
  ["", "no reason given"],
  ["  ", "no reason given"],
  ["wrong prices", "wrong prices"],
  ["x".repeat(600), `${"x".repeat(511)}…`],
])("reads the words of an abort: %s", (words, reason) => {
  expect(abortAsked(s, words).reason).toBe(reason);
});
