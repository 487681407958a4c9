/**
 * Asks a Prometheus server one instant query. prometheus-query writes the request; sending, bounds and reading are
 * ours, because it loses infinities, warnings and HTTP statuses and cannot be stopped. Knows no templates.
 */
import { PrometheusDriver } from "prometheus-query";
import type { Clock } from "../../../ports/clock.ts";
import type { ProviderRequestNumbers } from "../../../ports/metrics.ts";
import type { HttpFetch } from "../../outbound/http-fetch.ts";
import type { PrometheusSample } from "./answer.ts";
import { decodeAnswer } from "./answer.ts";
import type { PreparedEndpoint, PrometheusEndpoint } from "./auth.ts";
import { prepareEndpoint } from "./auth.ts";
import type { PrometheusError } from "./errors.ts";
import { describeFailure } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { exchange } from "./exchange.ts";
import { type CreateTrustingFetch, createFetchPool } from "./fetch-pool.ts";
import { createServerClocks } from "./server-clocks.ts";

export interface InstantQuery {
  readonly endpoint: PrometheusEndpoint;
  readonly query: string;
  /** The instant of evaluation, milliseconds since the epoch by our clock; default: now. */
  readonly atMs?: number;
  /** For the whole exchange, the body included; the server is told it too. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export type PrometheusAnswer =
  | {
      readonly kind: "Samples";
      readonly samples: readonly PrometheusSample[];
      /** Remarks of the server on the query; never that data is missing, which is an error. */
      readonly warnings: readonly string[];
    }
  | { readonly kind: "Error"; readonly error: PrometheusError };

export interface PrometheusClientOptions {
  readonly clock: Clock;
  /** For servers that need no authority of their own; `globalThis.fetch` will do. */
  readonly fetch: HttpFetch;
  /** For servers with `ca`. */
  readonly createTrustingFetch: CreateTrustingFetch;
  /** Told of each request when it has ended. */
  readonly onRequest?: (numbers: ProviderRequestNumbers) => void;
}

export interface PrometheusClient {
  /** Never rejects. */
  instant(query: InstantQuery): Promise<PrometheusAnswer>;
  /** Closes the connections that are the client's own. */
  close(): Promise<void>;
}

export function createPrometheusClient({
  clock,
  fetch,
  createTrustingFetch,
  onRequest = () => undefined,
}: PrometheusClientOptions): PrometheusClient {
  const pool = createFetchPool(fetch, createTrustingFetch);
  const clocks = createServerClocks(clock);

  async function instant(query: InstantQuery): Promise<PrometheusAnswer> {
    const prepared = prepareEndpoint(query.endpoint);
    if (prepared.kind === "Unusable") {
      const context = { address: prepared.address, query: query.query, secrets: [] };
      return { kind: "Error", error: describeFailure(prepared.failure, context) };
    }
    const startedAt = clock.monotonic();
    const ended = await askForOurInstant(query, prepared);
    const isOurs = query.endpoint.isOurs === true;
    const answer = readAnswer(ended, { ...prepared, query: query.query, isOurs });
    const outcome = answer.kind === "Samples" ? "Ok" : answer.error.reason;
    onRequest({ provider: "prometheus", outcome, durationMs: clock.monotonic() - startedAt });
    return answer;
  }

  /** A clock that is minutes off would read what was, or what is not yet. */
  async function askForOurInstant(
    query: InstantQuery,
    prepared: PreparedEndpoint,
  ): Promise<Exchange> {
    const deadline = clock.monotonic() + query.timeoutMs;
    const ended = await ask(query, prepared);
    if (ended.kind !== "Answered") return ended;
    if (!clocks.isCorrectedBy(prepared.address, ended.date)) return ended;
    const timeoutMs = Math.max(1, Math.floor(deadline - clock.monotonic()));
    return ask({ ...query, timeoutMs }, prepared);
  }

  function ask(query: InstantQuery, prepared: PreparedEndpoint): Promise<Exchange> {
    const send = (url: string, body: string) =>
      exchange(
        { url, body, headers: { "user-agent": "serin", ...prepared.headers, ...FORM_HEADERS } },
        {
          clock,
          fetch: pool.for(query.endpoint.ca),
          timeoutMs: query.timeoutMs,
          signal: query.signal,
        },
      );
    return sendByDriver({
      address: prepared.address,
      query: query.query,
      at: new Date(clocks.atServer(prepared.address, query.atMs ?? clock.now())),
      timeoutMs: query.timeoutMs,
      send,
    });
  }

  return { instant, close: () => pool.close() };
}

const FORM_HEADERS = {
  accept: "application/json",
  "content-type": "application/x-www-form-urlencoded",
};

interface DrivenRequest {
  readonly address: string;
  readonly query: string;
  readonly at: Date;
  readonly timeoutMs: number;
  readonly send: (url: string, body: string) => Promise<Exchange>;
}

/** Nothing of ours is read from it: the driver must only find a well-formed answer. */
const ANSWER_FOR_DRIVER = { status: "success", data: { resultType: "vector", result: [] } };

/**
 * A driver per request, which costs microseconds, since only its interceptor can tell concurrent requests apart. The
 * adapter in it replaces axios' own, and so its redirects, proxies and timeouts.
 */
async function sendByDriver(request: DrivenRequest): Promise<Exchange> {
  let ended: Exchange | undefined;
  const driver = new PrometheusDriver({
    endpoint: request.address,
    preferPost: true,
    requestInterceptor: {
      onFulfilled: (config) => ({
        ...config,
        adapter: async (adapted) => {
          const url = `${adapted.baseURL ?? ""}${adapted.url ?? ""}`;
          ended = await request.send(url, String(adapted.data));
          return {
            data: ANSWER_FOR_DRIVER,
            status: 200,
            statusText: "OK",
            headers: {},
            config: adapted,
          };
        },
      }),
    },
  });
  try {
    await driver.instantQuery(request.query, request.at, `${request.timeoutMs}ms`);
  } catch {
    // Rejections of the driver are no Errors and say nothing that the exchange does not.
  }
  return ended ?? NOT_SENT;
}

const NOT_SENT: Exchange = {
  kind: "Failed",
  failure: { reason: "Unreachable", detail: "the request could not be written" },
};

function readAnswer(
  ended: Exchange,
  context: PreparedEndpoint & { readonly query: string; readonly isOurs: boolean },
): PrometheusAnswer {
  const decoded =
    ended.kind === "Answered" ? decodeAnswer(ended.status, ended.text, context) : ended;
  if (decoded.kind === "Samples") return decoded;
  return { kind: "Error", error: describeFailure(decoded.failure, context) };
}
