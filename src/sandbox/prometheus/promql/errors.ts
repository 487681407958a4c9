/** The two ways in which a query fails, with Prometheus' own error types. */

export type QueryErrorType = "bad_data" | "execution";

export class QueryError extends Error {
  readonly errorType: QueryErrorType;
  constructor(errorType: QueryErrorType, message: string) {
    super(message);
    this.name = "QueryError";
    this.errorType = errorType;
  }
}

/** The text is not a query, or one that this evaluator does not know. `from` is an offset into the query. */
export function parseError(query: string, from: number, message: string): QueryError {
  const before = query.slice(0, from);
  const line = before.split("\n").length;
  const column = from - before.lastIndexOf("\n");
  return new QueryError("bad_data", `${line}:${column}: parse error: ${message}`);
}

/** The query is understood, but these series cannot be evaluated by it. */
export function executionError(message: string): QueryError {
  return new QueryError("execution", message);
}
