/**
 * A template's field cut into pieces that can be put together again for one version, for many at once, or for people.
 * Knows where variables and matchers are; not what they stand for.
 */
import type { SyntaxNode } from "@lezer/common";
import { childrenOf, type ParsedField } from "./syntax.ts";
import { isDuration } from "./variables.ts";

export type Quote = '"' | "'" | "`";
/** Where a variable stands: inside a quoted text, where only a duration may, or (undefined) where a name may. */
export type Place = Quote | "Duration" | undefined;

export type Piece =
  | { readonly kind: "Text"; readonly text: string }
  | { readonly kind: "Variable"; readonly name: string; readonly place: Place }
  /** A matcher `label="{{ name }}"` as a whole: the only kind that can be widened. */
  | { readonly kind: "Matcher"; readonly label: string; readonly name: string }
  /** Where a selector begins, where matchers may be added to it, and where it ends. */
  | { readonly kind: "Begin" }
  | { readonly kind: "Matchers" }
  | { readonly kind: "End"; readonly hasBraces: boolean };

/** A piece that replaces a span of the sample text. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly piece: Piece;
}

export interface Selector {
  readonly pieces: readonly Piece[];
  /** Matchers of each single selector within, by label: which variable is their whole value, undefined for other values. */
  readonly parts: readonly SelectorPart[];
}

export interface SelectorPart {
  readonly name: string | undefined;
  readonly matchers: readonly MatcherPart[];
}

export interface MatcherPart {
  readonly label: string;
  readonly operator: string;
  /** As written, without its quotes; stand-ins where variables are. */
  readonly value: string;
  /** The variable that is the whole value of an `=` matcher. */
  readonly variable: string | undefined;
  /** Every variable in the value. */
  readonly variables: readonly string[];
}

/** Cuts a field without syntax errors. */
export function cutSelector(parsed: ParsedField): Selector {
  const found = nodesOf(parsed.tree.topNode);
  const matchers = found.filter(isMatcher);
  const whole = matchers.flatMap((node) => wholeMatcher(parsed, node));
  const loose = parsed.sample.uses
    .filter(({ at }) => !whole.some(({ from, to }) => from <= at && at < to))
    .map((use): Edit => {
      const { name, at, stand } = use;
      const place = isDuration(use) ? "Duration" : quoteAt(parsed, found, at);
      return { from: at, to: at + stand.length, piece: { kind: "Variable", name, place } };
    });
  const selectors = found.filter(({ name }) => name === "VectorSelector");
  const edits = [...selectors.flatMap(selectorEdits), ...whole, ...loose];
  return {
    pieces: cut(parsed.sample.text, edits),
    parts: selectors.map((node) => partOf(parsed, node)),
  };
}

/** In the order of the text. Without recursion: people may nest as deep as a field is long. */
function nodesOf(node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const left = [node];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    found.push(next);
    left.push(...childrenOf(next).toReversed());
  }
  return found;
}

function isMatcher({ name }: SyntaxNode): boolean {
  return name === "UnquotedLabelMatcher" || name === "QuotedLabelMatcher";
}

/** Label, operator and value of a matcher. */
function partsOfMatcher({ sample: { text } }: ParsedField, node: SyntaxNode) {
  const [label, operator, value] = childrenOf(node);
  if (label === undefined || operator === undefined || value === undefined) return undefined;
  const written = text.slice(label.from, label.to);
  const name = label.name === "QuotedLabelName" ? written.slice(1, -1) : written;
  return { label: name, written, operator: text.slice(operator.from, operator.to), value };
}

/** The variable that is the whole value of an `=` matcher. */
function variableOf(parsed: ParsedField, node: SyntaxNode): string | undefined {
  const parts = partsOfMatcher(parsed, node);
  if (parts === undefined || parts.operator !== "=") return undefined;
  const { from, to } = parts.value;
  return parsed.sample.uses.find(({ at }) => at === from + 1 && to === at + 2)?.name;
}

function wholeMatcher(parsed: ParsedField, node: SyntaxNode): readonly Edit[] {
  const label = partsOfMatcher(parsed, node)?.written;
  const name = variableOf(parsed, node);
  if (label === undefined || name === undefined) return [];
  return [{ from: node.from, to: node.to, piece: { kind: "Matcher", label, name } }];
}

function quoteAt(parsed: ParsedField, nodes: readonly SyntaxNode[], at: number): Quote | undefined {
  const literal = nodes.find(
    ({ name, from, to }) => name === "StringLiteral" && from < at && at < to,
  );
  const quote = literal === undefined ? undefined : parsed.sample.text[literal.from];
  return quote === '"' || quote === "'" || quote === "`" ? quote : undefined;
}

function selectorEdits(node: SyntaxNode): readonly Edit[] {
  const braces = childrenOf(node).find(({ name }) => name === "LabelMatchers");
  const mark = (at: number, piece: Piece): Edit => ({ from: at, to: at, piece });
  return [
    mark(node.from, { kind: "Begin" }),
    ...(braces === undefined ? [] : [mark(braces.from + 1, { kind: "Matchers" })]),
    mark(node.to, { kind: "End", hasBraces: braces !== undefined }),
  ];
}

function partOf(parsed: ParsedField, node: SyntaxNode): SelectorPart {
  const identifier = childrenOf(node).find(({ name }) => name === "Identifier");
  const matchers = nodesOf(node)
    .filter(isMatcher)
    .map((matcher) => matcherPart(parsed, matcher));
  const name = identifier && parsed.sample.text.slice(identifier.from, identifier.to);
  return { name, matchers };
}

function matcherPart(parsed: ParsedField, node: SyntaxNode): MatcherPart {
  const { text, uses } = parsed.sample;
  const parts = partsOfMatcher(parsed, node);
  const within = uses.filter(({ at }) => node.from <= at && at < node.to);
  return {
    label: parts?.label ?? "",
    operator: parts?.operator ?? "",
    value: parts === undefined ? "" : text.slice(parts.value.from + 1, parts.value.to - 1),
    variable: variableOf(parsed, node),
    variables: within.map(({ name }) => name),
  };
}

/** Marks go before a span that begins where they are, and after one that ends there. */
function cut(text: string, edits: readonly Edit[]): readonly Piece[] {
  const ordered = [...edits].sort((a, b) => a.from - b.from || a.to - b.to);
  const pieces: Piece[] = [];
  let from = 0;
  for (const edit of ordered) {
    if (edit.from > from) pieces.push({ kind: "Text", text: text.slice(from, edit.from) });
    pieces.push(edit.piece);
    from = edit.to;
  }
  if (from < text.length) pieces.push({ kind: "Text", text: text.slice(from) });
  return pieces;
}
