/** How one request to the API server looks on the wire. Sends nothing. */
import { InvariantError } from "../../ports/errors.ts";
import { nameOfPath } from "./paths.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** How the body of a PATCH is to be read; needed for PATCH only. */
  readonly patch?: keyof typeof PATCH_TYPES;
  /**
   * Urgent takes no token from the client's rate limit: writes that take traffic off a canary. Background lets others go
   * first: lists and watches that no pass waits for.
   */
  readonly priority?: "Background" | "Normal" | "Urgent";
  readonly signal?: AbortSignal | undefined;
  /** Longest whole exchange; of a stream, the longest silence. Default 30 s, one object 5 s, streams 90 s. */
  readonly timeoutMs?: number;
}

const PATCH_TYPES = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

export const isWrite = ({ method }: ApiRequest): boolean => method !== "GET";

/** `PATCH virtualservices.networking.istio.io shop/orders`: what messages call a request. */
export const nameOfRequest = ({ method, path }: ApiRequest): string =>
  `${method} ${nameOfPath(path)}`;

export function headersOf(request: ApiRequest, userAgent: string): Record<string, string> {
  const headers = { accept: "application/json", "user-agent": userAgent };
  if (request.body === undefined) return headers;
  return { ...headers, "content-type": contentTypeOf(request) };
}

function contentTypeOf(request: ApiRequest): string {
  if (request.method !== "PATCH") return "application/json";
  if (request.patch === undefined) {
    throw new InvariantError(`${nameOfRequest(request)}: which kind of patch?`);
  }
  return PATCH_TYPES[request.patch];
}

/** Path and query. Every write of an object names its manager, and has unknown fields refused instead of dropped. */
export function targetOf(request: ApiRequest, fieldManager: string): string {
  const query = new URLSearchParams();
  if (isWrite(request) && request.method !== "DELETE") {
    query.set("fieldManager", fieldManager);
    query.set("fieldValidation", "Strict");
  }
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? request.path : `${request.path}?${query.toString()}`;
}
