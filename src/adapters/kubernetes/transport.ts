/**
 * The way to the API server, raw JSON in and out: decides when a request may go, and which failed one goes again.
 * Knows no kind of object.
 */
import type { Log } from "../../ports/log.ts";
import { ApiError, isExpectedAnswer, toOurError } from "./api-error.ts";
import { pause } from "./backoff.ts";
import {
  MAX_READ_RETRY_AFTER_MS,
  READ_RETRY_JITTER,
  REQUEST_BURST,
  REQUESTS_PER_SECOND,
} from "./limits.ts";
import { createTokenBucket } from "./token-bucket.ts";
import { exchangeJson, exchangeLines, type Wire } from "./transport-exchange.ts";
import { type ApiRequest, isWrite, nameOfRequest } from "./transport-request.ts";

/**
 * Both throw ApiError for an answer that callers are expected to handle: 404, 409, 410, 422. Else RetryableError when
 * there was no answer, or 408, 429 or 5xx; StallError for 401, 403, other bad requests, redirects, and what an admission
 * webhook denied. toOurError maps an ApiError that the caller does not handle.
 */
export interface Transport {
  /** The parsed answer; undefined when it has no body. */
  request(request: ApiRequest): Promise<unknown>;
  /** A watch: one value per line, until the server ends it, `signal` aborts or the consumer stops. */
  stream(request: ApiRequest): Promise<AsyncIterable<unknown>>;
  /** Requests under way or waiting for their turn, streams not counted. */
  readonly inFlight: number;
}

export interface TransportOptions extends Wire {
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Requests per second. Default 50. */
  readonly qps?: number;
  /** Requests that may go at once after a quiet time. Default 100. */
  readonly burst?: number;
}

export function createTransport(options: TransportOptions): Transport {
  const { clock, log, random, qps = REQUESTS_PER_SECOND, burst = REQUEST_BURST } = options;
  const wire = { ...options, baseUrl: options.baseUrl.replace(/(?<!\/)\/+$/, "") };
  const bucket = createTokenBucket({ clock, qps, burst });
  let inFlight = 0;

  async function whenItMayGo(request: ApiRequest): Promise<void> {
    const { priority = "Normal", signal } = request;
    if (priority !== "Urgent") await bucket.take(signal, priority);
  }

  async function ask(request: ApiRequest): Promise<unknown> {
    await whenItMayGo(request);
    return exchangeJson(wire, request);
  }

  /** A read told to come back soon does so once; whoever writes must look again before, and what is urgent waits for nothing. */
  async function askAgainIfTold(request: ApiRequest): Promise<unknown> {
    try {
      return await ask(request);
    } catch (error) {
      const mayWait = !isWrite(request) && request.priority !== "Urgent";
      const afterMs = mayWait ? shortWaitOf(error) : undefined;
      if (afterMs === undefined) throw error;
      log.debug({ request: nameOfRequest(request), afterMs }, "API server asks to wait");
      const waitMs = afterMs * (1 + READ_RETRY_JITTER * random());
      await pause(clock, waitMs, request.signal ?? new AbortController().signal);
      return ask(request);
    }
  }

  return {
    async request(request) {
      inFlight += 1;
      try {
        return await askAgainIfTold(request);
      } catch (error) {
        throw settled(error);
      } finally {
        inFlight -= 1;
      }
    },
    async stream(request) {
      try {
        await whenItMayGo(request);
        return await exchangeLines(wire, request);
      } catch (error) {
        throw settled(error);
      }
    },
    get inFlight() {
      return inFlight;
    },
  };
}

/** The same way, for requests that let all others go first. */
export function inBackground(transport: Transport): Transport {
  const priority = "Background";
  return {
    request: (request) => transport.request({ priority, ...request }),
    stream: (request) => transport.stream({ priority, ...request }),
    get inFlight() {
      return transport.inFlight;
    },
  };
}

const settled = (error: unknown): Error =>
  error instanceof ApiError && isExpectedAnswer(error) ? error : toOurError(error);

function shortWaitOf(error: unknown): number | undefined {
  if (!(error instanceof ApiError) || (error.code !== 429 && error.code !== 503)) return undefined;
  const { retryAfterMs } = error;
  if (retryAfterMs === undefined || retryAfterMs > MAX_READ_RETRY_AFTER_MS) return undefined;
  return retryAfterMs;
}
