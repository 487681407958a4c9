/**
 * Undoes what the grammar makes of operators: it lets `offset`, `[5m]` and `@` bind looser than binary operators
 * and takes a sign into a number, so that `a + b offset 5m` shifts the sum and -2 ^ 2 is 4. Only the order of the
 * parts is trusted here; precedence is applied by parse-operators.ts.
 */
import type { SyntaxNode } from "@lezer/common";
import { MAX_EXPRESSION_DEPTH } from "../limits.ts";
import { parseError } from "./errors.ts";
import type { Source } from "./parse-selector.ts";
import { childrenOf, textOf } from "./parse-selector.ts";

/** An operand with the postfixes that follow it, nearest first. */
export interface Operand {
  readonly kind: "Operand";
  readonly node: SyntaxNode;
  /** A number without the sign that the grammar took into it. */
  readonly unsigned: string | undefined;
  readonly postfixes: SyntaxNode[];
}

export interface Operator {
  readonly kind: "Operator";
  readonly text: string;
  readonly node: SyntaxNode;
  /** bool, on, ignoring, group and fill. */
  readonly modifiers: readonly SyntaxNode[];
}

export interface Sign {
  readonly kind: "Sign";
  readonly isNegative: boolean;
  readonly node: SyntaxNode;
}

export type Part = Operand | Operator | Sign;

const POSTFIXES = new Set([
  "OffsetExpr",
  "MatrixSelector",
  "SubqueryExpr",
  "StepInvariantExpr",
  "AnchoredExpr",
  "SmoothedExpr",
]);

export function flatten(node: SyntaxNode, source: Source): readonly Part[] {
  const parts: Part[] = [];
  append(node, source, parts);
  return parts;
}

function append(node: SyntaxNode, source: Source, parts: Part[]): void {
  if (node.name === "BinaryExpr") appendBinary(node, source, parts);
  else if (node.name === "UnaryExpr") appendSigned(node, source, parts);
  else if (POSTFIXES.has(node.name)) appendPostfix(node, source, parts);
  else appendOperand(node, source, parts);
}

function appendBinary(node: SyntaxNode, source: Source, parts: Part[]): void {
  const children = childrenOf(node);
  const [left, operator] = children;
  const right = children.at(-1);
  if (left === undefined || operator === undefined || right === undefined) return;
  append(left, deeper(left, source), parts);
  const text = textOf(operator, source).toLowerCase();
  parts.push({ kind: "Operator", text, node: operator, modifiers: children.slice(2, -1) });
  append(right, deeper(right, source), parts);
}

function appendSigned(node: SyntaxNode, source: Source, parts: Part[]): void {
  const [sign, operand] = childrenOf(node);
  if (sign === undefined || operand === undefined) return;
  parts.push(signOf(sign, source));
  append(operand, deeper(operand, source), parts);
}

function appendPostfix(node: SyntaxNode, source: Source, parts: Part[]): void {
  const [inner] = childrenOf(node);
  if (inner === undefined) return;
  append(inner, deeper(inner, source), parts);
  const operand = parts.at(-1);
  if (operand?.kind === "Operand") operand.postfixes.push(node);
}

function appendOperand(node: SyntaxNode, source: Source, parts: Part[]): void {
  const text = textOf(node, source);
  const isNumber = node.name === "NumberDurationLiteral";
  if (isNumber && /^[+-]/.test(text)) parts.push(signOf(node, source));
  const unsigned = isNumber ? text.replace(/^[+-]\s*/, "") : undefined;
  parts.push({ kind: "Operand", node, unsigned, postfixes: [] });
}

function signOf(node: SyntaxNode, source: Source): Sign {
  return { kind: "Sign", isNegative: textOf(node, source).startsWith("-"), node };
}

export function deeper(node: SyntaxNode, source: Source): Source {
  if (source.depth >= MAX_EXPRESSION_DEPTH) {
    throw parseError(source.query, node.from, "query is nested too deeply");
  }
  return { query: source.query, depth: source.depth + 1 };
}
