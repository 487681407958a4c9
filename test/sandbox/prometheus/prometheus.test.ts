/** The embedded Prometheus as its clients see it: scraping, HTTP, faults. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createPrometheus } from "../../../src/sandbox/prometheus/prometheus.ts";
import type { ExposedSample, ScrapeTarget } from "../../../src/sandbox/scrape-target.ts";
import { createManualClock, settleTasks } from "../../support/manual-clock.ts";

const SCRAPE_MS = 1_000;
const BASE = "http://prometheus:9090";

interface FakeTarget extends ScrapeTarget {
  samples: readonly ExposedSample[];
  isBroken: boolean;
}

function target(pod: string, samples: readonly ExposedSample[] = []): FakeTarget {
  return {
    labels: { pod, namespace: "shop", job: "mesh", instance: `${pod}:15020` },
    samples,
    isBroken: false,
    collect() {
      if (this.isBroken) throw new Error("connection refused");
      return this.samples;
    },
  };
}

const counter = (value: number, labels: Readonly<Record<string, string>> = {}): ExposedSample => ({
  name: "requests_total",
  labels,
  value,
});

function world(targets: FakeTarget[] = []) {
  const clock = createManualClock();
  const prometheus = createPrometheus({
    targets: { list: () => targets },
    clock,
    scrapeMs: SCRAPE_MS,
  });
  const get = (path: string) => prometheus.fetch(new Request(BASE + path));
  const query = async (text: string) => {
    const body = new URLSearchParams({ query: text });
    const request = new Request(`${BASE}/api/v1/query`, { method: "POST", body });
    return decode(await prometheus.fetch(request));
  };
  return { clock, prometheus, targets, get, query };
}

const VectorAnswer = z.object({
  status: z.literal("success"),
  warnings: z.array(z.string()).optional(),
  data: z.object({
    resultType: z.literal("vector"),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string()]),
      }),
    ),
  }),
});

async function decode(response: Response) {
  expect(response.status).toBe(200);
  return VectorAnswer.parse(await response.json());
}

const valuesOf = ({ data }: z.infer<typeof VectorAnswer>) =>
  data.result.map(({ value }) => value[1]);

describe("scraping", () => {
  it("adds the target's labels to its samples and reports the target as up", async () => {
    const { prometheus, query, clock } = world([target("a", [counter(7, { code: "200" })])]);
    prometheus.scrapeOnce();
    const { data } = await query("requests_total");
    expect(data.result).toStrictEqual([
      {
        metric: {
          __name__: "requests_total",
          code: "200",
          instance: "a:15020",
          job: "mesh",
          namespace: "shop",
          pod: "a",
        },
        value: [clock.now() / 1000, "7"],
      },
    ]);
    expect(valuesOf(await query("up"))).toStrictEqual(["1"]);
  });

  it("keeps a label that collides with the target's as exported", async () => {
    const { prometheus, query } = world([target("a", [counter(1, { pod: "other" })])]);
    prometheus.scrapeOnce();
    const { data } = await query("requests_total");
    expect(data.result[0]?.metric).toMatchObject({ pod: "a", exported_pod: "other" });
  });

  it("scrapes at once and then on a fixed grid until stopped", async () => {
    const { prometheus, clock, query } = world([target("a", [counter(1)])]);
    prometheus.start();
    prometheus.start();
    clock.step(SCRAPE_MS * 3.5);
    expect(valuesOf(await query("time() - timestamp(requests_total)"))).toStrictEqual(["0.5"]);
    const rate = await query("increase(requests_total[1h])");
    expect(valuesOf(rate)).toStrictEqual(["0"]);
    prometheus.stop();
    clock.step(SCRAPE_MS * 3);
    expect(clock.pending()).toBe(0);
    expect(valuesOf(await query("time() - timestamp(requests_total)"))).toStrictEqual(["3.5"]);
  });

  it("ends a series at once when its target no longer exposes it", async () => {
    const a = target("a", [counter(1, { code: "200" }), counter(2, { code: "500" })]);
    const { prometheus, clock, query } = world([a]);
    prometheus.scrapeOnce();
    clock.step(SCRAPE_MS);
    a.samples = [counter(3, { code: "200" })];
    prometheus.scrapeOnce();
    expect(valuesOf(await query("requests_total"))).toStrictEqual(["3"]);
    a.samples = [counter(3, { code: "200" }), counter(9, { code: "500" })];
    clock.step(SCRAPE_MS);
    prometheus.scrapeOnce();
    expect(valuesOf(await query("requests_total"))).toStrictEqual(["3", "9"]);
  });

  it("ends everything of a target that is gone, its up too", async () => {
    const { prometheus, clock, query, targets } = world([
      target("a", [counter(1)]),
      target("b", [counter(2)]),
    ]);
    prometheus.scrapeOnce();
    targets.splice(0, 1);
    clock.step(SCRAPE_MS);
    prometheus.scrapeOnce();
    expect(valuesOf(await query("requests_total"))).toStrictEqual(["2"]);
    expect(valuesOf(await query("count(up)"))).toStrictEqual(["1"]);
  });

  it("marks a target that cannot be read as down and ends its series", async () => {
    const a = target("a", [counter(1)]);
    const { prometheus, clock, query } = world([a]);
    prometheus.scrapeOnce();
    a.isBroken = true;
    clock.step(SCRAPE_MS);
    prometheus.scrapeOnce();
    expect(valuesOf(await query("up"))).toStrictEqual(["0"]);
    expect(valuesOf(await query("requests_total"))).toStrictEqual([]);
  });

  it("finds a series again whether or not the target keeps its label objects", async () => {
    const a = target("a");
    const kept = counter(1, { code: "200" });
    const { prometheus, clock, query } = world([a]);
    for (const value of [1, 2, 3]) {
      a.samples = [{ ...kept, value }, counter(value, { code: "500" })];
      prometheus.scrapeOnce();
      clock.step(SCRAPE_MS);
    }
    expect(valuesOf(await query("count(requests_total)"))).toStrictEqual(["2"]);
    expect(valuesOf(await query("requests_total"))).toStrictEqual(["3", "3"]);
  });

  it("answers a sample up to five minutes old and none that is older", async () => {
    const { prometheus, clock, query } = world([target("a", [counter(1)])]);
    prometheus.scrapeOnce();
    clock.step(5 * 60_000 - 1);
    expect(valuesOf(await query("requests_total"))).toStrictEqual(["1"]);
    clock.step(1);
    expect(valuesOf(await query("requests_total"))).toStrictEqual([]);
  });

  it("forgets samples, and series, that are older than the retention", async () => {
    const { prometheus, clock, query, targets, get } = world([target("a", [counter(1)])]);
    prometheus.scrapeOnce();
    clock.step(5 * 60_000);
    prometheus.scrapeOnce();
    clock.step(5 * 60_000 + 1);
    prometheus.scrapeOnce();
    expect(valuesOf(await query("requests_total offset 10m"))).toStrictEqual([]);
    expect(valuesOf(await query("requests_total offset 5m"))).toStrictEqual(["1"]);
    targets.length = 0;
    prometheus.scrapeOnce();
    clock.step(11 * 60_000);
    prometheus.scrapeOnce();
    expect(await (await get("/api/v1/labels")).json()).toStrictEqual({
      status: "success",
      data: [],
    });
  });
});

describe("the HTTP API", () => {
  it("answers a query by GET with a time in either form", async () => {
    const { prometheus, clock, get } = world([target("a", [counter(4)])]);
    prometheus.scrapeOnce();
    const iso = new Date(clock.now()).toISOString();
    for (const time of [String(clock.now() / 1000), iso]) {
      const path = `/api/v1/query?query=requests_total&time=${encodeURIComponent(time)}`;
      expect(valuesOf(await decode(await get(path)))).toStrictEqual(["4"]);
    }
  });

  it.each([
    ["/api/v1/query?query=foo(x)", 'invalid parameter "query": 1:1: parse error: unknown function'],
    ["/api/v1/query?query=topk(1,x)", "unsupported: aggregation operator"],
    ["/api/v1/query", 'invalid parameter "query": 1:1: parse error: no expression found in input'],
    ["/api/v1/query?query=x&time=noon", 'invalid parameter "time": cannot parse "noon"'],
    ["/api/v1/query_range?query=x&start=0&end=1", 'invalid parameter "step": cannot parse ""'],
    ["/api/v1/query_range?query=x&start=0&end=1&step=0", "zero or negative query resolution"],
    ["/api/v1/query_range?query=x&start=2&end=1&step=1", "must not be before start"],
    ["/api/v1/query_range?query=x&start=0&end=11001&step=1", "maximum resolution of 11000"],
    ["/api/v1/series", "no match[] parameter provided"],
    ["/api/v1/series?match[]=sum(x)", 'invalid parameter "match[]": invalid series selector'],
  ])("refuses %s as bad data", async (path, message) => {
    const response = await world().get(path);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      status: "error",
      errorType: "bad_data",
      error: expect.stringContaining(message),
    });
  });

  it("answers 422 when the series do not fit the query", async () => {
    const { prometheus, get } = world([target("a", [counter(1)]), target("b", [counter(2)])]);
    prometheus.scrapeOnce();
    const response = await get("/api/v1/query?query=requests_total*on(job)requests_total");
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ status: "error", errorType: "execution" });
  });

  it("lists series, labels and values, selected or all", async () => {
    const { prometheus, get } = world([target("a", [counter(1)]), target("b", [counter(2)])]);
    prometheus.scrapeOnce();
    const dataOf = async (path: string) =>
      z.object({ data: z.array(z.unknown()) }).parse(await (await get(path)).json()).data;
    expect(await dataOf("/api/v1/series?match[]=requests_total&match[]=up{pod='a'}")).toHaveLength(
      3,
    );
    expect(await dataOf("/api/v1/label/pod/values")).toStrictEqual(["a", "b"]);
    expect(await dataOf("/api/v1/label/pod/values?match[]=up{pod!='a'}")).toStrictEqual(["b"]);
    expect(await dataOf("/api/v1/label/__name__/values")).toStrictEqual(["requests_total", "up"]);
    expect(await dataOf("/api/v1/labels")).toStrictEqual([
      "__name__",
      "instance",
      "job",
      "namespace",
      "pod",
    ]);
  });

  it("says who it is and that it is well", async () => {
    const { get } = world();
    expect((await get("/-/healthy")).status).toBe(200);
    expect((await get("/-/ready")).status).toBe(200);
    const info = await (await get("/api/v1/status/buildinfo")).json();
    expect(info).toMatchObject({ status: "success", data: { version: expect.any(String) } });
  });

  it("answers 404 for other paths and 405 for other methods", async () => {
    const { get, prometheus } = world();
    expect((await get("/api/v1/rules")).status).toBe(404);
    const response = await prometheus.fetch(new Request(`${BASE}/api/v1/query`, { method: "PUT" }));
    expect(response.status).toBe(405);
  });

  it("offers its targets to a real Prometheus under ids that stay", async () => {
    const a = target("a", [counter(1, { path: 'say "hi"\\\n' }), counter(Number.NaN)]);
    const b = target("b", [counter(2)]);
    const { prometheus, get, targets } = world([a, b]);
    prometheus.scrapeOnce();
    expect(await (await get("/targets")).json()).toStrictEqual([
      {
        targets: ["prometheus:9090"],
        labels: { ...a.labels, __metrics_path__: "/targets/0/metrics" },
      },
      {
        targets: ["prometheus:9090"],
        labels: { ...b.labels, __metrics_path__: "/targets/1/metrics" },
      },
    ]);
    const exposed = await get("/targets/0/metrics");
    expect(exposed.headers.get("content-type")).toContain("text/plain");
    expect(await exposed.text()).toBe(
      'requests_total{path="say \\"hi\\"\\\\\\n"} 1\nrequests_total NaN\n',
    );
    targets.splice(0, 1);
    prometheus.scrapeOnce();
    expect((await get("/targets/0/metrics")).status).toBe(404);
    expect(await (await get("/targets/1/metrics")).text()).toBe("requests_total 2\n");
  });
});

describe("faults", () => {
  const scraped = () => {
    const it = world([target("a", [counter(1)])]);
    it.prometheus.scrapeOnce();
    return it;
  };

  it("Down rejects as fetch does when nothing listens", async () => {
    const { prometheus, get } = scraped();
    prometheus.setFault({ kind: "Down" });
    await expect(get("/api/v1/query?query=up")).rejects.toMatchObject({
      message: "fetch failed",
      cause: { code: "ECONNREFUSED" },
    });
  });

  it("Slow answers after the delay, and not at all when the caller gives up", async () => {
    const { prometheus, clock } = scraped();
    prometheus.setFault({ kind: "Slow", delayMs: 30_000 });
    const answers: string[] = [];
    const abort = new AbortController();
    const path = `${BASE}/api/v1/query?query=up`;
    void prometheus.fetch(new Request(path)).then(() => answers.push("answered"));
    const abandoned = prometheus.fetch(new Request(path, { signal: abort.signal }));
    abort.abort(new Error("took too long"));
    await expect(abandoned).rejects.toThrow("took too long");
    await clock.run(29_999);
    expect(answers).toStrictEqual([]);
    await clock.run(1);
    expect(answers).toStrictEqual(["answered"]);
    expect(clock.pending()).toBe(0);
  });

  it("Status, Garbage, Empty, NaN and Partial answer what they say, and heal", async () => {
    const { prometheus, get, query } = scraped();
    prometheus.setFault({ kind: "Status", code: 503, body: "upstream connect error" });
    const refused = await get("/api/v1/query?query=up");
    expect([refused.status, await refused.text()]).toStrictEqual([503, "upstream connect error"]);
    prometheus.setFault({ kind: "Garbage" });
    expect(await (await get("/api/v1/query?query=up")).text()).toContain("<html>");
    prometheus.setFault({ kind: "Empty" });
    expect(valuesOf(await query("up"))).toStrictEqual([]);
    prometheus.setFault({ kind: "NaN" });
    expect(valuesOf(await query("up"))).toStrictEqual(["NaN"]);
    prometheus.setFault({ kind: "Partial", warning: "store-1 did not answer" });
    expect((await query("up")).warnings).toStrictEqual(["store-1 did not answer"]);
    prometheus.setFault(undefined);
    expect(valuesOf(await query("up"))).toStrictEqual(["1"]);
    await settleTasks();
  });
});
