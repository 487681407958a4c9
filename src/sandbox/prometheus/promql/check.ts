/** The type rules of PromQL that its grammar does not express. Answers what is wrong, in Prometheus' words. */
import type {
  AggregateOperator,
  ArithmeticOperator,
  ComparisonOperator,
  Expression,
  Matching,
  OtherFunction,
  RangeFunction,
  SetOperator,
  ValueType,
} from "./ast.ts";
import { typeOf } from "./ast.ts";

const RANGE_FUNCTIONS: readonly string[] = ["rate", "increase", "irate"] satisfies RangeFunction[];
const AGGREGATES: readonly string[] = [
  "sum",
  "avg",
  "max",
  "min",
  "count",
] satisfies AggregateOperator[];
const COMPARISONS: readonly string[] = [
  "==",
  "!=",
  ">",
  "<",
  ">=",
  "<=",
] satisfies ComparisonOperator[];
const SET_OPERATORS: readonly string[] = ["and", "or", "unless"] satisfies SetOperator[];
const ARITHMETIC: readonly string[] = ["+", "-", "*", "/", "%", "^"] satisfies ArithmeticOperator[];

const PARAMETERS: Readonly<Record<OtherFunction, readonly ValueType[]>> = {
  abs: ["instant vector"],
  absent: ["instant vector"],
  clamp_max: ["instant vector", "scalar"],
  clamp_min: ["instant vector", "scalar"],
  histogram_quantile: ["scalar", "instant vector"],
  time: [],
  timestamp: ["instant vector"],
  vector: ["scalar"],
};

export function isRangeFunction(name: string): name is RangeFunction {
  return RANGE_FUNCTIONS.includes(name);
}

export function isOtherFunction(name: string): name is OtherFunction {
  return Object.hasOwn(PARAMETERS, name);
}

export function isAggregate(operator: string): operator is AggregateOperator {
  return AGGREGATES.includes(operator);
}

export function isComparison(operator: string): operator is ComparisonOperator {
  return COMPARISONS.includes(operator);
}

export function isSetOperator(operator: string): operator is SetOperator {
  return SET_OPERATORS.includes(operator);
}

export function isArithmetic(operator: string): operator is ArithmeticOperator {
  return ARITHMETIC.includes(operator);
}

/** What is wrong with the arguments of a function, or undefined. */
export function checkArguments(
  name: RangeFunction | OtherFunction,
  args: readonly Expression[],
): string | undefined {
  const expected: readonly ValueType[] = isRangeFunction(name)
    ? ["range vector"]
    : PARAMETERS[name];
  if (args.length !== expected.length) {
    return `expected ${expected.length} argument(s) in call to "${name}", got ${args.length}`;
  }
  for (const [index, type] of expected.entries()) {
    const arg = args[index];
    const actual = arg === undefined ? type : typeOf(arg);
    if (actual !== type) {
      return `expected type ${type} in call to function "${name}", got ${actual}`;
    }
  }
  return undefined;
}

export interface BinaryParts {
  readonly operator: string;
  readonly bool: boolean;
  readonly matching: Matching | undefined;
  readonly left: Expression;
  readonly right: Expression;
}

/** What is wrong with a binary expression, or undefined. */
export function checkBinary(parts: BinaryParts): string | undefined {
  const types = [typeOf(parts.left), typeOf(parts.right)];
  if (types.some((type) => type !== "scalar" && type !== "instant vector")) {
    return "binary expression must contain only scalar and instant vector types";
  }
  const vectors = types.filter((type) => type === "instant vector").length;
  return checkModifiers(parts, vectors) ?? checkMatching(parts, vectors);
}

function checkModifiers({ operator, bool }: BinaryParts, vectors: number): string | undefined {
  if (bool && !isComparison(operator)) {
    return "bool modifier can only be used on comparison operators";
  }
  if (isComparison(operator) && !bool && vectors === 0) {
    return "comparisons between scalars must use BOOL modifier";
  }
  if (isSetOperator(operator) && vectors < 2) {
    return `set operator "${operator}" not allowed in binary scalar expression`;
  }
  return undefined;
}

function checkMatching({ operator, matching }: BinaryParts, vectors: number): string | undefined {
  if (matching === undefined) return undefined;
  if (vectors < 2) return "vector matching only allowed between instant vectors";
  if (matching.group === "None") return undefined;
  if (isSetOperator(operator)) return `no grouping allowed for "${operator}" operation`;
  const both = matching.on
    ? matching.include.find((label) => matching.labels.includes(label))
    : undefined;
  if (both === undefined) return undefined;
  return `label "${both}" must not occur in ON and GROUP clause at once`;
}
