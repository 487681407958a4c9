/** Reads selectors, label lists and durations off the syntax tree: the leaves that hold no expressions. */
import type { SyntaxNode } from "@lezer/common";
import type { LabelMatcher, MatchOperator } from "../label-matcher.ts";
import { createMatcher, UnsupportedPatternError } from "../label-matcher.ts";
import { METRIC_NAME } from "../label-set.ts";
import type { Selector } from "./ast.ts";
import { parseError } from "./errors.ts";
import { parseNumber, parseText } from "./literals.ts";

/** The query's text and how deep in its tree a function is. */
export interface Source {
  readonly query: string;
  readonly depth: number;
}

export function textOf(node: SyntaxNode, source: Source): string {
  return source.query.slice(node.from, node.to);
}

export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== "LineComment") children.push(child);
  }
  return children;
}

export function parseString(node: SyntaxNode, source: Source): string {
  const text = parseText(textOf(node, source));
  if (text === undefined) throw parseError(source.query, node.from, "invalid quoted string");
  return text;
}

export function parseSelector(node: SyntaxNode, source: Source): Selector {
  const children = childrenOf(node);
  const entries = children.flatMap((child) =>
    child.name === "Identifier" ? [child] : childrenOf(child),
  );
  const isName = (entry: SyntaxNode) => !entry.name.endsWith("LabelMatcher");
  const names = entries.filter(isName).map((entry) => parseName(entry, source));
  const matchers = entries
    .filter((entry) => !isName(entry))
    .map((entry) => parseMatcher(entry, source));
  const [name, second] = names;
  if (second !== undefined) {
    const message = `metric name must not be set twice: "${name}" or "${second}"`;
    throw parseError(source.query, node.from, message);
  }
  if (name !== undefined) matchers.push(createMatcher(METRIC_NAME, "=", name));
  if (matchers.every((matcher) => matcher.matches(""))) {
    const message = "vector selector must contain at least one non-empty matcher";
    throw parseError(source.query, node.from, message);
  }
  return { kind: "Selector", name, matchers, offsetMs: 0 };
}

function parseMatcher(node: SyntaxNode, source: Source): LabelMatcher {
  const [label, operator, value] = childrenOf(node);
  if (label === undefined || operator === undefined || value === undefined) {
    throw parseError(source.query, node.from, "incomplete label matcher");
  }
  const parsedOperator = parseMatchOperator(operator, source);
  const text = parseString(value, source);
  try {
    return createMatcher(parseName(label, source), parsedOperator, text);
  } catch (error) {
    if (!(error instanceof UnsupportedPatternError)) throw error;
    throw parseError(source.query, value.from, error.message);
  }
}

function parseMatchOperator(node: SyntaxNode, source: Source): MatchOperator {
  const text = textOf(node, source);
  if (text === "=" || text === "!=" || text === "=~" || text === "!~") return text;
  throw parseError(source.query, node.from, `unexpected ${text} in label matching`);
}

/** A label's or metric's name, written plainly or quoted. */
function parseName(node: SyntaxNode, source: Source): string {
  if (node.name !== "QuotedLabelName") return textOf(node, source);
  const [literal] = childrenOf(node);
  if (literal === undefined) throw parseError(source.query, node.from, "missing name");
  return parseString(literal, source);
}

/** The names in `by (a, b)`, `on (a)` and the like. */
export function parseLabelList(node: SyntaxNode | undefined, source: Source): readonly string[] {
  if (node === undefined) return [];
  return childrenOf(node).map((label) => parseName(label, source));
}

/** A duration, possibly negative, as milliseconds; calculations with durations are not supported. */
export function parseDuration(node: SyntaxNode, source: Source): number {
  const text = textOf(node, source);
  const seconds = parseNumber(text);
  if (seconds === undefined || !Number.isFinite(seconds)) {
    throw parseError(source.query, node.from, `unsupported duration ${JSON.stringify(text)}`);
  }
  return Math.round(seconds * 1000);
}
