/**
 * Where an endpoint's API is and which headers its requests carry. Keeps credentials out of addresses, and refuses
 * those that a header cannot hold, since fetch would quote them in its error.
 */
import type { Failure } from "./errors.ts";

export interface PrometheusEndpoint {
  /** Base URL, with or without a path and a slash at its end. */
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly auth?: PrometheusAuth;
  /** Whoever runs Serin named it, not whoever wrote the template. Default: false. */
  readonly isOurs?: boolean;
  /** Certificate authority (PEM) that alone is trusted; default: the system's. */
  readonly ca?: string;
}

export type PrometheusAuth =
  | { readonly bearer: string }
  | { readonly username: string; readonly password: string };

export interface PreparedEndpoint {
  /** Without credentials and without a slash at its end. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that no message may show. */
  readonly secrets: readonly string[];
}

export type Preparation =
  | ({ readonly kind: "Ready" } & PreparedEndpoint)
  | { readonly kind: "Unusable"; readonly address: string; readonly failure: Failure };

/** Headers that the exchange sets itself. */
const RESERVED_HEADERS = new Set([
  "accept",
  "authorization",
  "connection",
  "content-length",
  "content-type",
  "host",
  "transfer-encoding",
]);
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What a header's value may not hold: control characters, and characters beyond one byte. */
const NOT_IN_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

export function prepareEndpoint(endpoint: PrometheusEndpoint): Preparation {
  const url = URL.parse(endpoint.address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return unusable("[address]", "the address is not an http or https URL");
  }
  const address = url.origin + url.pathname.replace(/(?<!\/)\/+$/, "");
  if (url.search !== "" || url.hash !== "") {
    return unusable(address, "the address must have no query and no fragment");
  }
  const headers = plainHeaders(endpoint.headers ?? {});
  if (headers === undefined) return unusable(address, "a header has an invalid name or value");
  const auth = endpoint.auth ?? authOfUrl(url);
  if (auth === undefined) return { kind: "Ready", address, headers, secrets: [] };
  const credentials = credentialsOf(auth);
  if (credentials === undefined) {
    return unusable(address, "the token is empty or holds characters that no header may have");
  }
  const { authorization, secrets } = credentials;
  return { kind: "Ready", address, headers: { ...headers, authorization }, secrets };
}

function unusable(address: string, detail: string): Preparation {
  return { kind: "Unusable", address, failure: { reason: "Unreachable", detail } };
}

/** `http://user:password@host`: fetch refuses such addresses. */
function authOfUrl({ username, password }: URL): PrometheusAuth | undefined {
  if (username === "" && password === "") return undefined;
  return { username: decodePart(username), password: decodePart(password) };
}

function decodePart(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

interface Credentials {
  readonly authorization: string;
  readonly secrets: readonly string[];
}

/** A token or password read from a file often ends in a line break that is no part of it. */
function credentialsOf(auth: PrometheusAuth): Credentials | undefined {
  if ("bearer" in auth) {
    const token = auth.bearer.trim();
    if (token === "" || NOT_IN_HEADER.test(token)) return undefined;
    return { authorization: `Bearer ${token}`, secrets: [token] };
  }
  const password = auth.password.replace(/\r?\n$/, "");
  const encoded = Buffer.from(`${auth.username}:${password}`, "utf8").toString("base64");
  return { authorization: `Basic ${encoded}`, secrets: [encoded, password] };
}

function plainHeaders(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name) || NOT_IN_HEADER.test(value)) return undefined;
    if (!RESERVED_HEADERS.has(name.toLowerCase())) plain[name.toLowerCase()] = value;
  }
  return plain;
}
