/**
 * The small part of the lint plugin interface that our rules use. It decides nothing; the shapes follow
 * the ESTree syntax tree.
 */

export interface Node {
  readonly type: string;
}

interface RuleContext {
  /** Absolute path of the linted file. */
  readonly filename: string;
  /** Working directory of the lint run: the root of the repository. */
  readonly cwd: string;
  report(problem: { readonly node: Node; readonly message: string }): void;
}

export interface Rule<Nodes> {
  readonly meta: { readonly type: "problem"; readonly docs: { readonly description: string } };
  create(context: RuleContext): { readonly [K in keyof Nodes]?: (node: Nodes[K]) => void };
}
