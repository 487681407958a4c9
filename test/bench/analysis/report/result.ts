/** The whole of a benchmark's findings, as written for machines. */
import type { JobResult } from "../jobs.ts";
import type { Outcome } from "../methods/methods.ts";
import type { Options } from "../options.ts";
import { type Row, toRow } from "./row.ts";

export interface Result {
  readonly seed: number;
  /** Of the rows that had fewest. */
  readonly runs: number;
  readonly rows: readonly Row[];
}

export function toResult(
  { seed, scenarios, methods }: Pick<Options, "seed" | "scenarios" | "methods">,
  results: readonly JobResult[],
): Result {
  const rows = scenarios.flatMap((scenario) => {
    const own = results.filter(({ job }) => job.scenario === scenario.name);
    return methods.map((method, index) => {
      const outcomes = own.flatMap((result): readonly Outcome[] => result.outcomes[index] ?? []);
      return toRow(scenario, method, outcomes);
    });
  });
  return { seed, runs: Math.min(...rows.map(({ runs }) => runs)), rows };
}
