/** An embedded Prometheus that scrapes counters set by the test, and a metric source that reads from it. */
import { createPrometheusClient } from "../../src/adapters/metrics/prometheus/client.ts";
import { createMetricSource } from "../../src/adapters/metrics/registry.ts";
import { missing } from "../../src/core/fact.ts";
import type { MetricRequest, Reading } from "../../src/ports/metric-source.ts";
import { createPrometheus } from "../../src/sandbox/prometheus/prometheus.ts";
import type { ExposedSample } from "../../src/sandbox/scrape-target.ts";
import { createManualClock } from "./manual-clock.ts";
import { nobodyIsTrusted } from "./nobody-is-trusted.ts";

type Labels = Readonly<Record<string, string>>;

const SCRAPE_MS = 15_000;

export function createMetricWorld() {
  const clock = createManualClock();
  /** Samples by reporting pod and series. */
  const pods = new Map<string, Map<string, ExposedSample>>();
  const queries: string[] = [];
  const prometheus = createPrometheus({
    clock,
    scrapeMs: SCRAPE_MS,
    targets: {
      list: () =>
        [...pods].map(([pod, samples]) => ({
          labels:
            pod === ""
              ? { job: "kube-state-metrics", instance: "kube-state-metrics:8080" }
              : { pod, namespace: "callers", job: "mesh", instance: `${pod}:15020` },
          collect: () => [...samples.values()],
        })),
    },
  });
  const client = createPrometheusClient({
    clock,
    fetch: async (url, init) => {
      const request = new Request(url, init);
      queries.push(new URLSearchParams(await request.clone().text()).get("query") ?? "");
      return prometheus.fetch(request);
    },
    createTrustingFetch: nobodyIsTrusted,
  });
  const source = createMetricSource({
    prometheus: {
      client,
      clock,
      secrets: { read: async () => missing("SecretNotFound", "there are no Secrets here") },
      metricsServer: "http://prometheus:9090",
    },
  });

  return {
    clock,
    prometheus,
    client,
    source,
    /** Every query that was sent. */
    queries,
    pods,
    /** Sets what a pod exposes for one series; "": an exporter whose own labels are kept. */
    expose(pod: string, name: string, labels: Labels, value: number): void {
      const samples = pods.get(pod) ?? new Map<string, ExposedSample>();
      pods.set(pod, samples.set(JSON.stringify([name, labels]), { name, labels, value }));
    },
    /** Lets one scrape interval pass and scrapes. */
    scrape(): void {
      clock.step(SCRAPE_MS);
      prometheus.scrapeOnce();
    },
    read(requests: readonly MetricRequest[]): Promise<ReadonlyMap<string, Reading>> {
      return allOf(source.read(requests, clock.now(), new AbortController().signal));
    },
  };
}

export type MetricWorld = ReturnType<typeof createMetricWorld>;

/** The readings of one read together. */
export async function allOf(
  answers: AsyncIterable<ReadonlyMap<string, Reading>>,
): Promise<ReadonlyMap<string, Reading>> {
  const all = new Map<string, Reading>();
  for await (const readings of answers)
    for (const [id, reading] of readings) {
      if (all.has(id)) throw new Error(`${id} was read twice`);
      all.set(id, reading);
    }
  return all;
}
