/**
 * Whether the answer to a query still tells which release and version each number is of, when its matchers name
 * several. What is not known to keep the labels does not: then each version is asked for by itself.
 */
import type { SyntaxNode } from "@lezer/common";
import { childrenOf, type ParsedField } from "./syntax.ts";

/** Functions that make one series of one series, and of its labels drop at most the name and le. */
const keepingFunctions =
  /^(i?rate|increase|i?delta|deriv|abs|ceil|floor|round|clamp(_min|_max)?|sqrt|sgn|exp|ln|log2|log10|histogram_quantile|(?!absent)\w+_over_time)$/;

/** Of a part of the query: series with all labels asked for, a plain number, or neither. */
type Kept = "Series" | "Number" | "Nothing";

/** True if every series of the answer carries these labels, and a number of one release comes from its series alone. */
export function keepsLabels({ tree, sample }: ParsedField, labels: readonly string[]): boolean {
  const textOf = ({ from, to }: SyntaxNode): string => sample.text.slice(from, to);

  function keptOf(node: SyntaxNode): Kept {
    switch (node.name) {
      case "VectorSelector":
        return "Series";
      case "NumberDurationLiteral":
      case "NumberDurationLiteralInDurationContext":
      case "DurationExpr":
      case "LineComment":
        return "Number";
      case "PromQL":
      case "ParenExpr":
      case "FunctionCallBody":
      case "MatrixSelector":
      case "SubqueryExpr":
        return keptOfAll(childrenOf(node));
      case "AggregateExpr":
        return isGrouped(node) ? keptOfAll(bodyOf(node)) : "Nothing";
      case "FunctionCall":
        return keepingFunctions.test(functionOf(node)) ? keptOfAll(bodyOf(node)) : "Nothing";
      case "BinaryExpr":
        return keptOfBinary(childrenOf(node));
      default:
        return "Nothing";
    }
  }

  function keptOfAll(nodes: readonly SyntaxNode[]): Kept {
    const kept = nodes.map(keptOf);
    if (kept.includes("Nothing")) return "Nothing";
    return kept.includes("Series") ? "Series" : "Number";
  }

  /** Without a clause of its own an operator joins series whose labels are all the same. */
  function keptOfBinary(parts: readonly SyntaxNode[]): Kept {
    const [left, , right, ...more] = parts;
    if (left === undefined || right === undefined || more.length > 0) return "Nothing";
    return keptOfAll([left, right]);
  }

  function isGrouped(node: SyntaxNode): boolean {
    const modifier = childrenOf(node).find(({ name }) => name === "AggregateModifier");
    const [word, grouping] = modifier === undefined ? [] : childrenOf(modifier);
    const names = grouping === undefined ? [] : childrenOf(grouping).map(textOf);
    return word?.name === "By" && labels.every((label) => names.includes(label));
  }

  function functionOf(node: SyntaxNode): string {
    const identifier = childrenOf(node).find(({ name }) => name === "FunctionIdentifier");
    return identifier === undefined ? "" : textOf(identifier);
  }

  return keptOf(tree.topNode) === "Series";
}

function bodyOf(node: SyntaxNode): readonly SyntaxNode[] {
  return childrenOf(node).filter(({ name }) => name === "FunctionCallBody");
}
