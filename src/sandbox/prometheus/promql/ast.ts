/** What a query means, after parsing and type checking: only what the evaluator can evaluate is representable. */
import type { LabelMatcher } from "../label-matcher.ts";

export type ArithmeticOperator = "+" | "-" | "*" | "/" | "%" | "^";
export type ComparisonOperator = "==" | "!=" | ">" | "<" | ">=" | "<=";
export type SetOperator = "and" | "or" | "unless";
export type AggregateOperator = "sum" | "avg" | "max" | "min" | "count";

/** How series of both sides are paired: by the values of these labels, or of all but these. */
export interface Matching {
  readonly on: boolean;
  readonly labels: readonly string[];
  readonly group: "None" | "Left" | "Right";
  /** Labels that group_left or group_right copies from the side that has one series. */
  readonly include: readonly string[];
}

export type Selector = {
  readonly kind: "Selector";
  readonly name: string | undefined;
  readonly matchers: readonly LabelMatcher[];
  readonly offsetMs: number;
};

export type RangeSelector = {
  readonly kind: "Range";
  readonly selector: Selector;
  readonly rangeMs: number;
};

export type RangeCall = {
  readonly kind: "RangeCall";
  readonly name: RangeFunction;
  readonly range: RangeSelector;
};

export type Call = {
  readonly kind: "Call";
  readonly name: OtherFunction;
  readonly args: readonly Expression[];
};

export type RangeFunction = "rate" | "increase" | "irate";
export type OtherFunction =
  | "abs"
  | "absent"
  | "clamp_max"
  | "clamp_min"
  | "histogram_quantile"
  | "time"
  | "timestamp"
  | "vector";

export type Aggregate = {
  readonly kind: "Aggregate";
  readonly operator: AggregateOperator;
  readonly without: boolean;
  readonly labels: readonly string[];
  readonly operand: Expression;
};

export type Binary =
  | {
      readonly kind: "Arithmetic";
      readonly operator: ArithmeticOperator;
      readonly matching: Matching;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "Comparison";
      readonly operator: ComparisonOperator;
      /** Answer 0 or 1 instead of filtering. */
      readonly bool: boolean;
      readonly matching: Matching;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "SetOperation";
      readonly operator: SetOperator;
      readonly matching: Matching;
      readonly left: Expression;
      readonly right: Expression;
    };

export type Expression =
  | { readonly kind: "Number"; readonly value: number }
  | { readonly kind: "Text"; readonly value: string }
  | { readonly kind: "Negation"; readonly operand: Expression }
  | { readonly kind: "Parenthesis"; readonly operand: Expression }
  | Selector
  | RangeSelector
  | RangeCall
  | Call
  | Aggregate
  | Binary;

export type ValueType = "scalar" | "instant vector" | "range vector" | "string";

export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case "Number":
      return "scalar";
    case "Text":
      return "string";
    case "Range":
      return "range vector";
    case "Selector":
    case "RangeCall":
    case "Aggregate":
    case "SetOperation":
      return "instant vector";
    case "Call":
      return expression.name === "time" ? "scalar" : "instant vector";
    case "Negation":
    case "Parenthesis":
      return typeOf(expression.operand);
    case "Arithmetic":
    case "Comparison":
      return typeOf(expression.left) === "scalar" && typeOf(expression.right) === "scalar"
        ? "scalar"
        : "instant vector";
  }
}

export function withoutParentheses(expression: Expression): Expression {
  return expression.kind === "Parenthesis" ? withoutParentheses(expression.operand) : expression;
}
