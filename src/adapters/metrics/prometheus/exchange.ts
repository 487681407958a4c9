/**
 * One HTTP request and its whole answer within a time and a size. Says how it ended; knows nothing of Prometheus.
 */
import type { Clock } from "../../../ports/clock.ts";
import { meaningOf } from "../../connection-problem.ts";
import { addressRefused } from "../../outbound/guarded-fetch.ts";
import type { HttpFetch, HttpReader, HttpResponse } from "../../outbound/http-fetch.ts";
import type { Failure } from "./errors.ts";
import { MAX_ANSWER_BYTES, MAX_ERROR_BYTES } from "./limits.ts";

export interface ExchangeRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly fetch: HttpFetch;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type Exchange =
  | {
      readonly kind: "Answered";
      readonly status: number;
      readonly text: string;
      /** The Date header. */
      readonly date?: string | undefined;
    }
  | { readonly kind: "Failed"; readonly failure: Failure };

class ExchangeError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.detail);
    this.failure = failure;
  }
}

/** POSTs a form. Never rejects, and never takes longer than the timeout, whatever fetch does. */
export async function exchange(
  request: ExchangeRequest,
  { clock, fetch, timeoutMs, signal }: ExchangeOptions,
): Promise<Exchange> {
  const controller = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (failure: Failure): void => {
    const error = new ExchangeError(failure);
    ended.reject(error);
    controller.abort(error);
  };
  const giveUp = (): void => end({ reason: "Aborted", detail: "given up" });
  const cancelTimer = clock.setTimer(timeoutMs, () =>
    end({ reason: "Timeout", detail: `no whole answer within ${timeoutMs} ms` }),
  );
  if (signal?.aborted === true) giveUp();
  else signal?.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([ended.promise, perform(request, fetch, controller.signal)]);
  } catch (error) {
    // Whatever still runs must let its connection go. After a whole answer this would cost the connection.
    controller.abort();
    return { kind: "Failed", failure: failureOf(error) };
  } finally {
    cancelTimer();
    signal?.removeEventListener("abort", giveUp);
  }
}

async function perform(
  request: ExchangeRequest,
  fetch: HttpFetch,
  signal: AbortSignal,
): Promise<Exchange> {
  signal.throwIfAborted();
  const response = await fetch(request.url, {
    method: "POST",
    headers: { ...request.headers },
    body: request.body,
    redirect: "manual",
    signal,
  });
  const { status } = response;
  if (status === 0 || (status >= 300 && status < 400)) throw redirectError(response);
  const isSuccess = status >= 200 && status < 300;
  const text = isSuccess ? await readAnswer(response) : await readErrorText(response);
  return { kind: "Answered", status, text, date: response.headers.get("date") ?? undefined };
}

/** Followed redirects could carry the credentials to another host. */
function redirectError({ headers, body }: HttpResponse): ExchangeError {
  void body?.cancel().catch(() => undefined);
  const origin = URL.parse(headers.get("location") ?? "")?.origin;
  const to = origin === undefined ? "" : ` to ${origin}`;
  return new ExchangeError({
    reason: "Unreachable",
    detail: `redirects${to}, which is not followed: give the final address`,
  });
}

async function readAnswer(response: HttpResponse): Promise<string> {
  const { text, isWhole } = await readUpTo(response, MAX_ANSWER_BYTES);
  if (isWhole) return text;
  throw new ExchangeError({
    reason: "TooLarge",
    detail: `the answer is larger than ${MAX_ANSWER_BYTES} bytes: narrow the query`,
  });
}

/** An error counts as one even if its text cannot be read. */
async function readErrorText(response: HttpResponse): Promise<string> {
  try {
    return (await readUpTo(response, MAX_ERROR_BYTES)).text;
  } catch {
    return "";
  }
}

async function readUpTo(
  { headers, body }: HttpResponse,
  maxBytes: number,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  if (body === null) return { text: "", isWhole: true };
  const reader = body.getReader();
  const declaredBytes = Number(headers.get("content-length") ?? 0);
  const read =
    declaredBytes > maxBytes ? { parts: [], isWhole: false } : await drain(reader, maxBytes);
  if (!read.isWhole) void reader.cancel().catch(() => undefined);
  return { text: Buffer.concat(read.parts).toString("utf8"), isWhole: read.isWhole };
}

async function drain(
  reader: HttpReader,
  maxBytes: number,
): Promise<{ readonly parts: readonly Uint8Array[]; readonly isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { parts, isWhole: true };
    if (value === undefined) continue;
    bytes += value.byteLength;
    if (bytes > maxBytes) return { parts, isWhole: false };
    parts.push(value);
  }
}

/** Only codes are taken from other errors: their messages may quote headers, and so a secret. */
function failureOf(error: unknown): Failure {
  if (error instanceof ExchangeError) return error.failure;
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined);
  if (code === undefined) return { reason: "Unreachable", detail: "the connection failed" };
  if (code === addressRefused) {
    return { reason: "Unreachable", detail: "Serin does not connect to this address" };
  }
  const meaning = meaningOf(code);
  const hint = meaning === undefined ? "" : `: ${meaning}`;
  return { reason: "Unreachable", detail: `the connection failed (${code})${hint}` };
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" && error.code !== "" ? error.code : undefined;
}
