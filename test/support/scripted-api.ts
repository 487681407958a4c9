/** A fetch that answers from a script: for faults that no real server shows on demand. */
import type { HttpInit, HttpResponse } from "../../src/adapters/kubernetes/transport-exchange.ts";

export interface SentRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly signal: AbortSignal;
  readonly streaming: boolean;
}

export type Answer = (request: SentRequest) => Promise<HttpResponse> | HttpResponse;

export interface ScriptedApi {
  readonly fetch: (url: string, init: HttpInit) => Promise<HttpResponse>;
  readonly sent: SentRequest[];
  /** The next answers, one per request; without one left the request stays unanswered. */
  readonly answers: Answer[];
}

export function createScriptedApi(...answers: Answer[]): ScriptedApi {
  const sent: SentRequest[] = [];
  return {
    sent,
    answers,
    async fetch(url, init) {
      const body: unknown = init.body === undefined ? undefined : JSON.parse(init.body);
      const request = {
        method: init.method,
        url: new URL(url),
        headers: init.headers,
        body,
        signal: init.signal,
        streaming: init.streaming,
      };
      sent.push(request);
      const answer = answers.shift();
      return answer === undefined ? new Promise<never>(() => undefined) : answer(request);
    },
  };
}

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  () =>
    new Response(JSON.stringify(body), { status, headers });

export const status = (
  code: number,
  reason: string,
  message = reason,
  headers: Record<string, string> = {},
): Answer => json({ kind: "Status", status: "Failure", code, reason, message }, code, headers);

/** A body that a test writes piece by piece; it neither ends nor hears the request's signal by itself. */
export interface OpenBody {
  readonly answer: Answer;
  write(text: string): void;
  event(type: string, object: unknown): void;
  end(): void;
  /** As a reset connection does. */
  fail(): void;
  readonly cancelled: boolean;
}

export function createOpenBody(): OpenBody {
  const encoder = new TextEncoder();
  let out: ReadableStreamDefaultController<Uint8Array> | undefined;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      out = controller;
    },
    cancel() {
      cancelled = true;
    },
  });
  const write = (text: string): void => out?.enqueue(encoder.encode(text));
  return {
    answer: () => new Response(body),
    write,
    event: (type, object) => write(`${JSON.stringify({ type, object })}\n`),
    end: () => out?.close(),
    fail: () => out?.error(new TypeError("terminated")),
    get cancelled() {
      return cancelled;
    },
  };
}
