/**
 * Turns a query's text into an expression that the evaluator knows, or says at which position what is wrong or
 * not supported. The grammar is Prometheus' own; the meaning of its nodes is decided here.
 */
import type { SyntaxNode, Tree } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { MAX_QUERY_CHARS } from "../limits.ts";
import type { Aggregate, Call, Expression, RangeCall, RangeSelector } from "./ast.ts";
import { typeOf, withoutParentheses } from "./ast.ts";
import { checkArguments, isAggregate, isOtherFunction, isRangeFunction } from "./check.ts";
import type { QueryError } from "./errors.ts";
import { parseError } from "./errors.ts";
import type { Operand } from "./flatten.ts";
import { deeper, flatten } from "./flatten.ts";
import { parseNumber } from "./literals.ts";
import { parseOperators } from "./parse-operators.ts";
import type { Source } from "./parse-selector.ts";
import {
  childrenOf,
  parseDuration,
  parseLabelList,
  parseSelector,
  parseString,
  textOf,
} from "./parse-selector.ts";

export function parseQuery(query: string): Expression {
  if (query.length > MAX_QUERY_CHARS) {
    throw parseError("", 0, `query is longer than ${MAX_QUERY_CHARS} characters`);
  }
  const tree = parser.parse(query);
  const failure = findSyntaxError(tree, query);
  if (failure !== undefined) throw failure;
  const [root] = childrenOf(tree.topNode);
  if (root === undefined) throw parseError(query, 0, "no expression found in input");
  return parseExpression(root, { query, depth: 0 });
}

function findSyntaxError(tree: Tree, query: string): QueryError | undefined {
  let at: number | undefined;
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) at ??= node.from;
    },
  });
  if (at === undefined) return undefined;
  if (query.trim() === "") return parseError(query, 0, "no expression found in input");
  const called = /([a-zA-Z_][a-zA-Z0-9_]*)\s*$/.exec(query.slice(0, at));
  const rest = query.slice(at).trimStart();
  if (called !== null && rest.startsWith("(")) {
    return parseError(query, called.index, `unknown function with name "${called[1]}"`);
  }
  const token = /^(?:\w+|.)/s.exec(rest)?.[0];
  const unexpected = token === undefined ? "end of input" : JSON.stringify(token);
  return parseError(query, at, `unexpected ${unexpected}`);
}

function parseExpression(node: SyntaxNode, outer: Source): Expression {
  const source = deeper(node, outer);
  return parseOperators(flatten(node, source), source, (operand) => parseOperand(operand, source));
}

function parseOperand({ node, unsigned, postfixes }: Operand, source: Source): Expression {
  let expression = parsePrimary(node, unsigned, source);
  for (const postfix of postfixes) expression = applyPostfix(expression, postfix, source);
  return expression;
}

function parsePrimary(node: SyntaxNode, unsigned: string | undefined, source: Source): Expression {
  switch (node.name) {
    case "NumberDurationLiteral":
      return { kind: "Number", value: parseNumberNode(node, unsigned, source) };
    case "StringLiteral":
      return { kind: "Text", value: parseString(node, source) };
    case "ParenExpr":
      return { kind: "Parenthesis", operand: parseExpression(childAt(node, 0, source), source) };
    case "VectorSelector":
      return parseSelector(node, source);
    case "AggregateExpr":
      return parseAggregate(node, source);
    case "FunctionCall":
      return parseCall(node, source);
    default:
      throw fail(node, source, `unsupported: ${node.name}`);
  }
}

function parseNumberNode(node: SyntaxNode, unsigned: string | undefined, source: Source): number {
  const text = unsigned ?? textOf(node, source);
  const value = parseNumber(text);
  if (value === undefined) throw fail(node, source, `bad number or duration syntax: "${text}"`);
  return value;
}

function applyPostfix(expression: Expression, postfix: SyntaxNode, source: Source): Expression {
  switch (postfix.name) {
    case "MatrixSelector":
      return applyRange(expression, postfix, source);
    case "OffsetExpr":
      return applyOffset(expression, postfix, source);
    case "SubqueryExpr":
      throw fail(childAt(postfix, 1, source), source, "unsupported: subquery");
    case "StepInvariantExpr":
      throw fail(childAt(postfix, 1, source), source, "unsupported: modifier @");
    default: {
      const modifier = childAt(postfix, 1, source);
      throw fail(modifier, source, `unsupported: modifier ${textOf(modifier, source)}`);
    }
  }
}

function applyRange(selector: Expression, node: SyntaxNode, source: Source): RangeSelector {
  const duration = childAt(node, 1, source);
  if (selector.kind !== "Selector") {
    throw fail(duration, source, "ranges only allowed for vector selectors");
  }
  if (selector.offsetMs !== 0) {
    throw fail(duration, source, "no offset modifiers allowed before range");
  }
  const rangeMs = parseDuration(duration, source);
  if (rangeMs <= 0) throw fail(duration, source, "duration must be greater than 0");
  return { kind: "Range", selector, rangeMs };
}

function applyOffset(operand: Expression, node: SyntaxNode, source: Source): Expression {
  const duration = childAt(node, 2, source);
  const offsetMs = parseDuration(duration, source);
  if (operand.kind === "Selector" && operand.offsetMs === 0) return { ...operand, offsetMs };
  if (operand.kind === "Range" && operand.selector.offsetMs === 0) {
    return { ...operand, selector: { ...operand.selector, offsetMs } };
  }
  const message =
    operand.kind === "Selector" || operand.kind === "Range"
      ? "offset may not be set multiple times"
      : "offset modifier must be preceded by an instant vector selector or range vector selector";
  throw fail(duration, source, message);
}

function parseAggregate(node: SyntaxNode, source: Source): Aggregate {
  const parts = childrenOf(node);
  const operator = textOf(childAt(node, 0, source), source).toLowerCase();
  if (!isAggregate(operator)) {
    throw fail(node, source, `unsupported: aggregation operator "${operator}"`);
  }
  const body = parts.find((part) => part.name === "FunctionCallBody");
  const args = body === undefined ? [] : childrenOf(body);
  const [operandNode] = args;
  if (operandNode === undefined || args.length !== 1) {
    const message = `wrong number of arguments for aggregate expression provided, expected 1, got ${args.length}`;
    throw fail(node, source, message);
  }
  const operand = parseExpression(operandNode, source);
  if (typeOf(operand) !== "instant vector") {
    const message = `expected type instant vector in aggregation expression, got ${typeOf(operand)}`;
    throw fail(node, source, message);
  }
  const modifier = parts.find((part) => part.name === "AggregateModifier");
  const [keyword, labels] = modifier === undefined ? [] : childrenOf(modifier);
  return {
    kind: "Aggregate",
    operator,
    without: keyword?.name === "Without",
    labels: parseLabelList(labels, source),
    operand,
  };
}

function parseCall(node: SyntaxNode, source: Source): Call | RangeCall {
  const name = textOf(childAt(node, 0, source), source);
  if (!isRangeFunction(name) && !isOtherFunction(name)) {
    throw fail(node, source, `unsupported: function "${name}"`);
  }
  const args = childrenOf(childAt(node, 1, source)).map((arg) => parseExpression(arg, source));
  const wrong = checkArguments(name, args);
  if (wrong !== undefined) throw fail(node, source, wrong);
  if (!isRangeFunction(name)) return { kind: "Call", name, args };
  const range = args.map(withoutParentheses)[0];
  if (range?.kind !== "Range") throw fail(node, source, "expected a range selector");
  return { kind: "RangeCall", name, range };
}

function childAt(node: SyntaxNode, index: number, source: Source): SyntaxNode {
  const child = childrenOf(node)[index];
  if (child === undefined) throw fail(node, source, `incomplete ${node.name}`);
  return child;
}

function fail(node: SyntaxNode, source: Source, message: string): QueryError {
  return parseError(source.query, node.from, message);
}
