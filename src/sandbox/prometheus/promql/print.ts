/** Writes an expression the way Prometheus prints it on one line. */
import type { LabelMatcher } from "../label-matcher.ts";
import { METRIC_NAME } from "../label-set.ts";
import type { Aggregate, Binary, Expression, RangeSelector, Selector } from "./ast.ts";

const UNITS: readonly (readonly [string, number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "Number":
      return printNumber(expression.value);
    case "Text":
      return JSON.stringify(expression.value);
    case "Negation":
      return `-${printExpression(expression.operand)}`;
    case "Parenthesis":
      return `(${printExpression(expression.operand)})`;
    case "Selector":
      return printSelector(expression) + printOffset(expression.offsetMs);
    case "Range":
      return printRange(expression);
    case "RangeCall":
      return `${expression.name}(${printRange(expression.range)})`;
    case "Call":
      return `${expression.name}(${expression.args.map(printExpression).join(", ")})`;
    case "Aggregate":
      return printAggregate(expression);
    case "Arithmetic":
    case "Comparison":
    case "SetOperation":
      return printBinary(expression);
  }
}

function printNumber(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}

function printSelector({ name, matchers }: Selector): string {
  const shown = matchers.filter(
    ({ label, operator, value }) => label !== METRIC_NAME || operator !== "=" || value !== name,
  );
  if (shown.length === 0) return name ?? "";
  return `${name ?? ""}{${shown.map(printMatcher).join(",")}}`;
}

function printMatcher({ label, operator, value }: LabelMatcher): string {
  return `${label}${operator}${JSON.stringify(value)}`;
}

function printRange({ selector, rangeMs }: RangeSelector): string {
  return `${printSelector(selector)}[${printDuration(rangeMs)}]${printOffset(selector.offsetMs)}`;
}

function printOffset(offsetMs: number): string {
  if (offsetMs === 0) return "";
  return ` offset ${offsetMs < 0 ? "-" : ""}${printDuration(Math.abs(offsetMs))}`;
}

function printDuration(durationMs: number): string {
  let restMs = durationMs;
  let text = "";
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(restMs / unitMs);
    if (count > 0) text += `${count}${unit}`;
    restMs -= count * unitMs;
  }
  return text;
}

function printAggregate({ operator, without, labels, operand }: Aggregate): string {
  const modifier = without ? ` without (${labels.join(", ")}) ` : ` by (${labels.join(", ")}) `;
  const shown = without || labels.length > 0 ? modifier : "";
  return `${operator}${shown}(${printExpression(operand)})`;
}

function printBinary(expression: Binary): string {
  const bool = expression.kind === "Comparison" && expression.bool ? " bool" : "";
  const left = printExpression(expression.left);
  const right = printExpression(expression.right);
  return `${left} ${expression.operator}${bool}${printMatching(expression)} ${right}`;
}

function printMatching({ matching }: Binary): string {
  const { on, labels, group, include } = matching;
  if (!on && labels.length === 0 && group === "None") return "";
  const clause = ` ${on ? "on" : "ignoring"} (${labels.join(", ")})`;
  if (group === "None") return clause;
  return `${clause} group_${group.toLowerCase()} (${include.join(", ")})`;
}
