/** How often each method is wrong, in every scenario: a field of numbers, the darker the worse. */
import type { MethodName } from "../methods/methods.ts";
import { type Row, wrongPct } from "../report/row.ts";
import { findScenario } from "../scenarios/scenarios.ts";
import { element, type Picture, text } from "./svg.ts";

const left = 300;
const top = 96;
const cellWidth = 66;
const cellHeight = 19;
const gap = 30;

export function wrongPlot(rows: readonly Row[]): Picture {
  const methods = [...new Set(rows.map(({ method }) => method))];
  const groups = [true, false].map((isHealthy) => ({
    title: isHealthy ? "Healthy: % rolled back all the same" : "Bad: % promoted all the same",
    names: [
      ...new Set(
        rows.filter(({ healthy }) => healthy === isHealthy).map(({ scenario }) => scenario),
      ),
    ],
  }));
  const parts: string[] = [];
  let y = top;
  for (const { title, names } of groups) {
    parts.push(text(24, y, title, { look: "head" }));
    parts.push(...methods.map((method, column) => headOf(method, column, y)));
    y += 8;
    for (const name of names) {
      parts.push(...lineOf(name, y, methods, rows));
      y += cellHeight;
    }
    y += gap + 8;
  }
  return {
    width: left + methods.length * cellWidth + 24,
    height: y - gap + 14,
    title: "How often each method is wrong",
    subtitle:
      "The same requests for every method; an empty cell is 0 %, a ring is a hold of more than half the runs",
    description: describe(rows, methods),
    parts,
  };
}

function headOf(method: MethodName, column: number, y: number): string {
  const look = method === "serin" ? "own" : "soft";
  return text(left + (column + 0.5) * cellWidth, y, method, {
    look: `${look} small`,
    anchor: "middle",
  });
}

function lineOf(
  name: string,
  y: number,
  methods: readonly MethodName[],
  rows: readonly Row[],
): readonly string[] {
  const title = findScenario(name)?.title ?? "";
  const parts = [
    text(24, y + 14, name, { look: "small head" }),
    text(56, y + 14, title.length > 42 ? `${title.slice(0, 41)}…` : title, { look: "small soft" }),
  ];
  for (const [column, method] of methods.entries()) {
    const row = rows.find((one) => one.scenario === name && one.method === method);
    if (row !== undefined) parts.push(...cellOf(row, left + column * cellWidth, y));
  }
  return parts;
}

function cellOf(row: Row, x: number, y: number): readonly string[] {
  const value = wrongPct(row);
  const box = { x: x + 1, y: y + 1, width: cellWidth - 2, height: cellHeight - 2, rx: 2 };
  const shade = value <= 0 ? 0 : 0.12 + 0.78 * Math.sqrt(value / 100);
  const parts = [
    element("rect", { ...box, style: "fill:var(--grid)", opacity: 0.5 }),
    element("rect", { ...box, style: "fill:var(--wrong)", opacity: shade.toFixed(2) }),
  ];
  if (value > 0)
    parts.push(text(x + cellWidth / 2, y + 14, word(value), { look: "small", anchor: "middle" }));
  if (row.inconclusivePct > 50)
    parts.push(
      element("circle", {
        cx: x + cellWidth - 10,
        cy: y + 9.5,
        r: 3.5,
        fill: "none",
        style: "stroke:var(--soft)",
      }),
    );
  return parts;
}

function word(value: number): string {
  if (value < 0.1) return "< 0.1";
  return value < 10 ? String(Number(value.toFixed(1))) : value.toFixed(0);
}

function describe(rows: readonly Row[], methods: readonly MethodName[]): string {
  return methods
    .map((method) => {
      const own = rows.filter((row) => row.method === method);
      const worst = (healthy: boolean) =>
        Math.max(0, ...own.filter((row) => row.healthy === healthy).map(wrongPct));
      return `${method}: at most ${worst(true)} % false rollbacks, at most ${worst(false)} % missed`;
    })
    .join("; ");
}
