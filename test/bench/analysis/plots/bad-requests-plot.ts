/** What a bad release costs until it is rolled back: the median of bad requests, by scenario and method, on a log scale. */
import type { MethodName } from "../methods/methods.ts";
import type { Row } from "../report/row.ts";
import { wrongPct } from "../report/row.ts";
import { findScenario } from "../scenarios/scenarios.ts";
import { element, line, type Picture, text } from "./svg.ts";

const left = 250;
const right = 690;
const missedAt = 752;
const top = 116;
const lineHeight = 22;
const least = 1;
const most = 10_000;

const shown: Readonly<
  Partial<Record<MethodName, { readonly colour: string; readonly r: number }>>
> = {
  "flagger-5": { colour: "a", r: 4.5 },
  "argo-1m": { colour: "c", r: 4.5 },
  kayenta: { colour: "e", r: 4.5 },
  serin: { colour: "own", r: 6 },
};

export function badRequestsPlot(rows: readonly Row[]): Picture {
  const bad = rows.filter(({ healthy, method }) => !healthy && shown[method] !== undefined);
  const names = [...new Set(bad.map(({ scenario }) => scenario))];
  const bottom = top + names.length * lineHeight;
  return {
    width: 800,
    height: bottom + 46,
    title: "Bad requests until the rollback",
    subtitle:
      "Median over the runs that were rolled back; at the right those of whom half and more were promoted or held",
    description: describe(bad, names),
    parts: [
      ...legend(),
      ...[1, 10, 100, 1000, 10_000].map((value) => tick(value, bottom)),
      text(missedAt, top - 12, "not caught", { look: "small soft", anchor: "middle" }),
      ...names.flatMap((name, index) => lineOf(name, top + index * lineHeight, bad)),
    ],
  };
}

function xOf(value: number): number {
  const share = Math.log(Math.max(least, value) / least) / Math.log(most / least);
  return left + Math.min(1, share) * (right - left);
}

function tick(value: number, bottom: number): string {
  const x = xOf(value);
  return (
    line([x, top - 4], [x, bottom], "grid") +
    text(x, bottom + 18, value.toLocaleString("en"), { look: "small soft", anchor: "middle" })
  );
}

function legend(): readonly string[] {
  return Object.entries(shown).flatMap(([method, { colour, r }], index) => {
    const x = 30 + index * 104;
    return [
      element("circle", { cx: x, cy: 78, r, style: `fill:var(--${colour})` }),
      text(x + 12, 82, method, { look: method === "serin" ? "own" : "soft" }),
    ];
  });
}

function lineOf(name: string, y: number, rows: readonly Row[]): readonly string[] {
  const middle = y + lineHeight / 2;
  const title = findScenario(name)?.title ?? "";
  const parts = [
    text(24, middle + 4, name, { look: "small head" }),
    text(56, middle + 4, title.length > 34 ? `${title.slice(0, 33)}…` : title, {
      look: "small soft",
    }),
    line([left, middle], [right, middle], "grid"),
  ];
  let missed = 0;
  for (const [method, { colour, r }] of Object.entries(shown)) {
    const row = rows.find((one) => one.scenario === name && one.method === method);
    if (row === undefined) continue;
    const isCaught = wrongPct(row) + row.inconclusivePct < 50 && row.medianBadRequests !== null;
    const cx = isCaught ? xOf(row.medianBadRequests ?? 0) : missedAt - 18 + 12 * missed;
    if (!isCaught) missed += 1;
    const style = isCaught
      ? `fill:var(--${colour})`
      : `fill:none;stroke:var(--${colour});stroke-width:2`;
    parts.push(element("circle", { cx, cy: middle, r: isCaught ? r : 4, style }));
  }
  return parts;
}

function describe(rows: readonly Row[], names: readonly string[]): string {
  return names
    .map((name) => {
      const values = rows
        .filter(({ scenario }) => scenario === name)
        .map(({ method, medianBadRequests }) => `${method} ${medianBadRequests ?? "not caught"}`);
      return `${name}: ${values.join(", ")}`;
    })
    .join("; ");
}
