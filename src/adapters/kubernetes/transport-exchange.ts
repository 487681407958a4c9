/**
 * One request and its answer, under one deadline: credentials, the guard before a write, bounds on what is read, and
 * errors that carry no secret. Decides nothing about trying again.
 */

import type { Clock } from "../../ports/clock.ts";
import { InvariantError, RetryableError } from "../../ports/errors.ts";
import type { ApiRequestNumbers } from "../../ports/metrics.ts";
import { isTrustProblem, meaningOf } from "../connection-problem.ts";
import { ApiError, apiErrorOf } from "./api-error.ts";
import * as limits from "./limits.ts";
import { describePath } from "./paths.ts";
import { type HttpBody, parseJson, readChunks, readJsonLines, readText } from "./transport-body.ts";
import { type Deadline, startDeadline } from "./transport-deadline.ts";
import {
  type ApiRequest,
  headersOf,
  isWrite,
  nameOfRequest,
  targetOf,
} from "./transport-request.ts";

export interface HttpInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal: AbortSignal;
  readonly redirect: "manual";
  /** A watch: for a connection of its own, without a limit on silence. */
  readonly streaming: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: HttpBody | null;
}

type Credentials = Readonly<Record<string, string>>;

/** What an exchange needs of the world. */
export interface Wire {
  /** Where the API server is; may have a path of its own. */
  readonly baseUrl: string;
  readonly fetch: (url: string, init: HttpInit) => Promise<HttpResponse>;
  /** Authentication; asked before each request, so that a renewed token is used. */
  readonly headers?: () => Promise<Credentials>;
  /**
   * Told that the server refused these (401), or that its certificate was not trusted: true when there are others now, so
   * that the request may go once more. Never rejects.
   */
  readonly renew?: (refused: Credentials) => Promise<boolean>;
  readonly clock: Clock;
  readonly userAgent: string;
  readonly fieldManager?: string;
  /** Asked immediately before a write is handed to fetch, with nothing awaited between: false or a throw stops it. */
  readonly mayWrite?: () => boolean;
  /** Told of each exchange when it ends; of a watch, when it begins. Must not throw. */
  readonly onRequest?: (request: ApiRequestNumbers) => void;
}

interface Reading<T> {
  readonly timeoutMs: number;
  readonly streaming: boolean;
  readonly read: (response: HttpResponse, deadline: Deadline) => Promise<T>;
}

/** The parsed answer, undefined for none. Throws ApiError, RetryableError or InvariantError. */
export function exchangeJson(wire: Wire, request: ApiRequest): Promise<unknown> {
  return exchange(wire, request, {
    timeoutMs: request.timeoutMs ?? defaultTimeoutMs(request),
    streaming: false,
    async read(response, deadline) {
      const text = await textOf(response, deadline, limits.MAX_RESPONSE_BYTES);
      deadline.clear();
      return text === "" ? undefined : parseJson(text);
    },
  });
}

function defaultTimeoutMs(request: ApiRequest): number {
  if (isWrite(request)) return limits.WRITE_TIMEOUT_MS;
  const isOfOne = describePath(request.path).name !== undefined;
  return isOfOne ? limits.PASS_READ_TIMEOUT_MS : limits.READ_TIMEOUT_MS;
}

/** The answer's lines as they come, each parsed. Throws as exchangeJson, also while it is read. */
export function exchangeLines(wire: Wire, request: ApiRequest): Promise<AsyncIterable<unknown>> {
  return exchange(wire, request, {
    timeoutMs: limits.READ_TIMEOUT_MS,
    streaming: true,
    read: (response, deadline) => Promise.resolve(linesOf(request, response, deadline)),
  });
}

async function exchange<T>(wire: Wire, request: ApiRequest, reading: Reading<T>): Promise<T> {
  const { clock } = wire;
  const { timeoutMs, streaming } = reading;
  const name = nameOfRequest(request);
  const deadline = startDeadline({ clock, timeoutMs, request: name, signal: request.signal });
  const startedAt = clock.monotonic();
  let status = 0;
  try {
    const response = await openAccepted(wire, request, { deadline, streaming });
    status = response.status;
    if (!isSuccess(response)) throw await refusalOf(request, response, deadline);
    return await reading.read(response, deadline);
  } catch (error) {
    deadline.clear();
    throw withoutSecrets(error, request);
  } finally {
    const durationMs = clock.monotonic() - startedAt;
    wire.onRequest?.({ ...labelsOf(request, streaming), status, durationMs });
  }
}

const VERBS = { POST: "create", PUT: "update", PATCH: "patch", DELETE: "delete" } as const;

function labelsOf(request: ApiRequest, streaming: boolean) {
  const { resource, name } = describePath(request.path);
  if (streaming) return { verb: "watch", resource };
  if (request.method !== "GET") return { verb: VERBS[request.method], resource };
  return { verb: name === undefined ? "list" : "get", resource };
}

interface Opening {
  readonly deadline: Deadline;
  readonly streaming: boolean;
}

/** Once more where one side does not accept the other's credentials, if there are new ones: nothing was carried out. */
async function openAccepted(
  wire: Wire,
  request: ApiRequest,
  opening: Opening,
): Promise<HttpResponse> {
  const { deadline } = opening;
  const credentials = await deadline.race(credentialsOf(wire));
  const areRenewed = async (): Promise<boolean> =>
    wire.renew !== undefined && (await deadline.race(wire.renew(credentials)));
  try {
    const response = await open(wire, request, credentials, opening);
    if (response.status !== 401 || !(await areRenewed())) return response;
    letGo(response);
  } catch (error) {
    if (!isTrustProblem(codeOf(error)) || !(await areRenewed())) throw error;
  }
  return open(wire, request, await deadline.race(credentialsOf(wire)), opening);
}

function open(
  wire: Wire,
  request: ApiRequest,
  credentials: Credentials,
  { deadline, streaming }: Opening,
): Promise<HttpResponse> {
  const { signal } = deadline;
  const url = wire.baseUrl + targetOf(request, wire.fieldManager ?? "serin-controller");
  const headers = { ...credentials, ...headersOf(request, wire.userAgent) };
  const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
  // The guard is asked last: nothing may be awaited between it and fetch.
  if (isWrite(request) && wire.mayWrite?.() === false) {
    throw new RetryableError("NotLeader", `${nameOfRequest(request)}: this process may not write`);
  }
  const init = { method: request.method, headers, ...body, signal, streaming } as const;
  return deadline.race(wire.fetch(url, { ...init, redirect: "manual" }));
}

/** Its connection is needed, its words are not. */
function letGo({ body }: HttpResponse): void {
  body
    ?.getReader()
    .cancel()
    .catch(() => undefined);
}

async function credentialsOf(wire: Wire): Promise<Credentials> {
  try {
    return (await wire.headers?.()) ?? {};
  } catch (error) {
    const message = `no credentials for the API server: ${codeOf(error)}`;
    throw new RetryableError("CredentialsUnavailable", message);
  }
}

/** Redirects included: following one would take the credentials elsewhere. */
const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300;

function textOf(response: HttpResponse, deadline: Deadline, maxBytes: number): Promise<string> {
  if (response.body === null) return Promise.resolve("");
  const chunks = readChunks(response.body, (reader) => deadline.race(reader.read()));
  return readText(chunks, maxBytes);
}

async function* linesOf(request: ApiRequest, response: HttpResponse, deadline: Deadline) {
  const silenceMs = request.timeoutMs ?? limits.WATCH_SILENCE_MS;
  deadline.extend(silenceMs);
  try {
    if (response.body === null) return;
    const chunks = readChunks(response.body, async (reader) => {
      const chunk = await deadline.race(reader.read());
      deadline.extend(silenceMs);
      return chunk;
    });
    yield* readJsonLines(chunks, limits.MAX_WATCH_LINE_BYTES);
  } catch (error) {
    throw withoutSecrets(error, request);
  } finally {
    deadline.clear();
  }
}

async function refusalOf(request: ApiRequest, response: HttpResponse, deadline: Deadline) {
  // What the body is good for is the message: without it the code alone decides.
  const text = await textOf(response, deadline, limits.MAX_ERROR_BYTES).catch(() => "");
  return apiErrorOf({
    request: nameOfRequest(request),
    code: response.status,
    retryAfterMs: retryAfterOf(response.headers.get("retry-after")),
    body: jsonOrNothing(text),
  });
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds only: the API server sends no dates. */
function retryAfterOf(header: string | null): number | undefined {
  if (header === null || !/^\d+$/.test(header)) return undefined;
  return Math.min(Number(header) * 1_000, limits.MAX_RETRY_AFTER_MS);
}

/** Messages of fetch may quote headers, and so a token: only codes and names are taken from them. */
function withoutSecrets(error: unknown, request: ApiRequest): Error {
  if (error instanceof ApiError || error instanceof RetryableError) return error;
  if (error instanceof InvariantError) return error;
  const code = codeOf(error);
  const meaning = meaningOf(code);
  const words = meaning === undefined ? code : `${code}, ${meaning}`;
  return new RetryableError("Unreachable", `${nameOfRequest(request)}: ${words}`);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  const origin = error.cause instanceof Error ? error.cause : error;
  return "code" in origin && typeof origin.code === "string" ? origin.code : origin.name;
}
