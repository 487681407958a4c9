/** What a soak found, and how it is shown to people. */
import type { Steadiness } from "./steadiness.ts";

interface Counts {
  readonly requests: number;
  readonly harmed: number;
}

export interface Findings {
  readonly minutes: number;
  readonly warmupSeconds: number;
  /** After the warm-up, while the process led. */
  readonly samples: number;
  readonly cyclesOfFaults: number;
  readonly leadersKilled: number;
  /** Releases that ended, by kind. */
  readonly releases: Readonly<Record<string, number>>;
  /** Those that took longer than three minutes, with what was seen then. */
  readonly late: readonly string[];
  readonly requests: Readonly<Record<"api" | "prometheus" | "slack", Counts>>;
  readonly steadiness: readonly Steadiness[];
  /** What else was not as it should be; none in a soak that passes. */
  readonly problems: readonly string[];
  readonly passed: boolean;
}

export function toTable(findings: Findings): string {
  const rows = [
    ["", "median", "min to max", "grew by", "99 % within", "bound", "per hour", ""],
    ...findings.steadiness.map((each) => [
      each.name,
      `${figure(each.median)} ${each.unit}`.trim(),
      `${figure(each.min)} to ${figure(each.max)}`,
      figure(each.growth),
      `${figure(each.growthFrom)} to ${figure(each.growthTo)}`,
      `≤ ${figure(each.bound)}`,
      figure(each.perHour),
      each.isFlat ? "flat" : "GROWS",
    ]),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const { minutes, warmupSeconds, samples, cyclesOfFaults, leadersKilled, releases } = findings;
  const ended = Object.entries(releases).map(([name, count]) => `${count} ${name}`);
  return [
    ...lines,
    "",
    `${minutes} min, the first ${warmupSeconds} s left out, ${samples} samples; ${cyclesOfFaults} cycles of faults, ${leadersKilled} leaders killed`,
    `releases: ${ended.join(", ")}; ${findings.late.length} took longer than three minutes`,
    ...findings.problems.map((problem) => `PROBLEM: ${problem}`),
    findings.passed ? "passed" : "FAILED",
    "",
  ].join("\n");
}

function figure(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
