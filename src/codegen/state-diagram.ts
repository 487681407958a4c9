/** The life of a Canary as a diagram and a table, from the rows of the rule table. Knows nothing of guards. */
import type { Phase } from "../api/canary-status.ts";
import { code, row, table } from "./markdown.ts";

/** What is shown of one rule: the phases in which it is asked, and those in which it leaves the Canary. */
export interface RuleRow {
  readonly name: string;
  readonly from: readonly Phase[];
  readonly to: readonly Phase[];
  readonly doc: string;
}

/** An arrow per pair of phases, with the names of the rules that take it; rules that stay in a phase are left out. */
export function printStateDiagram(rows: readonly RuleRow[], first: Phase): string {
  const arrows = new Map<string, string[]>();
  for (const { name, from, to } of rows) {
    for (const [source, target] of from.flatMap((f) => to.map((t) => [f, t] as const))) {
      if (source === target) continue;
      const arrow = `${source} --> ${target}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), name]);
    }
  }
  return [
    "```mermaid",
    "stateDiagram-v2",
    `  [*] --> ${first}`,
    ...[...arrows].map(([arrow, names]) => `  ${arrow}: ${names.join(", ")}`),
    "```",
  ].join("\n");
}

/** The rules in the order in which they are asked. */
export function printRules(rows: readonly RuleRow[]): string {
  const cells = rows.map(({ name, from, to, doc }, index) =>
    row([`${index + 1}`, code(name), from.join(", "), to.join(", "), doc]),
  );
  return `# Rules\n\nIn every pass these rules are asked in this order; the first that applies decides.\n\n${table(["", "Rule", "Asked in", "Leads to", "When, and what it does"], cells)}`;
}

/** The text with everything between the two markers replaced; throws an Error when a marker is missing. */
export function replaceBetween(text: string, name: string, content: string): string {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const start = text.indexOf(begin);
  const stop = text.indexOf(end, start);
  if (start < 0 || stop < 0) throw new Error(`the markers ${begin} and ${end} are missing`);
  return `${text.slice(0, start + begin.length)}\n${content}\n${text.slice(stop)}`;
}
