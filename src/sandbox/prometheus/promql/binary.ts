/** Evaluates binary operators between scalars, a scalar and a vector, and two vectors. */
import type { Binary } from "./ast.ts";
import { calculate, compare } from "./operators.ts";
import type { Value, Vector, VectorSample } from "./value.ts";
import { hasSeveralNames, requireDistinct } from "./value.ts";
import type { Combine } from "./vector-matching.ts";
import { matchKey, matchVectors } from "./vector-matching.ts";

export function evaluateBinary(expression: Binary, left: Value, right: Value): Value {
  if (left.kind === "Scalar" && right.kind === "Scalar") {
    return { kind: "Scalar", value: combineScalars(expression, left.value, right.value) };
  }
  if (left.kind === "Vector" && right.kind === "Vector") {
    return { kind: "Vector", samples: combineVectors(expression, left.samples, right.samples) };
  }
  if (left.kind === "Vector" && right.kind === "Scalar") {
    const samples = combineWithScalar(expression, left.samples, (value) => [value, right.value]);
    return { kind: "Vector", samples };
  }
  if (left.kind === "Scalar" && right.kind === "Vector") {
    const samples = combineWithScalar(expression, right.samples, (value) => [left.value, value]);
    return { kind: "Vector", samples };
  }
  // Parsing has refused every other pair of types.
  return { kind: "Vector", samples: [] };
}

/** Between scalars only arithmetic and comparisons with `bool` get past parsing. */
function combineScalars(expression: Binary, left: number, right: number): number {
  switch (expression.kind) {
    case "Arithmetic":
      return calculate(expression.operator, left, right);
    case "Comparison":
      return compare(expression.operator, left, right) ? 1 : 0;
    case "SetOperation":
      return Number.NaN;
  }
}

function combineWithScalar(
  expression: Binary,
  vector: Vector,
  operands: (value: number) => readonly [number, number],
): Vector {
  const keepsName = isFilter(expression);
  const results: VectorSample[] = [];
  for (const sample of vector) {
    const [left, right] = operands(sample.value);
    const value = combinerOf(expression)(left, right);
    if (value === undefined) continue;
    // A filter answers the vector's value, on whichever side it stands.
    results.push(keepsName ? sample : { ...sample, name: "", value });
  }
  if (!keepsName && hasSeveralNames(vector)) requireDistinct(results);
  return results;
}

function combineVectors(expression: Binary, left: Vector, right: Vector): Vector {
  if (expression.kind === "SetOperation") return combineSets(expression, left, right);
  return matchVectors(left, right, {
    matching: expression.matching,
    keepsName: isFilter(expression),
    combine: combinerOf(expression),
  });
}

function combineSets(
  { operator, matching }: Extract<Binary, { kind: "SetOperation" }>,
  left: Vector,
  right: Vector,
): Vector {
  const keysOf = (vector: Vector) => new Set(vector.map((sample) => matchKey(sample, matching)));
  switch (operator) {
    case "and": {
      const keys = keysOf(right);
      return left.filter((sample) => keys.has(matchKey(sample, matching)));
    }
    case "unless": {
      const keys = keysOf(right);
      return left.filter((sample) => !keys.has(matchKey(sample, matching)));
    }
    case "or": {
      const keys = keysOf(left);
      return [...left, ...right.filter((sample) => !keys.has(matchKey(sample, matching)))];
    }
  }
}

function isFilter(expression: Binary): boolean {
  return expression.kind === "Comparison" && !expression.bool;
}

function combinerOf(expression: Binary): Combine {
  switch (expression.kind) {
    case "Arithmetic":
      return (left, right) => calculate(expression.operator, left, right);
    case "Comparison":
      return (left, right) => {
        const holds = compare(expression.operator, left, right);
        if (expression.bool) return holds ? 1 : 0;
        return holds ? left : undefined;
      };
    case "SetOperation":
      return () => undefined;
  }
}
