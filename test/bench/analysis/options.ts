/** What is asked of the benchmark on its command line. */
import { parseArgs } from "node:util";
import { type MethodName, methodNames } from "./methods/methods.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { scenarios } from "./scenarios/scenarios.ts";
import type { Reporters } from "./traces/exposure.ts";

export interface Options {
  readonly scenarios: readonly Scenario[];
  readonly methods: readonly MethodName[];
  readonly runs: { readonly healthy: number; readonly bad: number };
  readonly seed: number;
  readonly scrapeSeconds: number;
  /** Whom Serin asks: the pods, as its rivals do, or those who call them, as its shipped templates do. */
  readonly reporters: Reporters;
  readonly workers: number;
  /** Draw the plots of docs/analysis anew. */
  readonly plots: boolean;
}

/** Chosen before anything was tuned on it. */
const seed = 20_261_121;
const fastRuns = { healthy: 100, bad: 100 };
const fullRuns = { healthy: 3000, bad: 1000 };

export const usage = `usage: bench:analysis [--full] [--rows H1,B2] [--methods serin,kayenta] [--runs 100]
  [--seed ${seed}] [--scrape 15|5] [--reporters pods|callers] [--workers 2] [--plots] [--output json]`;

/** Throws an error that names the option. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      full: { type: "boolean", default: false },
      rows: { type: "string" },
      methods: { type: "string" },
      runs: { type: "string" },
      seed: { type: "string" },
      scrape: { type: "string", default: "15" },
      reporters: { type: "string", default: "pods" },
      workers: { type: "string", default: "2" },
      plots: { type: "boolean", default: false },
      output: { type: "string", default: "json" },
    },
  });
  if (values.output !== "json") throw new Error("--output: only json is written");
  const runs = values.runs === undefined ? undefined : wholeNumber("--runs", values.runs);
  const usual = values.full ? fullRuns : fastRuns;
  const scrapeSeconds = wholeNumber("--scrape", values.scrape);
  if (scrapeSeconds !== 5 && scrapeSeconds !== 15) throw new Error("--scrape: 5 or 15 seconds");
  return {
    scenarios: chosen("--rows", values.rows, scenarios, ({ name }) => name),
    methods: chosen("--methods", values.methods, methodNames, (name) => name),
    runs: runs === undefined ? usual : { healthy: runs, bad: runs },
    seed: values.seed === undefined ? seed : wholeNumber("--seed", values.seed),
    scrapeSeconds,
    reporters: chosenReporters(values.reporters),
    workers: wholeNumber("--workers", values.workers),
    plots: values.plots,
  };
}

function chosenReporters(text: string): Reporters {
  if (text === "pods") return "Pods";
  if (text === "callers") return "Callers";
  throw new Error("--reporters: pods or callers");
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${option}: ${text} is no whole number above 0`);
  return value;
}

function chosen<T>(
  option: string,
  text: string | undefined,
  all: readonly T[],
  nameOf: (one: T) => string,
): readonly T[] {
  if (text === undefined) return all;
  return text.split(",").map((name) => {
    const found = all.find((one) => nameOf(one) === name);
    if (found === undefined)
      throw new Error(`${option}: no ${name}; there are ${all.map(nameOf).join(", ")}`);
    return found;
  });
}
