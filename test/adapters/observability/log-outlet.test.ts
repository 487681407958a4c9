import { describe, expect, it } from "vitest";
import { maxLogBacklogChars } from "../../../src/adapters/observability/limits.ts";
import { createLogOutlet } from "../../../src/adapters/observability/log-outlet.ts";
import { createManualClock } from "../../support/manual-clock.ts";

/** A target that a test fills, empties and breaks. */
function setUp() {
  const lines: string[] = [];
  const target = {
    writableLength: 0,
    isFull: false,
    isUnread: false,
    write(text: string, done: (error?: Error | null) => void) {
      if (target.isFull) throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      if (!target.isUnread) lines.push(text);
      done(target.isUnread ? new Error("write EPIPE") : null);
    },
  };
  let lost = 0;
  const clock = createManualClock(Date.UTC(2026, 10, 21, 12));
  const outlet = createLogOutlet({
    target,
    clock,
    onLost: () => {
      lost += 1;
    },
  });
  return { lines, target, outlet, lost: () => lost };
}

const notice = (count: number): string =>
  `{"level":"warn","time":"2026-11-21T12:00:00.000Z","count":${count},"msg":"log lines were lost"}\n`;

describe("a line of the log", () => {
  it("goes to the target as it is", () => {
    const { lines, outlet, lost } = setUp();
    outlet.write("a\n");
    expect([lines, lost()]).toEqual([["a\n"], 0]);
  });

  it("waits for a slow reader up to a bound, and is lost beyond", () => {
    const { lines, target, outlet, lost } = setUp();
    target.writableLength = maxLogBacklogChars;
    outlet.write("a\n");
    target.writableLength = maxLogBacklogChars + 1;
    outlet.write("b\n");
    outlet.write("c\n");
    expect([lines, lost()]).toEqual([["a\n"], 2]);
  });

  it("is preceded by how many were lost before it", () => {
    const { lines, target, outlet, lost } = setUp();
    target.isFull = true;
    outlet.write("a\n");
    outlet.write("b\n");
    target.isFull = false;
    outlet.write("c\n");
    outlet.write("d\n");
    expect(lines).toEqual([notice(2), "c\n", "d\n"]);
    expect(lost()).toBe(2);
  });

  it("is lost, and no error, while nobody reads", () => {
    const { lines, target, outlet, lost } = setUp();
    target.isUnread = true;
    for (const line of ["a\n", "b\n", "c\n"]) outlet.write(line);
    expect([lines, lost()]).toEqual([[], 3]);
    target.isUnread = false;
    outlet.write("d\n");
    expect(lines).toEqual([notice(3), "d\n"]);
  });
});
