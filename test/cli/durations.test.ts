import { describe, expect, it } from "vitest";
import { parseDuration, showDuration, since } from "../../src/cli/durations.ts";

describe("a duration", () => {
  it.each([
    [-5, "0s"],
    [0, "0s"],
    [59_999, "59s"],
    [60_000, "1m00s"],
    [3_599_999, "59m59s"],
    [3_600_000, "1h00m"],
    [86_399_999, "23h59m"],
    [86_400_000, "1d00h"],
    [270_000_000, "3d03h"],
  ])("of %i ms is shown as %s", (ms, text) => {
    expect(showDuration(ms)).toBe(text);
  });

  it.each([
    ["0", 0],
    ["90", 90_000],
    ["90s", 90_000],
    ["10m", 600_000],
    ["1h30m", 5_400_000],
  ])("written as %s is %i ms", (text, ms) => {
    expect(parseDuration("timeout", text)).toBe(ms);
  });

  it.each(["", "soon", "10 m", "1.5h", "-5", "5d", "m"])("written as %j is refused", (text) => {
    expect(() => parseDuration("timeout", text)).toThrow(
      `--timeout ${text}: give a time such as 90s, 10m or 1h30m`,
    );
  });

  it("since an instant is known only where there is one", () => {
    const now = Date.parse("2026-01-01T00:01:00Z");
    expect(since("2026-01-01T00:00:00.500Z", now)).toBe("59s");
    expect(since(undefined, now)).toBeUndefined();
    expect(since("soon", now)).toBeUndefined();
  });
});
