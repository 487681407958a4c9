import { describe, expect, it } from "vitest";
import { toNewReading } from "../../src/controller/subject.ts";
import { counter, ratio } from "../support/analysis.ts";

describe("toNewReading", () => {
  it("gives what was read the instant it speaks of", () => {
    const counters = [counter("web", "caller", ratio(10, 1))];
    expect(toNewReading({ kind: "Counters", counters, query: "errors" }, 15_000)).toEqual({
      kind: "Counters",
      counters,
      query: "errors",
      at: 15_000,
    });
  });

  it("is a failure, with its query where there is one, if nothing could be read", () => {
    const failure = { kind: "Failure", reason: "Timeout", message: "slow" } as const;
    expect(toNewReading({ ...failure, query: undefined }, 15_000)).toEqual({
      ...failure,
      at: 15_000,
    });
    expect(toNewReading({ ...failure, query: "errors" }, 0)).toMatchObject({ query: "errors" });
    expect(toNewReading(undefined, 15_000)).toMatchObject({ kind: "Failure", reason: "NoAnswer" });
  });
});
