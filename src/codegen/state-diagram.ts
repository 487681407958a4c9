/** The life of a Canary as a diagram and a table, from the rows of the rule table. Knows nothing of guards. */
import { code, row, table } from "./markdown.ts";

/** What is shown of one rule: the phases in which it is asked, and those to which it may lead. */
export interface RuleRow {
  readonly name: string;
  readonly from: readonly string[];
  /** A pair is one arrow; a phase is led to from each in `from`. */
  readonly leadsTo: readonly (string | readonly [string, string])[];
  readonly doc: string;
}

/** The phase of a Canary that was never touched; a diagram shows it as its beginning. */
const beginning = "New";

function arrowsOf({ from, leadsTo }: RuleRow): readonly (readonly [string, string])[] {
  return leadsTo.flatMap((to) =>
    typeof to === "string" ? from.map((source) => [source, to] as const) : [to],
  );
}

/** More arrows of one rule than a picture bears: a sentence says them. */
const mostArrows = 6;

/**
 * An arrow per pair of phases, with the names of the rules that take it; rules that stay in a phase are left out, and
 * those that lead from or to nearly every phase are told below.
 */
export function printStateDiagram(rows: readonly RuleRow[]): string {
  const moves = rows.map((rule) => ({
    rule,
    arrows: arrowsOf(rule).filter(([source, target]) => source !== target),
  }));
  const arrows = new Map<string, string[]>();
  for (const { rule, arrows: own } of moves) {
    if (own.length > mostArrows) continue;
    for (const [source, target] of own) {
      const arrow = `${source === beginning ? "[*]" : source} --> ${target}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), rule.name]);
    }
  }
  const told = moves.filter(({ arrows: own }) => own.length > mostArrows);
  return [
    "```mermaid",
    "stateDiagram-v2",
    ...[...arrows].map(([arrow, names]) => `  ${arrow}: ${names.join(", ")}`),
    "```",
    ...(told.length > 0 ? ["", `Not drawn: ${told.map(wordMoves).join("; ")}.`] : []),
  ].join("\n");
}

/** "`suspend`, from 8 phases to Suspended". */
function wordMoves({
  rule,
  arrows,
}: {
  readonly rule: RuleRow;
  readonly arrows: readonly (readonly [string, string])[];
}): string {
  const sources = new Set(arrows.map(([source]) => source));
  const targets = new Set(arrows.map(([, target]) => target));
  const say = (phases: ReadonlySet<string>) =>
    phases.size === 1 ? [...phases].join("") : `${phases.size} phases`;
  return `${code(rule.name)}, from ${say(sources)} to ${say(targets)}`;
}

const printTarget = (to: string | readonly [string, string]): string =>
  typeof to === "string" ? to : `${to[1]} (from ${to[0]})`;

/** The rules in the order in which they are asked. */
export function printRules(rows: readonly RuleRow[]): string {
  const cells = rows.map(({ name, from, leadsTo, doc }, index) =>
    row([`${index + 1}`, code(name), doc, from.join(", "), leadsTo.map(printTarget).join(", ")]),
  );
  return `# Rules\n\nIn every pass these rules are asked in this order; the first that applies decides. If none does, Serin holds.\n\n${table(["", "Rule", "When, and what it does", "Asked in", "May lead to"], cells)}`;
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
