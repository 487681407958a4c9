/** Reads the number of each version from the answer to a value query. One series each, or it is nobody's number. */
import type { PrometheusSample } from "./answer.ts";
import { type ReadProblem, readProblem } from "./endpoint.ts";
import type { Identity } from "./queries.ts";
import { keyOf } from "./tally.ts";

/** By key of the workload: its number, undefined where it is not a number, or why there is none. */
export type Values = ReadonlyMap<string, number | undefined | ReadProblem>;

export function valuesOfSamples(
  samples: readonly PrometheusSample[],
  shape: { readonly identity: Identity | undefined; readonly only: string },
): Values {
  const values = new Map<string, number | undefined | ReadProblem>();
  for (const { labels, value } of samples) {
    const key = keyOf(labels, shape);
    values.set(key, values.has(key) ? several() : toNumber(value));
  }
  return values;
}

/** NaN is what a ratio of nothing to nothing gives. */
function toNumber(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

function several(): ReadProblem {
  const fix = "aggregate it, for example sum(…)";
  return readProblem("SeveralSeries", `the query gives several series for one version: ${fix}`);
}
