/** What a process learns of the time before it looked: on the prober, since that is who asks. */
import { describe, expect, it } from "vitest";
import { Memories, measureFor } from "../../src/controller/memory.ts";
import { Prober } from "../../src/controller/prober.ts";
import { metricRequest } from "../../src/controller/scopes.ts";
import type { Subject } from "../../src/controller/subject.ts";
import { emptyMetricState } from "../../src/core/analysis/advance.ts";
import { maxLooksBack } from "../../src/core/analysis/limits.ts";
import { dispersionOf } from "../../src/core/analysis/sequential/dispersion.ts";
import { defaultMargins } from "../../src/core/canary/compared.ts";
import { counter, ratio } from "../support/analysis.ts";
import { canarySpec, createFakePorts, errorRateTemplate } from "../support/fake-ports.ts";
import { settleTasks } from "../support/manual-clock.ts";

const key = "shop/web";
const intervalMs = 10_000;
const compare = {
  margins: defaultMargins.Ratio,
  plannedBlocks: 240,
  seconds: 15,
  evidenceFrom: 0,
  warmFrom: 0,
  proofFrom: 0,
  isAlone: false,
};

function subjectOf(how: Pick<Subject, "isUnderWay"> & { readonly compares?: boolean }): Subject {
  const template = errorRateTemplate();
  const spec = canarySpec("web");
  const [metric] = spec.analysis.metrics;
  if (template.kind !== "Known" || metric === undefined) throw new Error("no metric to measure");
  const identity = {
    namespace: "shop",
    name: "web",
    uid: "u",
    generation: 1,
    resourceVersion: "1",
  };
  const request = metricRequest(identity, spec, metric, template.value);
  const { canaryWorkload, primaryWorkload } = request;
  return {
    of: "u v2-1",
    metric: "errors",
    request: { ...request, intervalSeconds: 10 },
    decides: true,
    isUnderWay: how.isUnderWay,
    rules: {
      kind: "Ratio",
      quantile: 0,
      scrapeSeconds: 10,
      limit: { max: 5, consecutive: 2, minSamples: 20 },
      limitAppliesFrom: 0,
      canaryWorkload,
      primaryWorkload,
      ...(how.compares === true && { compare }),
    },
  };
}

function createBench(how: Parameters<typeof subjectOf>[0]) {
  const ports = createFakePorts();
  const memories = new Memories();
  const measured: string[] = [];
  const prober = new Prober(ports, memories, (of, priority) => measured.push(`${of} ${priority}`));
  const beganAt = ports.clock.now();
  measureFor(memories.of(key), "u v2-1");
  prober.watch(key, [subjectOf(how)]);
  return {
    ...ports,
    memories,
    measured,
    prober,
    beganAt,
    state: () => memories.of(key).metrics.get("errors"),
    /** Lets Prometheus know of the past, whose reads are counted back from the first one. */
    remember: (reads: readonly (readonly [canary: number, bad: number, stable: number])[]) => {
      ports.source.past = reads.map(([canary, bad, stable], index) => ({
        atMs: beganAt - (reads.length - 1 - index) * intervalMs,
        counters: [
          counter("web", "caller", ratio(canary, bad)),
          counter("web-primary", "caller", ratio(stable)),
        ],
      }));
    },
  };
}

describe("a release that is taken over", () => {
  it("is judged by what came before, with the first read, and urgently", async () => {
    const bench = createBench({ isUnderWay: true });
    bench.remember([
      [0, 0, 0],
      [100, 50, 900],
      [200, 100, 1_800],
    ]);
    bench.source.count("web", 300, 150);
    await bench.clock.run(intervalMs);
    expect(bench.state()).toMatchObject({ breaches: 3, breachedAt: bench.beganAt - intervalMs });
    expect(bench.measured).toEqual([`${key} Urgent`]);
  });

  it("is looked back on once, as far as a limit looks", async () => {
    const bench = createBench({ isUnderWay: true });
    await bench.clock.run(3 * intervalMs);
    const firstAt = bench.beganAt + intervalMs;
    expect(bench.source.pastReads).toEqual([
      {
        fromMs: firstAt - 70_000,
        untilMs: firstAt - intervalMs,
        stepMs: intervalMs,
        allBounds: false,
      },
    ]);
    expect(bench.source.reads).toHaveLength(3);
  });

  it("is measured from now on where nothing is known of the past", async () => {
    const bench = createBench({ isUnderWay: true });
    bench.source.count("web", 100);
    await bench.clock.run(intervalMs);
    expect(bench.state()).toMatchObject({ readAt: bench.beganAt + intervalMs, blocks: [] });
  });

  it("is not, if it was measured by this process before", async () => {
    const bench = createBench({ isUnderWay: true });
    bench.memories.of(key).metrics.set("errors", { ...emptyMetricState, readAt: bench.beganAt });
    await bench.clock.run(intervalMs);
    expect(bench.source.pastReads).toEqual([]);
  });
});

describe("a release that begins", () => {
  const burst = (index: number) => counter("web-primary", `caller-${index}`, ratio(0));

  it("learns from stable's last half hour, beside its own reads, and is looked at again", async () => {
    const bench = createBench({ isUnderWay: false, compares: true });
    bench.source.past = Array.from({ length: 90 }, (_, index) => ({
      atMs: bench.beganAt - (89 - index) * intervalMs,
      counters: [0, 1, 2, 3].map((caller) => ({
        ...burst(caller),
        counts: ratio(500 * (index + 1), 20 * Math.floor((index + 4 - caller) / 4)),
      })),
    }));
    await bench.clock.run(intervalMs);
    await settleTasks();
    const [test] = bench.state()?.comparison?.tests ?? [];
    expect(test && dispersionOf(test.dispersion, "Callers")).toBeGreaterThan(10);
    expect(bench.measured).toEqual([`${key} Normal`, `${key} Normal`]);
    await bench.clock.run(5 * intervalMs);
    expect(bench.source.pastReads).toHaveLength(1);
    expect(bench.source.pastReads[0]).toMatchObject({ allBounds: true, stepMs: intervalMs });
  });

  it("does not wait for what is slow to come, and never takes it for another release", async () => {
    const bench = createBench({ isUnderWay: false, compares: true });
    let answer: () => void = () => undefined;
    bench.source.readPast = () =>
      new Promise((resolve) => {
        answer = () => resolve([]);
      });
    await bench.clock.run(2 * intervalMs);
    expect(bench.source.reads).toHaveLength(2);
    bench.prober.unwatch(key);
    answer();
    await settleTasks();
    expect(bench.measured).toHaveLength(2);
  });

  it("tries it three times where the past cannot be read", async () => {
    const bench = createBench({ isUnderWay: false, compares: true });
    let tries = 0;
    bench.source.readPast = async (group, { untilMs }) => {
      tries += 1;
      const failure = { kind: "Failure", reason: "BadQuery", message: "no", query: "" } as const;
      return [{ atMs: untilMs, readings: new Map(group.map(({ id }) => [id, failure])) }];
    };
    await bench.clock.run(6 * intervalMs);
    expect(tries).toBe(maxLooksBack);
    expect(bench.state()?.readAt).toBe(bench.beganAt + 6 * intervalMs);
  });

  it("asks nothing of the past where nothing is compared", async () => {
    const bench = createBench({ isUnderWay: false });
    await bench.clock.run(2 * intervalMs);
    expect(bench.source.pastReads).toEqual([]);
  });
});
