/** The source on the embedded Prometheus: what it asks, what it makes of the answers, and how it fails. */
import { describe, expect, it } from "vitest";
import type {
  InstantQuery,
  PrometheusAnswer,
} from "../../../../src/adapters/metrics/prometheus/client.ts";
import { createPrometheusSource } from "../../../../src/adapters/metrics/prometheus/source.ts";
import { AnalysisTemplateSpec } from "../../../../src/api/analysis-template.ts";
import { known, unknown } from "../../../../src/core/fact.ts";
import type { MetricRequest } from "../../../../src/ports/metric-source.ts";
import { counter, latency, ratio } from "../../../support/analysis.ts";
import { createManualClock } from "../../../support/manual-clock.ts";
import { errorRate, latencyP99, metricRequest } from "../../../support/metric-request.ts";
import { allOf, createMetricWorld, type MetricWorld } from "../../../support/metric-world.ts";

const answeredBy = (workload: string, namespace = "shop") => ({
  destination_workload: workload,
  destination_workload_namespace: namespace,
});

function exposeRequests(
  world: MetricWorld,
  pod: string,
  workload: string,
  codes: Record<string, number>,
) {
  for (const [code, count] of Object.entries(codes)) {
    const labels = { ...answeredBy(workload), response_code: code };
    world.expose(pod, "istio_requests_total", labels, count);
  }
}

function exposeBuckets(
  world: MetricWorld,
  pod: string,
  workload: string,
  buckets: Record<string, number>,
) {
  for (const [le, count] of Object.entries(buckets)) {
    const labels = { ...answeredBy(workload), le };
    world.expose(pod, "istio_request_duration_milliseconds_bucket", labels, count);
  }
}

const latencyRequest = metricRequest({ template: latencyP99, limit: 500 });

describe("reading a value", () => {
  const template = (query: string) =>
    AnalysisTemplateSpec.parse({ provider: { prometheus: {} }, value: { query } });
  const own =
    'lag{destination_workload="{{ workload }}",destination_workload_namespace="{{ namespace }}"}';
  const single = metricRequest({ template: template(`sum(${own})`) });

  function exposeLags(world: MetricWorld, lags: Record<string, number>) {
    for (const [workload, lag] of Object.entries(lags))
      world.expose("a", "lag", answeredBy(workload), lag);
    world.scrape();
  }

  it("gives the number of each version, and the query that shows it", async () => {
    const world = createMetricWorld();
    exposeLags(world, { web: 7.5, "web-primary": -2 });
    expect((await world.read([single])).get("shop/web")).toEqual({
      kind: "Value",
      canary: 7.5,
      stable: -2,
      query: 'sum(lag{destination_workload="web",destination_workload_namespace="shop"})',
    });
  });

  it("gives none for a version without series, nor for what is not a number", async () => {
    const world = createMetricWorld();
    exposeLags(world, { "web-primary": 0 });
    const request = metricRequest({ template: template(`sum(${own}) / sum(${own})`) });
    expect((await world.read([request])).get("shop/web")).toMatchObject({
      kind: "Value",
      canary: undefined,
      stable: undefined,
    });
  });

  it("keeps infinity apart from no number", async () => {
    const world = createMetricWorld();
    exposeLags(world, { web: 0, "web-primary": 0 });
    const request = metricRequest({ template: template(`1 / sum(${own})`) });
    expect((await world.read([request])).get("shop/web")).toMatchObject({
      canary: Number.POSITIVE_INFINITY,
    });
  });

  it("fails where a version has several", async () => {
    const world = createMetricWorld();
    exposeLags(world, { web: 1 });
    world.expose("b", "lag", answeredBy("web"), 2);
    world.scrape();
    expect(
      (await world.read([metricRequest({ template: template(own) })])).get("shop/web"),
    ).toMatchObject({
      kind: "Failure",
      reason: "SeveralSeries",
      message: "the query gives several series for one version: aggregate it, for example sum(…)",
    });
  });

  it("of many releases takes one query where labels tell them apart", async () => {
    const world = createMetricWorld();
    exposeLags(world, { web: 1, "web-primary": 2, api: 3 });
    const by = "by (destination_workload, destination_workload_namespace)";
    const requests = ["web", "api"].map((canaryWorkload) =>
      metricRequest({ canaryWorkload, template: template(`2 * max ${by} (${own})`) }),
    );
    const readings = await world.read(requests);
    expect(world.queries).toHaveLength(1);
    expect(readings.get("shop/web")).toMatchObject({ canary: 2, stable: 4 });
    expect(readings.get("shop/api")).toMatchObject({ canary: 6, stable: undefined });
  });

  it("of a query that the server refuses fails with its words", async () => {
    const world = createMetricWorld();
    const request = metricRequest({ template: template(`predict_linear(${own}[5m], 60)`) });
    expect((await world.read([request])).get("shop/web")).toMatchObject({
      kind: "Failure",
      reason: "BadQuery",
    });
  });
});

describe("reading an error rate", () => {
  it("gives requests and bad requests of both versions by reporting pod", async () => {
    const world = createMetricWorld();
    exposeRequests(world, "a", "web", { 200: 90, 503: 7, 500: 3 });
    exposeRequests(world, "a", "web-primary", { 200: 900 });
    exposeRequests(world, "b", "web-primary", { 200: 50, 502: 1 });
    exposeRequests(world, "b", "other", { 500: 1000 });
    world.scrape();
    const reading = (await world.read([metricRequest({})])).get("shop/web");
    expect(reading).toMatchObject({
      kind: "Counters",
      counters: [
        counter("web", "a", ratio(100, 10)),
        counter("web-primary", "a", ratio(900, 0)),
        counter("web-primary", "b", ratio(51, 1)),
      ],
    });
  });

  it("gives no counters for a service that nobody called", async () => {
    const world = createMetricWorld();
    world.scrape();
    expect((await world.read([metricRequest({})])).get("shop/web")).toMatchObject({
      kind: "Counters",
      counters: [],
    });
  });

  it("keeps workloads of one name in two namespaces apart", async () => {
    const world = createMetricWorld();
    for (const [namespace, count] of [
      ["shop", 10],
      ["bank", 20],
    ] as const) {
      const labels = { ...answeredBy("web", namespace), response_code: "200" };
      world.expose("a", "istio_requests_total", labels, count);
    }
    world.scrape();
    const requests = [metricRequest({}), metricRequest({ namespace: "bank" })];
    const readings = await world.read(requests);
    expect(readings.get("shop/web")).toMatchObject({ counters: [{ counts: ratio(10) }] });
    expect(readings.get("bank/web")).toMatchObject({ counters: [{ counts: ratio(20) }] });
  });

  it("asks for the bad requests before the requests", async () => {
    const world = createMetricWorld();
    await world.read([metricRequest({})]);
    expect(world.queries.map((query) => query.includes("response_code"))).toEqual([true, false]);
  });

  it("shows a query that people can ask", async () => {
    const world = createMetricWorld();
    for (const more of [0, 1, 2, 3, 4]) {
      exposeRequests(world, "a", "web", { 200: 90 * more, 503: 10 * more });
      world.scrape();
    }
    const query = (await world.read([metricRequest({})])).get("shop/web")?.query ?? "";
    const answer = await world.client.instant({
      endpoint: { address: "http://prometheus:9090" },
      query,
      atMs: world.clock.now(),
      timeoutMs: 1000,
    });
    expect(query).toContain('destination_workload="web"');
    expect(answer).toMatchObject({ kind: "Samples", samples: [{ value: expect.closeTo(10) }] });
  });
});

describe("reading a latency", () => {
  it("gives the buckets around the limit", async () => {
    const world = createMetricWorld();
    const buckets = { "1": 0, "5": 1, "25": 2, "50": 3, "100": 4, "250": 5, "500": 6, "1000": 7 };
    exposeBuckets(world, "a", "web", { ...buckets, "2500": 8, "5000": 9, "10000": 10, "+Inf": 11 });
    world.scrape();
    const around = latency(11, { 50: 3, 100: 4, 250: 5, 500: 6, 1000: 7, 2500: 8, 5000: 9, 25: 2 });
    const reading = (await world.read([latencyRequest])).get("shop/web");
    expect(reading).toMatchObject({ counters: [counter("web", "a", around)] });
  });

  it("finds bounds that are written as floating-point numbers", async () => {
    const world = createMetricWorld();
    exposeBuckets(world, "a", "web", { "250.0": 5, "500.0": 6, "+Inf": 7 });
    world.scrape();
    const expected = { counters: [counter("web", "a", latency(7, { 250: 5, 500: 6 }))] };
    expect((await world.read([latencyRequest])).get("shop/web")).toMatchObject(expected);
  });

  it("asks for the bounds once", async () => {
    const world = createMetricWorld();
    exposeBuckets(world, "a", "web", { "250": 5, "500": 6, "+Inf": 7 });
    world.scrape();
    await world.read([latencyRequest]);
    expect(world.queries).toHaveLength(2);
    await world.read([latencyRequest]);
    expect(world.queries).toHaveLength(3);
    expect(world.queries[2]).toContain("le=~");
  });

  it("asks again for those of a service that nobody had called yet", async () => {
    const world = createMetricWorld();
    world.scrape();
    await world.read([latencyRequest]);
    exposeBuckets(world, "a", "web", { "250": 5, "500": 6, "+Inf": 7 });
    world.scrape();
    expect((await world.read([latencyRequest])).get("shop/web")).toMatchObject({
      counters: [counter("web", "a", latency(7, { 250: 5, 500: 6 }))],
    });
  });

  it("shows a query that people can ask", async () => {
    const world = createMetricWorld();
    for (const more of [0, 1, 2, 3, 4]) {
      exposeBuckets(world, "a", "web", { "250": 98 * more, "500": 100 * more, "+Inf": 100 * more });
      world.scrape();
    }
    const query = (await world.read([latencyRequest])).get("shop/web")?.query ?? "";
    const answer = await world.client.instant({
      endpoint: { address: "http://prometheus:9090" },
      query,
      atMs: world.clock.now(),
      timeoutMs: 1000,
    });
    expect(answer).toMatchObject({ kind: "Samples", samples: [{ value: expect.closeTo(375) }] });
  });
});

describe("reading many releases", () => {
  const releases = (count: number, template: AnalysisTemplateSpec): MetricRequest[] =>
    Array.from({ length: count }, (_, index) =>
      metricRequest({ canaryWorkload: `web-${index}`, template, limit: 500 }),
    );

  it("asks at most 12 queries for 200 releases and two metrics", async () => {
    const world = createMetricWorld();
    for (let index = 0; index < 200; index += 1) {
      for (const workload of [`web-${index}`, `web-${index}-primary`]) {
        exposeRequests(world, "a", workload, { 200: 100 + index, 503: index });
        exposeBuckets(world, "a", workload, { "250": 5, "500": 6, "+Inf": 7 });
      }
    }
    world.scrape();
    const [errors, slow] = [releases(200, errorRate), releases(200, latencyP99)];
    const readings = await world.read(errors);
    await world.read(slow);
    expect(world.queries.length).toBeLessThanOrEqual(8);
    expect(readings.get("shop/web-199")).toMatchObject({
      counters: [
        counter("web-199", "a", ratio(498, 199)),
        counter("web-199-primary", "a", ratio(498, 199)),
      ],
    });
    world.queries.length = 0;
    await world.read(errors);
    await world.read(slow);
    expect(world.queries).toHaveLength(6);
  });

  it("reads one by one where the template leaves no other way", async () => {
    const world = createMetricWorld();
    const template = AnalysisTemplateSpec.parse({
      provider: { prometheus: {} },
      ratio: {
        total: 'requests_total{version=~"{{ workload }}-.*"}',
        bad: 'requests_total{version=~"{{ workload }}-.*",code="500"}',
      },
    });
    world.expose("a", "requests_total", { version: "web-1", code: "500" }, 3);
    world.expose("a", "requests_total", { version: "web-1", code: "200" }, 4);
    world.scrape();
    const request = metricRequest({ template, primaryWorkload: "stable" });
    expect((await world.read([request])).get("shop/web")).toMatchObject({
      counters: [counter("web", "a", ratio(7, 3))],
    });
    expect(world.queries).toHaveLength(4);
  });

  it.each([
    ["the workload", { canaryWorkload: "other" }, true],
    ["the namespace", { namespace: "bank" }, true],
    ["the limit", { limit: 9 }, true],
    ["the Service", { service: "other" }, true],
    ["the interval", { intervalSeconds: 30 }, false],
    ["arguments", { args: { a: "b" } }, false],
    ["the template", { template: latencyP99 }, false],
    ["the Secrets' namespace", { secretNamespace: "shop" }, false],
  ])("that differ in %s share a query: %s", (_name, change, share) => {
    const { source } = createMetricWorld();
    const keys = [metricRequest({}), metricRequest(change)].map((each) => source.groupKey(each));
    expect(new Set(keys).size === 1).toBe(share);
  });

  it("never puts two Services into a query that names one", () => {
    const { source } = createMetricWorld();
    const text = `${errorRate.ratio?.total.slice(0, -1)},destination_service_name="{{ service }}"}`;
    const template = { ...errorRate, ratio: { total: text, bad: text } };
    const keys = ["web", "other"].map((service) =>
      source.groupKey(metricRequest({ template, service })),
    );
    expect(new Set(keys).size).toBe(2);
  });
});

describe("a read that fails", () => {
  const never = new AbortController().signal;
  /** A source whose client answers from a function. */
  function withClient(
    instant: (query: InstantQuery) => Promise<PrometheusAnswer>,
    clock = createManualClock(),
  ) {
    return createPrometheusSource({
      client: { instant, range: instant },
      clock,
      secrets: { read: async () => unknown("the API server does not answer") },
      metricsServer: "http://prometheus:9090",
    });
  }
  const error = (reason: "Timeout" | "TooLarge"): PrometheusAnswer => ({
    kind: "Error",
    error: { reason, message: `${reason} of http://prometheus:9090` },
  });
  const empty: PrometheusAnswer = { kind: "Samples", samples: [], warnings: [] };

  const releases = (count: number) =>
    Array.from({ length: count }, (_, index) => metricRequest({ canaryWorkload: `web-${index}` }));

  it("is a failure of every release it was for, with the query for people", async () => {
    const source = withClient(async () => error("Timeout"));
    const requests = [metricRequest({}), metricRequest({ canaryWorkload: "api" })];
    const readings = await allOf(source.read(requests, 0, never));
    expect(readings.size).toBe(2);
    for (const reading of readings.values()) {
      expect(reading).toMatchObject({ kind: "Failure", reason: "Timeout" });
      expect(reading.query).toContain("istio_requests_total");
    }
  });

  it("leaves the releases of other queries alone", async () => {
    const source = withClient(async ({ query }) =>
      query.includes("web-0|") ? error("Timeout") : empty,
    );
    const readings = await allOf(source.read(releases(150), 0, never));
    expect([...readings.values()].filter(({ kind }) => kind === "Counters")).toHaveLength(50);
  });

  it("keeps nobody of another query waiting while it is slow", async () => {
    const slow = Promise.withResolvers<PrometheusAnswer>();
    const source = withClient(async ({ query }) => (/web-0\|/.test(query) ? slow.promise : empty));
    const sizes: number[] = [];
    for await (const readings of source.read(releases(150), 0, never)) {
      sizes.push(readings.size);
      slow.resolve(empty);
    }
    expect(sizes).toEqual([50, 100]);
  });

  it("because the answer is too large makes the next ones smaller", async () => {
    let sent = 0;
    const source = withClient(async ({ query }) => {
      sent += 1;
      return (query.match(/primary/g) ?? []).length > 50 ? error("TooLarge") : empty;
    });
    const first = await allOf(source.read(releases(100), 0, never));
    expect([...first.values()].every(({ kind }) => kind === "Failure")).toBe(true);
    sent = 0;
    const second = await allOf(source.read(releases(100), 0, never));
    expect([...second.values()].every(({ kind }) => kind === "Counters")).toBe(true);
    expect(sent).toBe(4);
  });

  it("gives all queries together no more than the template's timeout", async () => {
    const clock = createManualClock();
    const timeouts: number[] = [];
    const source = withClient(async ({ timeoutMs }) => {
      timeouts.push(timeoutMs);
      clock.step(3000);
      return empty;
    }, clock);
    await allOf(source.read([metricRequest({})], 0, never));
    expect(timeouts).toEqual([5000, 2000]);
  });

  it("asks no second time when no time is left", async () => {
    const clock = createManualClock();
    const source = withClient(async () => {
      clock.step(5000);
      return empty;
    }, clock);
    expect((await allOf(source.read([metricRequest({})], 0, never))).get("shop/web")).toMatchObject(
      {
        kind: "Failure",
        reason: "Timeout",
      },
    );
  });

  it.each([
    [
      "has no usable template",
      { template: { ...errorRate, ratio: { total: "x{", bad: "x" } } },
      "SyntaxError",
    ],
    ["misses an argument's declaration", { args: { code: "5.." } }, "ArgumentUnknown"],
    [
      "cannot read the login",
      {
        template: {
          ...errorRate,
          provider: AnalysisTemplateSpec.shape.provider.parse({
            prometheus: { secretRef: { name: "login" } },
          }),
        },
      },
      "SecretUnreadable",
    ],
  ])("%s is a failure too", async (_name, change, reason) => {
    const source = withClient(async () => empty);
    const readings = await allOf(source.read([metricRequest(change)], 0, never));
    expect(readings.get("shop/web")).toMatchObject({ kind: "Failure", reason });
  });

  it("is a value even when a part of Serin is broken", async () => {
    const source = withClient(() => Promise.reject(new TypeError("a bug")));
    expect((await allOf(source.read([metricRequest({})], 0, never))).get("shop/web")).toMatchObject(
      {
        kind: "Failure",
        reason: "Unexpected",
        message: "a bug",
      },
    );
    expect(await allOf(source.read([], 0, never))).toEqual(new Map());
  });

  it("passes credentials, the instant and the caller's signal to the client", async () => {
    const seen: InstantQuery[] = [];
    const source = createPrometheusSource({
      client: {
        instant: async (query) => {
          seen.push(query);
          return empty;
        },
        range: async () => empty,
      },
      clock: createManualClock(),
      secrets: { read: async () => known({ token: "t0k" }) },
      metricsServer: undefined,
    });
    const prometheus = { address: "https://metrics", secretRef: { name: "login" } };
    const provider = AnalysisTemplateSpec.shape.provider.parse({ prometheus });
    await allOf(
      source.read([metricRequest({ template: { ...errorRate, provider } })], 42_000, never),
    );
    expect(seen[0]).toMatchObject({
      endpoint: { address: "https://metrics", auth: { bearer: "t0k" } },
      atMs: 42_000,
    });
    expect(seen[0]?.signal).toBe(never);
  });

  it("of a server that answers with an error names it", async () => {
    const world = createMetricWorld();
    world.prometheus.setFault({ kind: "Status", code: 500, body: "" });
    expect((await world.read([metricRequest({})])).get("shop/web")).toMatchObject({
      kind: "Failure",
      reason: "ServerError",
    });
  });
});

describe("reading the past", () => {
  const signal = new AbortController().signal;
  const requests = [metricRequest({}), metricRequest({ canaryWorkload: "api" })];
  const slow = requests.map((request) => ({ ...request, template: latencyP99, limit: 500 }));

  /** Five scrapes, between which callers count on; gives the instants after each. */
  async function scraped(world: MetricWorld): Promise<readonly number[]> {
    const instants: number[] = [];
    for (let round = 1; round <= 5; round += 1) {
      for (const workload of ["web", "web-primary", "api-primary"]) {
        exposeRequests(world, "a", workload, { 200: 100 * round, 503: round > 3 ? round : 0 });
        exposeBuckets(world, "a", workload, {
          5: 10 * round,
          500: 90 * round,
          "+Inf": 100 * round,
        });
      }
      world.scrape();
      instants.push(world.clock.now());
    }
    return instants;
  }

  function spanOf(instants: readonly number[]) {
    const [fromMs = 0, next = 0] = instants;
    return { fromMs, untilMs: instants.at(-1) ?? 0, stepMs: next - fromMs, allBounds: false };
  }

  it.each([
    ["errors", requests, 2],
    ["latencies", slow, 2],
  ])(
    "gives what reads at those instants gave, of %s, by as many queries as one read takes",
    async (_, group, queries) => {
      const world = createMetricWorld();
      const instants = await scraped(world);
      const before = world.queries.length;
      const past = await world.source.readPast(group, spanOf(instants), signal);
      expect(world.queries.length - before).toBe(queries);
      expect(past.map(({ atMs }) => atMs)).toEqual(instants);
      for (const { atMs, readings } of past)
        expect(readings).toEqual(await allOf(world.source.read(group, atMs, signal)));
    },
  );

  it("reads few instants of many releases at once, and many of a few", async () => {
    const world = createMetricWorld();
    const many = Array.from({ length: 80 }, (_, index) =>
      metricRequest({ canaryWorkload: `web-${index}` }),
    );
    const queriesFor = async (instants: number) => {
      const before = world.queries.length;
      const untilMs = world.clock.now();
      const fromMs = untilMs - (instants - 1) * 15_000;
      await world.source.readPast(
        many,
        { fromMs, untilMs, stepMs: 15_000, allBounds: true },
        signal,
      );
      return world.queries.length - before;
    };
    expect(await queriesFor(6)).toBe(2);
    expect(await queriesFor(121)).toBe(2 * 20);
  });

  it("reads every bound of a histogram where it is asked to", async () => {
    const world = createMetricWorld();
    const les = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "500", "1000"];
    exposeBuckets(
      world,
      "a",
      "web-primary",
      Object.fromEntries([...les, "+Inf"].map((le) => [le, 9])),
    );
    world.scrape();
    const at = world.clock.now();
    const span = { fromMs: at, untilMs: at, stepMs: 15_000, allBounds: true };
    const boundsIn = (readings: Awaited<ReturnType<MetricWorld["read"]>>) => {
      const reading = readings.get("shop/web");
      const counts = reading?.kind === "Counters" ? reading.counters[0]?.counts : undefined;
      return counts?.kind === "Latency" ? counts.buckets.map(({ le }) => String(le)) : [];
    };
    const [past] = await world.source.readPast(slow, span, signal);
    expect(boundsIn(past?.readings ?? new Map())).toEqual(les);
    const compared = slow.map((request) => ({ ...request, bounds: [2] }));
    const now = boundsIn(await world.read(compared));
    expect(now).toContain("2");
    expect(now).not.toContain("1");
  });

  it("is a failure where the server does not answer, and empty where nothing was scraped", async () => {
    const world = createMetricWorld();
    world.scrape();
    const at = world.clock.now();
    const span = { fromMs: at - 60_000, untilMs: at, stepMs: 15_000, allBounds: true };
    for (const { readings } of await world.source.readPast(requests, span, signal))
      expect(readings.get("shop/web")).toMatchObject({ kind: "Counters", counters: [] });
    world.prometheus.setFault({ kind: "Down" });
    const down = await world.source.readPast(requests, span, signal);
    expect(
      down.flatMap(({ readings }) => [...readings.values()].map(({ kind }) => kind)),
    ).toContain("Failure");
  });
});
