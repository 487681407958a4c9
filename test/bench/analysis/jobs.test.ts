import { describe, expect, it } from "vitest";
import { cutJobs, doJob } from "./jobs.ts";
import { methodNames } from "./methods/methods.ts";
import { parseOptions } from "./options.ts";
import { toResult } from "./report/result.ts";

const options = parseOptions(["--rows", "H2,B1", "--runs", "2"]);
const measure = () =>
  toResult(
    options,
    options.scenarios.flatMap(({ name }) =>
      cutJobs({ ...options, scenario: name }, options.runs.bad).map(doJob),
    ),
  );

describe("the benchmark", () => {
  it("measures every method on every row, the same each time, as one line of JSON", () => {
    const first = measure();
    expect(measure()).toEqual(first);
    expect(first).toMatchObject({ seed: options.seed, runs: 2 });
    expect(first.rows.map(({ scenario, method }) => `${scenario} ${method}`)).toEqual(
      ["H2", "B1"].flatMap((scenario) => methodNames.map((method) => `${scenario} ${method}`)),
    );
    const line = JSON.stringify(first);
    expect(line).not.toContain("\n");
    for (const row of first.rows) {
      const { falseRollbackPct, missedPct, healthy, promotedPct, inconclusivePct } = row;
      expect(falseRollbackPct === undefined).toBe(!healthy);
      expect(missedPct === undefined).toBe(healthy);
      expect(promotedPct + inconclusivePct).toBeLessThanOrEqual(100.001);
      expect(row.medianBadRequests === null || typeof row.medianBadRequests === "number").toBe(
        true,
      );
    }
  });

  it("takes no option that it does not know", () => {
    expect(() => parseOptions(["--rows", "H99"])).toThrow("--rows: no H99; there are H1");
    expect(() => parseOptions(["--methods", "luck"])).toThrow("--methods: no luck");
    expect(() => parseOptions(["--runs", "0"])).toThrow("--runs");
    expect(() => parseOptions(["--scrape", "7"])).toThrow("--scrape: 5 or 15");
    expect(parseOptions(["--full"]).runs).toEqual({ healthy: 3000, bad: 1000 });
  });
});
