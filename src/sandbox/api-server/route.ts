/** Reads a request's path as Kubernetes lays paths out. Knows the layout, not which resources exist. */
import { noSuchPath } from "./status-error.ts";

export interface Route {
  readonly group: string;
  readonly version: string;
  readonly namespace: string;
  readonly plural: string;
  readonly name: string;
  readonly subresource: string | undefined;
}

/** Subresources of a namespace itself: any other word after its name is a resource within it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(["status", "finalize"]);

/** Whether `namespaces/x/…` leads to something within the namespace rather than to a part of it. */
function isInNamespace([first, , third, ...more]: readonly string[]): boolean {
  if (first !== "namespaces" || third === undefined) return false;
  return more.length > 0 || !NAMESPACE_SUBRESOURCES.has(third);
}

function resourceRoute(group: string, version: string, rest: readonly string[]): Route | undefined {
  const scoped = isInNamespace(rest);
  const [plural, name = "", ...subresource] = scoped ? rest.slice(2) : rest;
  if (plural === undefined || subresource.length > 1) return undefined;
  return {
    group,
    version,
    namespace: scoped ? (rest[1] ?? "") : "",
    plural,
    name,
    subresource: subresource[0],
  };
}

/** The resource route of a path's decoded segments; undefined when it is none. */
export function parseRoute(segments: readonly string[]): Route | undefined {
  const [root, first, second, ...rest] = segments;
  if (root === "api" && first !== undefined && second !== undefined)
    return resourceRoute("", first, segments.slice(2));
  if (root !== "apis" || first === undefined || second === undefined || rest.length === 0)
    return undefined;
  return resourceRoute(first, second, rest);
}

/** A path's decoded segments. Throws a 404 where a segment is not validly encoded. */
export function segmentsOf(pathname: string): readonly string[] {
  try {
    return pathname
      .split("/")
      .filter((segment) => segment !== "")
      .map((segment) => decodeURIComponent(segment));
  } catch {
    throw noSuchPath();
  }
}
