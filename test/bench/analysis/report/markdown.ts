/** The rows for the documentation: one table for healthy releases, one for bad ones. */
import type { MethodName } from "../methods/methods.ts";
import { findScenario } from "../scenarios/scenarios.ts";
import type { Result } from "./result.ts";
import { type Row, wrongPct } from "./row.ts";

const shown: readonly MethodName[] = [
  "flagger-5",
  "flagger-1",
  "argo-1m",
  "kayenta",
  "peek-z",
  "serin",
];

export function toMarkdown({ rows, seed }: Result): string {
  const of = (isHealthy: boolean) => rows.filter(({ healthy }) => healthy === isHealthy);
  return [
    "# Every row that was measured",
    "",
    "Written by `npm run bench:analysis -- --plots`; [analysis.md](../analysis.md) says what was measured how.",
    `Seed ${seed}; ${runsOf(of(true))} healthy and ${runsOf(of(false))} bad runs a row.`,
    "",
    "## Healthy releases",
    "",
    "Rolled back all the same, % · minutes until promoted, median; *holds*: % neither promoted nor rolled back in an hour.",
    "",
    ...table(of(true), healthyCell),
    "",
    "## Bad releases",
    "",
    "Promoted all the same, % · seconds from the onset until the rollback, median / 95th percentile · bad requests until then, median.",
    "",
    ...table(of(false), badCell),
    "",
  ].join("\n");
}

function runsOf(rows: readonly Row[]): number {
  return rows.length === 0 ? 0 : Math.min(...rows.map(({ runs }) => runs));
}

function table(rows: readonly Row[], cell: (row: Row) => string): readonly string[] {
  const methods = shown.filter((method) => rows.some((row) => row.method === method));
  const names = [...new Set(rows.map(({ scenario }) => scenario))];
  return [
    `| | | ${methods.join(" | ")} |`,
    `|---|---|${methods.map(() => "---").join("|")}|`,
    ...names.map((name) => {
      const cells = methods.map((method) => {
        const row = rows.find((one) => one.scenario === name && one.method === method);
        return row === undefined ? "" : cell(row);
      });
      return `| ${name} | ${findScenario(name)?.title ?? ""} | ${cells.join(" | ")} |`;
    }),
  ];
}

function healthyCell(row: Row): string {
  const { medianPromoteSeconds, inconclusivePct } = row;
  const minutes = medianPromoteSeconds === null ? "–" : (medianPromoteSeconds / 60).toFixed(1);
  const holds = inconclusivePct > 0 ? ` · *holds ${number(inconclusivePct)}*` : "";
  return `${number(wrongPct(row))} · ${minutes}${holds}`;
}

function badCell(row: Row): string {
  const { medianDelaySeconds, p95DelaySeconds, medianBadRequests, inconclusivePct } = row;
  const holds = inconclusivePct > 0 ? ` · *holds ${number(inconclusivePct)}*` : "";
  if (medianDelaySeconds === null) return `${number(wrongPct(row))}${holds}`;
  return `${number(wrongPct(row))} · ${medianDelaySeconds} / ${p95DelaySeconds} · ${medianBadRequests}${holds}`;
}

function number(value: number): string {
  return String(Number(value.toFixed(value < 10 ? 1 : 0)));
}
