/** One bounded POST of JSON: by the Clock's time, by bytes, without redirects. Knows nothing of who is told. */
import type { Clock } from "../../ports/clock.ts";
import { maxAnswerBytes, maxRetryAfterMs, sendTimeoutMs } from "./limits.ts";

/** What came back, or one word about why nothing did. No text of an error gets out: it may quote the URL. */
export type Answer =
  | {
      readonly kind: "Answer";
      readonly status: number;
      readonly body: string;
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: "NoAnswer"; readonly because: string };

/** What a POST needs from outside. */
export interface PostDeps {
  readonly fetch: typeof globalThis.fetch;
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

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) break;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

const ErrorCode = /^[A-Z][A-Z0-9_]{2,40}$/;

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" && ErrorCode.test(code) ? code : "no connection";
}

/** Posts once. Never throws. */
export async function postJson(deps: PostDeps, request: PostRequest): Promise<Answer> {
  const { fetch, clock } = deps;
  const abort = new AbortController();
  const cancel = clock.setTimer(sendTimeoutMs, () => abort.abort());
  try {
    const response = await fetch(request.url, {
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
    return { kind: "NoAnswer", because: codeOf(error) };
  } finally {
    cancel();
  }
}
