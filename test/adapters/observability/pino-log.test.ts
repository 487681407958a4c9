import { describe, expect, it } from "vitest";
import { createPinoLog, type LogLevel } from "../../../src/adapters/observability/pino-log.ts";
import { createManualClock } from "../../support/manual-clock.ts";

function createLines(level: LogLevel) {
  const lines: string[] = [];
  const clock = createManualClock(Date.UTC(2026, 10, 21, 12));
  const destination = {
    write(line: string) {
      lines.push(line);
    },
  };
  return { lines, clock, log: createPinoLog({ clock, level, destination }) };
}

describe("the log", () => {
  it("writes one object per line, with level, the clock's time, fields and message", () => {
    const { lines, clock, log } = createLines("info");
    clock.step(250);
    log.info({ canary: "order-prod/order-service", weight: 25 }, "stage passed");
    expect(lines).toEqual([
      '{"level":"info","time":"2026-11-21T12:00:00.250Z","canary":"order-prod/order-service","weight":25,"msg":"stage passed"}\n',
    ]);
  });

  it("leaves out what is less severe than its level", () => {
    const { lines, log } = createLines("warn");
    log.debug({}, "debug");
    log.info({}, "info");
    log.warn({}, "warn");
    log.error({}, "error");
    expect(lines.map((line) => JSON.parse(line)["level"])).toEqual(["warn", "error"]);
  });

  it("adds a child's fields to every line of it, redacted", () => {
    const { lines, log } = createLines("info");
    const child = log.child({ canary: "order-service", token: "very-secret" });
    child.child({ pass: 7 }).info({ password: "very-secret" }, "observed");
    log.info({}, "parent");
    expect(lines[0]).toContain(
      '"canary":"order-service","token":"[redacted]","pass":7,"password":"[redacted]"',
    );
    expect(lines[1]).not.toContain("order-service");
    expect(lines.join("")).not.toContain("very-secret");
  });

  it("shows errors whatever their field is called", () => {
    const { lines, log } = createLines("info");
    log.error({ err: new Error("first"), error: new TypeError("second") }, "failed");
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      err: { type: "Error", message: "first" },
      error: { type: "TypeError", message: "second" },
    });
  });

  it("keeps a line one line", () => {
    const { lines, log } = createLines("info");
    log.info({ text: 'a\nb","level":"fatal' }, "odd");
    expect(lines[0]?.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")["level"]).toBe("info");
  });
});
