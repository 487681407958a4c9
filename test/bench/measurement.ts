/** What one measurement found, beside its budget, and how the findings are shown. */

/** "AtMost" and "AtLeast" are kept or missed; "None" is told without a verdict. */
export type Budget =
  | { readonly kind: "AtMost"; readonly value: number }
  | { readonly kind: "AtLeast"; readonly value: number }
  | { readonly kind: "None" };

export interface Measurement {
  readonly name: string;
  readonly unit: string;
  /** What the budget is held against. */
  readonly value: number;
  readonly budget: Budget;
  /** Every sample's extremes, and how many there were. */
  readonly spread?: { readonly min: number; readonly max: number; readonly samples: number };
  /** What was measured how, in half a sentence. */
  readonly how: string;
}

export const atMost = (value: number): Budget => ({ kind: "AtMost", value });
export const atLeast = (value: number): Budget => ({ kind: "AtLeast", value });
export const noBudget: Budget = { kind: "None" };

/** Nearest rank: the smallest sample that `share` (0 to 1) of all are not above. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

export function spreadOf(samples: readonly number[]): NonNullable<Measurement["spread"]> {
  return { min: Math.min(...samples), max: Math.max(...samples), samples: samples.length };
}

export function isKept({ value, budget }: Measurement): boolean {
  switch (budget.kind) {
    case "AtMost":
      return value <= budget.value;
    case "AtLeast":
      return value >= budget.value;
    case "None":
      return true;
  }
}

/** For people: a line per measurement, and how it was come by. */
export function toTable(measurements: readonly Measurement[]): string {
  const rows = measurements.map((measurement) => ({
    name: measurement.name,
    value: `${toText(measurement.value)} ${measurement.unit}`,
    budget: budgetText(measurement.budget),
    verdict: measurement.budget.kind === "None" ? "" : isKept(measurement) ? "kept" : "MISSED",
    how: measurement.how + spreadText(measurement.spread),
  }));
  const width = (key: "name" | "value" | "budget") =>
    Math.max(...rows.map((row) => row[key].length));
  const widths = { name: width("name"), value: width("value"), budget: width("budget") };
  return rows
    .map(
      ({ name, value, budget, verdict, how }) =>
        `${name.padEnd(widths.name)}  ${value.padStart(widths.value)}  ${budget.padStart(widths.budget)}  ${verdict.padEnd(6)}  ${how}\n`,
    )
    .join("");
}

function budgetText(budget: Budget): string {
  if (budget.kind === "None") return "";
  return `${budget.kind === "AtMost" ? "≤" : "≥"} ${toText(budget.value)}`;
}

function spreadText(spread: Measurement["spread"]): string {
  if (spread === undefined) return "";
  return ` (${spread.samples} samples, ${toText(spread.min)} to ${toText(spread.max)})`;
}

function toText(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: value < 1_000 ? 3 : 6 });
}
