/** Reads the PromQL of a template's field: what is wrong with it, and where its selectors and matchers are. */
import type { SyntaxNode, Tree } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import type { TemplateProblem } from "../../../ports/metric-source.ts";
import { MAX_QUERY_DEPTH } from "./query-limits.ts";
import { problem, type SampleText, wordPlace } from "./variables.ts";

export interface ParsedField {
  /** `ratio.total` and so on, as messages name it. */
  readonly field: string;
  readonly template: string;
  readonly sample: SampleText;
  readonly tree: Tree;
  readonly problems: readonly TemplateProblem[];
}

/** What a field must be: a selection of counters, which Serin differences and sums, or any query. */
export type FieldKind = "Selector" | "Query";

export function parseField(
  field: string,
  template: string,
  sample: SampleText,
  kind: FieldKind,
): ParsedField {
  const { text, unknown } = withKnownFunctions(sample.text);
  // Told before the parser sees it, which takes long for what never closes.
  const isSteep = nestingOf(text) > MAX_QUERY_DEPTH;
  const tree = parser.parse(isSteep ? "" : text);
  const at = (node: { readonly from: number }): string =>
    `${field}, ${wordPlace(template, sample, node.from)}`;
  const warnings = unknown.map(({ name, from }) => {
    const message = `${at({ from })}: ${name} is no function that is known here; the server decides`;
    return problem("FunctionUnknown", message, "Warning");
  });
  const isDeep = isSteep || depthOf(tree) > MAX_QUERY_DEPTH;
  const wrong = isDeep
    ? tooDeep(field)
    : (syntaxProblem({ field, text, tree, at }) ?? oddProblem(tree, kind, at));
  return { field, template, sample, tree, problems: [...(wrong ?? []), ...warnings] };
}

type Place = (node: { readonly from: number }) => string;
type Problems = readonly TemplateProblem[] | undefined;

function tooDeep(field: string): Problems {
  const message = `${field}: nested deeper than ${MAX_QUERY_DEPTH} levels; write it flatter`;
  return [problem("SyntaxError", message)];
}

function syntaxProblem({
  field,
  text,
  tree,
  at,
}: Pick<ParsedField, "field" | "tree"> & { readonly text: string; readonly at: Place }): Problems {
  if (text.includes("{{")) return [problem("SyntaxError", `${field}: {{ without its }}`)];
  const error = firstError(tree);
  if (error === undefined) return undefined;
  const found = text.slice(error.from, error.from + 12);
  const what = found === "" ? "the query ends too early" : `unexpected "${found}"`;
  return [problem("SyntaxError", `${at(error)}: ${what}`)];
}

function oddProblem(tree: Tree, kind: FieldKind, at: Place): Problems {
  const odd = kind === "Selector" ? oddNode(tree.topNode) : undefined;
  return odd === undefined ? undefined : [problem("NotASelector", `${at(odd)}: ${selectOnly}`)];
}

const selectOnly =
  "select counters only, name{…}, several joined by `or`; Serin takes increments and sums itself";

/** A stand-in for functions that the grammar does not know, padded so that all places stay as they are. */
const STAND_IN = "abs";
/** Words that may stand before a parenthesis and are no functions. */
const NO_FUNCTIONS =
  /^(by|without|on|ignoring|group_left|group_right|and|or|unless|bool|offset|atan2|fill|fill_left|fill_right)$/i;

function withKnownFunctions(text: string): {
  readonly text: string;
  readonly unknown: readonly { readonly name: string; readonly from: number }[];
} {
  const unknown: { name: string; from: number }[] = [];
  // Quoted texts, closed or not, and comments are matched first, so that nothing inside them is taken for a call.
  const calls = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|`[^`]*`?|#.*|\b([a-zA-Z_]\w*)\b(?=\s*\()/g;
  const replaced = text.replaceAll(calls, (all: string, name: unknown, from: number) => {
    if (typeof name !== "string" || name.length < STAND_IN.length) return all;
    if (NO_FUNCTIONS.test(name) || isKnownFunction(name)) return all;
    unknown.push({ name, from });
    return STAND_IN.padEnd(name.length);
  });
  return { text: replaced, unknown };
}

function isKnownFunction(name: string): boolean {
  return firstError(parser.parse(`${name}(x)`)) === undefined;
}

function firstError(tree: Tree): { readonly from: number } | undefined {
  let found: { readonly from: number } | undefined;
  tree.iterate({
    enter(node) {
      if (node.type.isError) found ??= { from: node.from };
      return found === undefined;
    },
  });
  return found;
}

/** Brackets open at once, at most; those in quotes count too. */
function nestingOf(text: string): number {
  let open = 0;
  let most = 0;
  for (const character of text) {
    if ("([{".includes(character)) open += 1;
    else if (")]}".includes(character)) open -= 1;
    most = Math.max(most, open);
  }
  return most;
}

function depthOf(tree: Tree): number {
  let depth = 0;
  let deepest = 0;
  tree.iterate({
    enter() {
      depth += 1;
      deepest = Math.max(deepest, depth);
    },
    leave() {
      depth -= 1;
    },
  });
  return deepest;
}

/** The first part that is no selector, no union of such and no function that leaves counters as they are. */
function oddNode(node: SyntaxNode): SyntaxNode | undefined {
  switch (node.name) {
    case "VectorSelector":
    case "LineComment":
    case "FunctionIdentifier":
    case "Or":
      return undefined;
    case "PromQL":
    case "ParenExpr":
    case "BinaryExpr":
      return firstOf(childrenOf(node), oddNode);
    case "FunctionCallBody":
      return firstOf(
        childrenOf(node).filter(({ name }) => name !== "StringLiteral"),
        oddNode,
      );
    case "FunctionCall":
      return keepsCounters(node) ? firstOf(childrenOf(node), oddNode) : node;
    default:
      return node;
  }
}

/** Relabelling does; of functions that are not known (they were replaced by the stand-in) it is taken for granted. */
function keepsCounters(call: SyntaxNode): boolean {
  const name = call.firstChild?.firstChild?.name ?? "";
  return ["LabelReplace", "LabelJoin", "Abs"].includes(name);
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  return children;
}
