/** What the client makes of a server, well or ill: one table for scripted answers and for the embedded Prometheus. */
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { PrometheusAnswer } from "../../../../src/adapters/metrics/prometheus/client.ts";
import { createPrometheusClient } from "../../../../src/adapters/metrics/prometheus/client.ts";
import type { HttpFetch } from "../../../../src/adapters/outbound/http-fetch.ts";
import type { PrometheusFault } from "../../../../src/sandbox/prometheus/faults.ts";
import { createPrometheus } from "../../../../src/sandbox/prometheus/prometheus.ts";
import { createManualClock, settleTasks } from "../../../support/manual-clock.ts";
import { nobodyIsTrusted } from "../../../support/nobody-is-trusted.ts";

const ADDRESS = "http://prometheus.monitoring:9090";
const TIMEOUT_MS = 5_000;
const clock = createManualClock();

interface Backend {
  readonly fetch: HttpFetch;
  setFault(fault: PrometheusFault | undefined): void;
}

/** The real embedded server with two pods' counters. */
function embedded(): Backend {
  const target = (pod: string, value: number) => ({
    labels: { pod, job: "mesh" },
    collect: () => [{ name: "requests_total", labels: {}, value }],
  });
  const prometheus = createPrometheus({
    targets: { list: () => [target("a", 5), target("b", 7)] },
    clock,
    scrapeMs: 1_000,
  });
  prometheus.scrapeOnce();
  return {
    fetch: (url, init) => prometheus.fetch(new Request(url, init)),
    setFault: (fault) => prometheus.setFault(fault),
  };
}

/** Answers as a real Prometheus gave them. */
const SCRIPT: Readonly<Record<string, readonly [status: number, data: unknown]>> = {
  requests_total: [
    200,
    {
      resultType: "vector",
      result: [
        { metric: { __name__: "requests_total", job: "mesh", pod: "a" }, value: [1.5, "5"] },
        { metric: { __name__: "requests_total", job: "mesh", pod: "b" }, value: [1.5, "7"] },
      ],
    },
  ],
  nothing: [200, { resultType: "vector", result: [] }],
  "vector(1) / 0": [200, { resultType: "vector", result: [{ metric: {}, value: [1, "+Inf"] }] }],
  "vector(-1) / 0": [200, { resultType: "vector", result: [{ metric: {}, value: [1, "-Inf"] }] }],
  "vector(0) / 0": [200, { resultType: "vector", result: [{ metric: {}, value: [1, "NaN"] }] }],
  "1 + 1": [200, { resultType: "scalar", result: [1, "2"] }],
  '"text"': [200, { resultType: "string", result: [1, "text"] }],
  "requests_total[1m]": [200, { resultType: "matrix", result: [] }],
  "sum(": [400, "bad_data"],
  "requests_total * on (job) requests_total": [422, "execution"],
};

const released: (() => void)[] = [];

async function scripted(query: string, fault: PrometheusFault | undefined): Promise<Response> {
  const [status, data] = SCRIPT[query] ?? [400, "bad_data"];
  const healthy = (change: object = {}) =>
    status === 200
      ? HttpResponse.json({ status: "success", data, ...change })
      : HttpResponse.json(
          { status: "error", errorType: data, error: `cannot evaluate ${query}` },
          { status },
        );
  switch (fault?.kind) {
    case undefined:
      return healthy();
    case "Down":
      return HttpResponse.error();
    case "Slow":
      await new Promise<void>((resolve) => {
        released.push(resolve);
      });
      return healthy();
    case "Status":
      return new HttpResponse(fault.body, { status: fault.code });
    case "Garbage":
      return HttpResponse.html("<html><body>It works!</body></html>");
    case "Empty":
      return healthy({ data: { resultType: "vector", result: [] } });
    case "NaN": {
      const nan = { metric: {}, value: [1, "NaN"] };
      return healthy({ data: { resultType: "vector", result: [nan, nan] } });
    }
    case "Explosion": {
      const result = Array.from({ length: fault.series }, () => ({ metric: {}, value: [1, "1"] }));
      return healthy({ data: { resultType: "vector", result } });
    }
    case "Partial":
      return healthy({ warnings: [fault.warning] });
  }
}

let scriptedFault: PrometheusFault | undefined;
const server = setupServer(
  http.post(`${ADDRESS}/api/v1/query`, async ({ request }) => {
    const form = new URLSearchParams(await request.text());
    return scripted(form.get("query") ?? "", scriptedFault);
  }),
);
beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => {
  for (const release of released.splice(0)) release();
});
afterAll(() => server.close());

const throughMsw: Backend = {
  fetch: (url, init) => globalThis.fetch(url, init),
  setFault(fault) {
    scriptedFault = fault;
  },
};

const samples = (...values: number[]) => ({
  kind: "Samples",
  samples: values.map((value) => expect.objectContaining({ value })),
  warnings: [],
});
const failure = (reason: string, ...words: string[]) => ({
  kind: "Error",
  error: {
    reason,
    message: expect.stringMatching(new RegExp([ADDRESS, ...words, "query: "].join(".*"), "s")),
  },
});

interface Row {
  readonly query?: string;
  readonly fault?: PrometheusFault;
  readonly expected: object;
}

const TABLE: Readonly<Record<string, Row>> = {
  "gives the samples of a vector": { expected: samples(5, 7) },
  "gives no samples for an empty vector": { query: "nothing", expected: samples() },
  "keeps +Inf": { query: "vector(1) / 0", expected: samples(Number.POSITIVE_INFINITY) },
  "keeps -Inf": { query: "vector(-1) / 0", expected: samples(Number.NEGATIVE_INFINITY) },
  "keeps NaN": { query: "vector(0) / 0", expected: samples(Number.NaN) },
  "reads a scalar as one sample": { query: "1 + 1", expected: samples(2) },
  "refuses a string": { query: '"text"', expected: failure("Malformed", "string") },
  "refuses a matrix": { query: "requests_total[1m]", expected: failure("Malformed", "matrix") },
  "tells of a query that cannot be parsed": {
    query: "sum(",
    expected: failure("BadQuery", "HTTP 400"),
  },
  "tells of a query that cannot be evaluated": {
    query: "requests_total * on (job) requests_total",
    expected: failure("BadQuery", "HTTP 422"),
  },
  "tells that nothing answers": { fault: { kind: "Down" }, expected: failure("Unreachable") },
  "gives up on a slow server": {
    fault: { kind: "Slow", delayMs: 30_000 },
    expected: failure("Timeout", `${TIMEOUT_MS} ms`),
  },
  "keeps the status and words of a broken server": {
    fault: { kind: "Status", code: 500, body: "out of memory" },
    expected: failure("ServerError", "HTTP 500: out of memory"),
  },
  "tells of refused credentials": {
    fault: { kind: "Status", code: 401, body: "" },
    expected: failure("Unauthorized", "HTTP 401"),
  },
  "tells of an overloaded proxy": {
    fault: { kind: "Status", code: 503, body: "upstream connect error" },
    expected: failure("ServerError", "HTTP 503: upstream connect error"),
  },
  "tells that the server's own time was up": {
    fault: {
      kind: "Status",
      code: 503,
      body: '{"status":"error","errorType":"timeout","error":"query timed out"}',
    },
    expected: failure("Timeout", "query timed out"),
  },
  "refuses what is not JSON": {
    fault: { kind: "Garbage" },
    expected: failure("Malformed", "It works!"),
  },
  "takes an empty answer as no samples": { fault: { kind: "Empty" }, expected: samples() },
  "does not take NaN for a number": {
    fault: { kind: "NaN" },
    expected: samples(Number.NaN, Number.NaN),
  },
  "does not use an answer that may lack data": {
    fault: { kind: "Partial", warning: "store-1: connection refused" },
    expected: failure("Partial", "store-1: connection refused"),
  },
};

describe.each([
  ["scripted answers", throughMsw],
  ["the embedded Prometheus", embedded()],
] as const)("the client against %s", (_name, backend) => {
  it.each(Object.entries(TABLE))("%s", async (_title, { query, fault, expected }) => {
    const outcomes: string[] = [];
    const client = createPrometheusClient({
      clock,
      fetch: backend.fetch,
      createTrustingFetch: nobodyIsTrusted,
      onRequest: ({ outcome }) => outcomes.push(outcome),
    });
    backend.setFault(fault);
    const asked = client.instant({
      endpoint: { address: ADDRESS, isOurs: true },
      query: query ?? "requests_total",
      timeoutMs: TIMEOUT_MS,
    });
    const answer = await answerOf(asked, fault?.kind === "Slow");
    expect(answer).toStrictEqual(expected);
    expect(outcomes).toStrictEqual([answer.kind === "Samples" ? "Ok" : answer.error.reason]);
    expect(clock.pending()).toBe(0);
  });
});

/** Real sockets and msw need real turns of the loop before time is let run. */
async function answerOf(
  asked: Promise<PrometheusAnswer>,
  isSlow: boolean,
): Promise<PrometheusAnswer> {
  if (!isSlow) return asked;
  const ended: string[] = [];
  void asked.then(() => ended.push("ended"));
  await clock.run(TIMEOUT_MS - 1);
  expect(ended).toStrictEqual([]);
  await clock.run(1);
  await settleTasks();
  return asked;
}
