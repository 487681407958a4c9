/** Builds the expression of a row of operands and operators by PromQL's precedence, and checks its types. */
import type { SyntaxNode } from "@lezer/common";
import type { Binary, Expression, Matching } from "./ast.ts";
import { typeOf } from "./ast.ts";
import type { BinaryParts } from "./check.ts";
import { checkBinary, isArithmetic, isComparison, isSetOperator } from "./check.ts";
import { parseError } from "./errors.ts";
import type { Operand, Operator, Part, Sign } from "./flatten.ts";
import type { Source } from "./parse-selector.ts";
import { childrenOf, parseLabelList } from "./parse-selector.ts";

/** Higher binds tighter. A sign binds like a multiplication, so -a ^ 2 is -(a ^ 2). */
const PRECEDENCE: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  "==": 3,
  "!=": 3,
  "<=": 3,
  "<": 3,
  ">=": 3,
  ">": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  "^": 6,
};
const LOWEST = 1;
const POWER = 6;

const DEFAULT_MATCHING: Matching = { on: false, labels: [], group: "None", include: [] };

export function parseOperators(
  parts: readonly Part[],
  source: Source,
  parseOperand: (operand: Operand) => Expression,
): Expression {
  let next = 0;

  function climb(lowest: number): Expression {
    let left = prefixed();
    for (;;) {
      const operator = parts[next];
      if (operator?.kind !== "Operator") return left;
      const precedence = precedenceOf(operator, source);
      if (precedence < lowest) return left;
      next += 1;
      // Only the power associates to the right.
      const right = climb(precedence === POWER ? precedence : precedence + 1);
      left = buildBinary(operator, left, right, source);
    }
  }

  function prefixed(): Expression {
    const part = parts[next];
    next += 1;
    if (part?.kind === "Sign") return applySign(part, climb(POWER), source);
    if (part?.kind === "Operand") return parseOperand(part);
    throw parseError(source.query, part?.node.from ?? source.query.length, "missing operand");
  }

  return climb(LOWEST);
}

function precedenceOf({ text, node }: Operator, source: Source): number {
  const precedence = PRECEDENCE[text];
  if (precedence !== undefined) return precedence;
  throw parseError(source.query, node.from, `unsupported: operator "${text}"`);
}

function applySign({ isNegative, node }: Sign, operand: Expression, source: Source): Expression {
  const type = typeOf(operand);
  if (type !== "scalar" && type !== "instant vector") {
    const allowed = "unary expression only allowed on expressions of type scalar or instant vector";
    throw parseError(source.query, node.from, `${allowed}, got "${type}"`);
  }
  if (!isNegative) return operand;
  if (operand.kind === "Number") return { kind: "Number", value: -operand.value };
  return { kind: "Negation", operand };
}

function buildBinary(
  operator: Operator,
  left: Expression,
  right: Expression,
  source: Source,
): Binary {
  const read = readBinary(operator, source);
  const wrong = checkBinary({ ...read, left, right });
  if (wrong !== undefined) throw parseError(source.query, operator.node.from, wrong);
  const { operator: text, bool } = read;
  const matching = read.matching ?? DEFAULT_MATCHING;
  if (isComparison(text))
    return { kind: "Comparison", operator: text, bool, matching, left, right };
  if (isSetOperator(text)) return { kind: "SetOperation", operator: text, matching, left, right };
  if (isArithmetic(text)) return { kind: "Arithmetic", operator: text, matching, left, right };
  throw parseError(source.query, operator.node.from, `unsupported: operator "${text}"`);
}

function readBinary(
  { text, modifiers }: Operator,
  source: Source,
): Omit<BinaryParts, "left" | "right"> {
  const fill = modifiers.find((modifier) => modifier.name.startsWith("Fill"));
  if (fill !== undefined) {
    throw parseError(source.query, fill.from, "unsupported: modifier fill");
  }
  const clause = modifiers.find((modifier) => modifier.name === "MatchingModifierClause");
  return {
    operator: text,
    bool: modifiers.some((modifier) => modifier.name === "BoolModifier"),
    matching: clause === undefined ? undefined : parseMatching(clause, source),
  };
}

function parseMatching(node: SyntaxNode, source: Source): Matching {
  const [keyword, labels, group, include] = childrenOf(node);
  return {
    on: keyword?.name === "On",
    labels: parseLabelList(labels, source),
    group: groupOf(group),
    include: parseLabelList(include, source),
  };
}

function groupOf(node: SyntaxNode | undefined): Matching["group"] {
  if (node === undefined) return "None";
  return node.name === "GroupLeft" ? "Left" : "Right";
}
