/**
 * A row of the conformance table: HTTP calls and what each is answered, the same for a real API server and the embedded
 * one. Later calls may be built from earlier answers.
 */

/** What a server said, with what differs from run to run put aside. */
export interface Answer {
  readonly code: number;
  readonly warnings: readonly string[];
  readonly body: unknown;
}

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `NAMESPACE` stands for the namespace that the case has for itself. */
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** The status that is expected. */
  readonly code: number;
  /** The call is repeated until it is answered with `code`: for what controllers do in their own time. */
  readonly isEventual?: boolean;
  /** For a watch: how many events are read before it is cut. */
  readonly events?: number;
  /** Only the code counts, on the embedded server too, because... */
  readonly codeOnly?: string;
  /** Messages are each server's own, because... */
  readonly wording?: string;
  /** The embedded server answers otherwise on purpose. */
  readonly embedded?: Embedded;
}

export interface Embedded {
  /** Its status; left out where only the body differs. */
  readonly code?: number;
  readonly because: string;
}

export interface ConformanceCase {
  readonly what: string;
  calls(): Generator<Call, void, Answer>;
}

type Options = Omit<Call, "method" | "path" | "body">;

const write =
  (method: Call["method"], contentType?: string) =>
  (path: string, body: unknown, options: Options): Call => ({
    method,
    path,
    body,
    ...(contentType !== undefined && { contentType }),
    ...options,
  });

export const get = (path: string, options: Options): Call => ({ method: "GET", path, ...options });
export const post = write("POST");
export const put = write("PUT");
export const remove = (path: string, options: Options, body?: unknown): Call => ({
  method: "DELETE",
  path,
  ...(body !== undefined && { body }),
  ...options,
});
export const jsonPatch = write("PATCH", "application/json-patch+json");
export const mergePatch = write("PATCH", "application/merge-patch+json");
export const strategicPatch = write("PATCH", "application/strategic-merge-patch+json");
export const applyPatch = write("PATCH", "application/apply-patch+yaml");

/** The value at a dotted path of an answer's body, as text. */
export function textAt({ body }: Answer, path: string): string {
  let value: unknown = body;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) throw new Error(`the answer has no ${path}`);
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  if (typeof value !== "string") throw new Error(`${path} of the answer is ${String(value)}`);
  return value;
}
