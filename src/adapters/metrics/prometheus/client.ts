/**
 * Asks a Prometheus server one query, of an instant or of a range of them. prometheus-query writes the request; sending, bounds and reading are
 * ours, because it loses infinities, warnings and HTTP statuses and cannot be stopped. Knows no templates.
 */
import { PrometheusDriver } from "prometheus-query";
import type { Clock } from "../../../ports/clock.ts";
import type { ProviderRequestNumbers } from "../../../ports/metrics.ts";
import type { HttpFetch } from "../../outbound/http-fetch.ts";
import type { PrometheusSample } from "./answer.ts";
import { decodeAnswer, decodeRangeAnswer } from "./answer.ts";
import type { PreparedEndpoint, PrometheusEndpoint } from "./auth.ts";
import { prepareEndpoint } from "./auth.ts";
import type { PrometheusError } from "./errors.ts";
import { describeFailure } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { exchange } from "./exchange.ts";
import { type CreateTrustingFetch, createFetchPool } from "./fetch-pool.ts";
import { createServerClocks } from "./server-clocks.ts";

interface Query {
  readonly endpoint: PrometheusEndpoint;
  readonly query: string;
  /** For the whole exchange, the body included; the server is told it too. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface InstantQuery extends Query {
  /** The instant of evaluation, milliseconds since the epoch by our clock; default: now. */
  readonly atMs?: number;
}

/** The instants of evaluation are `startMs`, `startMs + stepMs` and so on up to `endMs`, by our clock. */
export interface RangeQuery extends Query {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
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
  /** All samples of the range, each with the instant (by our clock) that it was evaluated for. Never rejects. */
  range(query: RangeQuery): Promise<PrometheusAnswer>;
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

  async function ask(query: Query, way: Way): Promise<PrometheusAnswer> {
    const prepared = prepareEndpoint(query.endpoint);
    if (prepared.kind === "Unusable") {
      const context = { address: prepared.address, query: query.query, secrets: [] };
      return { kind: "Error", error: describeFailure(prepared.failure, context) };
    }
    const startedAt = clock.monotonic();
    const ended = await askForOurInstant({ query, way, prepared });
    const isOurs = query.endpoint.isOurs === true;
    const answer = readAnswer(ended, way.decode, { ...prepared, query: query.query, isOurs });
    const outcome = answer.kind === "Samples" ? "Ok" : answer.error.reason;
    onRequest({ provider: "prometheus", outcome, durationMs: clock.monotonic() - startedAt });
    return answer;
  }

  /** A clock that is minutes off would read what was, or what is not yet. */
  async function askForOurInstant(request: PreparedRequest): Promise<Exchange> {
    const { query, prepared } = request;
    const deadline = clock.monotonic() + query.timeoutMs;
    const ended = await send(request);
    if (ended.kind !== "Answered") return ended;
    if (!clocks.isCorrectedBy(prepared.address, ended.date)) return ended;
    const timeoutMs = Math.max(1, Math.floor(deadline - clock.monotonic()));
    return send({ ...request, query: { ...query, timeoutMs } });
  }

  function send({ query, way, prepared }: PreparedRequest): Promise<Exchange> {
    const { timeoutMs, signal } = query;
    return sendByDriver({
      address: prepared.address,
      drive: (driver) => way.drive(driver, (ms) => clocks.atServer(prepared.address, ms)),
      send: (url, body) =>
        exchange(
          { url, body, headers: { "user-agent": "serin", ...prepared.headers, ...FORM_HEADERS } },
          { clock, fetch: pool.for(query.endpoint.ca), timeoutMs, signal },
        ),
    });
  }

  return {
    instant: (query) => ask(query, instantWay(query, clock)),
    async range(query) {
      const { way, aheadMs } = rangeWay(query);
      return byOurClock(await ask(query, way), aheadMs());
    },
    close: () => pool.close(),
  };
}

function instantWay(query: InstantQuery, clock: Pick<Clock, "now">): Way {
  return {
    decode: decodeAnswer,
    drive(driver, atServer) {
      const at = new Date(atServer(query.atMs ?? clock.now()));
      return driver.instantQuery(query.query, at, `${query.timeoutMs}ms`);
    },
  };
}

function rangeWay({ query, startMs, endMs, stepMs, timeoutMs }: RangeQuery): {
  readonly way: Way;
  /** By how much the server's clock was taken to be ahead of ours when it was asked last. */
  readonly aheadMs: () => number;
} {
  let aheadMs = 0;
  const drive: Way["drive"] = (driver, atServer) => {
    aheadMs = atServer(0);
    const [start, end] = [new Date(startMs + aheadMs), new Date(endMs + aheadMs)];
    return driver.rangeQuery(query, start, end, stepMs / 1000, `${timeoutMs}ms`);
  };
  return { way: { decode: decodeRangeAnswer, drive }, aheadMs: () => aheadMs };
}

/** How a query is written, and how its answer is read. */
interface Way {
  readonly decode: typeof decodeAnswer;
  readonly drive: (driver: PrometheusDriver, atServer: (ms: number) => number) => Promise<unknown>;
}

interface PreparedRequest {
  readonly query: Query;
  readonly way: Way;
  readonly prepared: PreparedEndpoint;
}

function byOurClock(answer: PrometheusAnswer, aheadMs: number): PrometheusAnswer {
  if (answer.kind === "Error" || aheadMs === 0) return answer;
  const samples = answer.samples.map((sample) => ({ ...sample, atMs: sample.atMs - aheadMs }));
  return { ...answer, samples };
}

const FORM_HEADERS = {
  accept: "application/json",
  "content-type": "application/x-www-form-urlencoded",
};

interface DrivenRequest {
  readonly address: string;
  readonly drive: (driver: PrometheusDriver) => Promise<unknown>;
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
    await request.drive(driver);
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
  decode: Way["decode"],
  context: PreparedEndpoint & { readonly query: string; readonly isOurs: boolean },
): PrometheusAnswer {
  const decoded = ended.kind === "Answered" ? decode(ended.status, ended.text, context) : ended;
  if (decoded.kind === "Samples") return decoded;
  return { kind: "Error", error: describeFailure(decoded.failure, context) };
}
