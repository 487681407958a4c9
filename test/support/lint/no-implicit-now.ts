/** `new Date()` and `Date()` read the wall clock; `new Date(instant)` does not and stays allowed. */
import type { Node, Rule } from "./rule.ts";

interface CallNode extends Node {
  readonly callee: { readonly type: string; readonly name?: string };
  readonly arguments: readonly unknown[];
}

interface Nodes {
  NewExpression: CallNode;
  CallExpression: CallNode;
}

const isDate = (node: CallNode): boolean =>
  node.callee.type === "Identifier" && node.callee.name === "Date";

export const noImplicitNow: Rule<Nodes> = {
  meta: { type: "problem", docs: { description: "time comes from the Clock port" } },
  create(context) {
    if (!context.filename.startsWith(`${context.cwd}/src/`)) return {};
    const message = "this reads the wall clock; take time from the Clock port";
    return {
      NewExpression(node) {
        if (isDate(node) && node.arguments.length === 0) context.report({ node, message });
      },
      CallExpression(node) {
        if (isDate(node)) context.report({ node, message });
      },
    };
  },
};
