/** Decides whether a simulated request meets a VirtualService rule's match, as Envoy would. Sees no objects but the match. */
import type { HttpMatch, Labels, StringMatch } from "./objects.ts";
import { hasLabels } from "./objects.ts";

/** The gateway name that stands for all sidecars. */
export const sidecarGateway = "mesh";

export interface SimulatedRequest {
  /** Path with an optional query string. */
  readonly uri: string;
  readonly method: string;
  readonly authority: string;
  readonly port: number;
  /** Names in lower case. */
  readonly headers: Labels;
  readonly sourceLabels: Labels;
  readonly sourceNamespace: string;
}

/** `alternatives` are OR-ed, the members of one are AND-ed; none at all matches every request. */
export function matchesRequest(
  alternatives: readonly HttpMatch[],
  request: SimulatedRequest,
): boolean {
  return alternatives.length === 0 || alternatives.some((match) => meets(match, request));
}

function meets(match: HttpMatch, request: SimulatedRequest): boolean {
  return (
    meetsLine(match, request) &&
    meetsSource(match, request) &&
    every(match.headers, (name, wanted) => meetsString(wanted, request.headers[name])) &&
    every(match.withoutHeaders, (name, wanted) => !meetsString(wanted, request.headers[name])) &&
    meetsQuery(match, request)
  );
}

function meetsLine(match: HttpMatch, request: SimulatedRequest): boolean {
  const path = request.uri.split("?", 1)[0] ?? "";
  return (
    (match.uri === undefined || meetsString(match.uri, path, match.ignoreUriCase)) &&
    (match.scheme === undefined || meetsString(match.scheme, "http")) &&
    (match.method === undefined || meetsString(match.method, request.method)) &&
    (match.authority === undefined || meetsString(match.authority, request.authority))
  );
}

function meetsSource(match: HttpMatch, request: SimulatedRequest): boolean {
  return (
    (match.port === undefined || match.port === request.port) &&
    (match.gateways.length === 0 || match.gateways.includes(sidecarGateway)) &&
    (match.sourceNamespace === undefined || match.sourceNamespace === request.sourceNamespace) &&
    hasLabels(request.sourceLabels, match.sourceLabels)
  );
}

function meetsQuery(match: HttpMatch, request: SimulatedRequest): boolean {
  const [, query = ""] = request.uri.split("?", 2);
  const parameters = new URLSearchParams(query);
  return every(match.queryParams, (name, wanted) =>
    meetsString(wanted, parameters.get(name) ?? undefined),
  );
}

function every(
  wanted: Readonly<Record<string, StringMatch>>,
  holds: (name: string, match: StringMatch) => boolean,
): boolean {
  return Object.entries(wanted).every(([name, match]) => holds(name, match));
}

function meetsString(match: StringMatch, value: string | undefined, ignoreCase = false): boolean {
  if (value === undefined) return false;
  const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
  switch (match.kind) {
    case "Present":
      return true;
    case "Exact":
      return fold(value) === fold(match.value);
    case "Prefix":
      return fold(value).startsWith(fold(match.value));
    case "Regex":
      return meetsRegex(match.value, value);
  }
}

/** Envoy's regular expressions match the whole text. One that does not compile here matches nothing. */
function meetsRegex(pattern: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return false;
  }
}
