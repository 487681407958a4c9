/** The rows for people: one line per scenario and method, and who did best in each scenario. */
import { findScenario } from "../scenarios/scenarios.ts";
import { type Row, wrongPct } from "./row.ts";
import type { Target } from "./targets.ts";

const heads = [
  "",
  "wrong %",
  "≤ %",
  "promoted",
  "held",
  "delay s",
  "p95",
  "bad requests",
  "promote s",
  "",
];

export function toTable(rows: readonly Row[]): string {
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))];
  const blocks = scenarios.map((name) => {
    const own = rows.filter(({ scenario }) => scenario === name);
    const kind = own[0]?.healthy === true ? "wrong = rolled back" : "wrong = promoted";
    const title = `${name}  ${findScenario(name)?.title ?? ""}  (${kind})`;
    const best = winners(own);
    return [title, ...layOut([heads, ...own.map((row) => cellsOf(row, best))])].join("\n");
  });
  return `${blocks.join("\n\n")}\n`;
}

function cellsOf(row: Row, best: ReadonlySet<Row>): readonly string[] {
  return [
    `  ${row.method}`,
    text(wrongPct(row)),
    text(row.ciHighPct),
    text(row.promotedPct),
    text(row.inconclusivePct),
    text(row.medianDelaySeconds),
    text(row.p95DelaySeconds),
    text(row.medianBadRequests),
    text(row.medianPromoteSeconds),
    best.has(row) ? "best" : "",
  ];
}

function layOut(lines: readonly (readonly string[])[]): readonly string[] {
  const widths = heads.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines.map((line) =>
    line
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

const mostWrongPct = { healthy: 1, bad: 5 };

/**
 * The best of those that are right often enough: of a healthy release whoever promotes most, then soonest; of a bad one
 * whoever let the fewest bad requests through.
 */
export function winners(rows: readonly Row[]): ReadonlySet<Row> {
  const isHealthy = rows[0]?.healthy === true;
  const most = isHealthy ? mostWrongPct.healthy : mostWrongPct.bad;
  const right = rows.filter((row) => wrongPct(row) <= most && isCaught(row));
  const costs = new Map(
    right.map((row) => [row, isHealthy ? wait(row) : (row.medianBadRequests ?? 0)]),
  );
  const least = Math.min(...costs.values());
  return new Set(right.filter((row) => costs.get(row) === least));
}

/** A method that holds a bad release for an hour has not caught it. */
function isCaught(row: Row): boolean {
  return row.healthy ? row.promotedPct > 50 : row.medianBadRequests !== null;
}

function wait({ medianPromoteSeconds }: Row): number {
  return medianPromoteSeconds ?? Number.POSITIVE_INFINITY;
}

function text(value: number | null): string {
  if (value === null) return "–";
  return value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 });
}

export function toTargetTable(targets: readonly Target[]): string {
  const lines = targets.map(({ name, verdict, because }) =>
    `${name.padEnd(44)} ${verdict.padEnd(9)} ${because}`.trimEnd(),
  );
  const count = (verdict: Target["verdict"]) =>
    targets.filter((target) => target.verdict === verdict).length;
  return `${lines.join("\n")}\n${count("kept")} kept, ${count("unproven")} unproven, ${count("MISSED")} missed\n`;
}
