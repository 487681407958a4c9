/** One bounded POST of JSON: by the Clock's time, by bytes, without redirects. Knows nothing of who is told. */
import type { Clock } from "../../ports/clock.ts";
import { meaningOf } from "../connection-problem.ts";
import { addressRefused } from "../outbound/guarded-fetch.ts";
import type { HttpFetch, HttpResponse } from "../outbound/http-fetch.ts";
import { maxAnswerBytes, maxRetryAfterMs, sendTimeoutMs } from "./limits.ts";

/** What came back, or one word about why nothing did. No text of an error gets out: it may quote the URL. */
export type Answer =
  | {
      readonly kind: "Answer";
      readonly status: number;
      readonly body: string;
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: "NoAnswer"; readonly because: string }
  /** Nothing was sent, and nothing will be: the address is none that may be connected to. */
  | { readonly kind: "NotSent"; readonly because: string };

/** What a POST needs from outside. */
export interface PostDeps {
  readonly fetch: HttpFetch;
  readonly clock: Clock;
}

/** One request. */
export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Retry-After: seconds, or a date. */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), maxRetryAfterMs) : undefined;
}

async function readBounded({ body }: HttpResponse): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    bytes += value?.byteLength ?? 0;
    if (bytes > maxAnswerBytes) break;
    text += decoder.decode(value, { stream: true });
  }
  void reader.cancel().catch(() => undefined);
  return text;
}

const ErrorCode = /^[A-Z][A-Z0-9_]{2,40}$/;

function codeOf(error: unknown): string {
  const code = ownCodeOf(error) ?? ownCodeOf(error instanceof Error ? error.cause : undefined);
  return code !== undefined && ErrorCode.test(code) ? code : "no connection";
}

function ownCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function endOf(code: string): Answer {
  if (code === addressRefused)
    return { kind: "NotSent", because: "Serin does not connect to this address" };
  const meaning = meaningOf(code);
  return { kind: "NoAnswer", because: meaning === undefined ? code : `${code}, ${meaning}` };
}

/** Posts once. Never throws. */
export async function postJson(deps: PostDeps, request: PostRequest): Promise<Answer> {
  const { fetch, clock } = deps;
  const abort = new AbortController();
  const cancel = clock.setTimer(sendTimeoutMs, () => abort.abort());
  try {
    const response = await fetch(request.url.href, {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", ...request.headers },
      body: JSON.stringify(request.body),
      // A redirect would carry the message, and a token, to somebody else.
      redirect: "manual",
      signal: abort.signal,
    });
    const body = await readBounded(response);
    const wait = retryAfterMs(response.headers.get("retry-after"), clock.now());
    return { kind: "Answer", status: response.status, body, retryAfterMs: wait };
  } catch (error) {
    if (abort.signal.aborted) {
      return { kind: "NoAnswer", because: `no answer within ${sendTimeoutMs / 1000} s` };
    }
    return endOf(codeOf(error));
  } finally {
    cancel();
  }
}
