/** A log message is one constant string, so that logs can be searched and counted; facts go in fields. */
import type { Node, Rule } from "./rule.ts";

interface Expression extends Node {
  readonly value?: unknown;
  readonly name?: string;
  readonly property?: Expression;
}

interface MemberCall extends Node {
  readonly callee: {
    readonly type: string;
    readonly object?: Expression;
    readonly property?: Expression;
  };
  readonly arguments: readonly Expression[];
}

const levels: ReadonlySet<string> = new Set(["debug", "info", "warn", "error"]);

function isLog(node: Expression | undefined): boolean {
  const name = node?.type === "MemberExpression" ? node.property?.name : node?.name;
  return name !== undefined && /^(log|logger)$|Log$/.test(name);
}

export const constantLogMessage: Rule<{ CallExpression: MemberCall }> = {
  meta: { type: "problem", docs: { description: "log messages are constant strings" } },
  create: (context) => ({
    CallExpression(node) {
      const { callee } = node;
      if (callee.type !== "MemberExpression" || !isLog(callee.object)) return;
      if (!levels.has(callee.property?.name ?? "")) return;
      const message = node.arguments[1];
      if (message?.type === "Literal" && typeof message.value === "string") return;
      context.report({ node, message: "the second argument of a log call is a string literal" });
    },
  }),
};
