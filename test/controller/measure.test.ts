import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { endMeasures, followMeasures } from "../../src/controller/measure.ts";
import { Memories } from "../../src/controller/memory.ts";
import { observe } from "../../src/controller/observe.ts";
import { Prober } from "../../src/controller/prober.ts";
import type { Subject } from "../../src/controller/subject.ts";
import { emptyMetricState } from "../../src/core/analysis/advance.ts";
import { newTest } from "../../src/core/analysis/sequential/bound-test.ts";
import { known, missing } from "../../src/core/fact.ts";
import { canarySpec, createFakePorts, errorRateTemplate } from "../support/fake-ports.ts";
import {
  failed,
  finalising,
  initialized,
  now,
  progressing,
  promoting,
} from "../support/snapshots.ts";

const key = "shop/web";

function createBench(startMs?: number) {
  const ports = createFakePorts(startMs);
  ports.cluster.templates.set("errors", errorRateTemplate());
  const memories = new Memories();
  const prober = new Prober(ports, memories, () => undefined);
  const memory = memories.of(key);
  return {
    ...ports,
    memory,
    /** What is measured for a status, and how it is judged. */
    watched: async (status: CanaryStatus, spec = canarySpec("web")) => {
      ports.cluster.put(key, known(spec), status);
      const snapshot = observe(key, memory, ports);
      const watched: Subject[] = [];
      const watching = {
        watch: (_: string, subjects: readonly Subject[]) => watched.push(...subjects),
        unwatch: () => undefined,
      };
      if (snapshot !== undefined)
        followMeasures(key, snapshot, memory, { prober: watching, ports });
      return watched;
    },
    end: () => endMeasures(key, memory, { prober, ports }),
    /** Follows a status, and tells what is measured for it in the next two intervals. */
    follow: async (status: CanaryStatus, spec = canarySpec("web")) => {
      ports.cluster.put(key, known(spec), status);
      const snapshot = observe(key, memory, ports);
      if (snapshot !== undefined) followMeasures(key, snapshot, memory, { prober, ports });
      const before = ports.source.reads.length;
      await ports.clock.run(2_000);
      return {
        reads: ports.source.reads.length - before,
        arePodsWatched: ports.workloads.watched.has("web"),
      };
    },
  };
}

const drained = { startedAt: "", routedAt: "", confirmedAt: "2026-01-01T00:00:00.000Z" };

describe("followMeasures", () => {
  it.each<[string, CanaryStatus, { reads: number; arePodsWatched: boolean }]>([
    ["a newcomer", {}, { reads: 0, arePodsWatched: false }],
    ["an idle Canary", initialized(), { reads: 0, arePodsWatched: false }],
    ["a release", progressing(0, "entered"), { reads: 2, arePodsWatched: true }],
    ["a promotion", promoting("Copy"), { reads: 2, arePodsWatched: true }],
    ["what is left of a promotion", finalising(), { reads: 2, arePodsWatched: false }],
    ["a rollback", failed(), { reads: 2, arePodsWatched: false }],
    ["a failed release", failed({ drain: drained }), { reads: 0, arePodsWatched: false }],
  ])("reads what is decided on, and no more: %s", async (_, status, expected) => {
    const bench = createBench();
    expect(await bench.follow(status)).toEqual(expected);
  });

  it("costs neither queries nor watches nor timers once a release is over", async () => {
    const bench = createBench();
    expect(await bench.follow(progressing(1, "confirmed"))).toEqual({
      reads: 2,
      arePodsWatched: true,
    });
    await bench.follow(failed({ drain: drained }));
    const { reads } = await bench.follow(failed({ drain: drained }));
    expect(reads).toBe(0);
    expect(bench.clock.pending()).toBe(0);
    expect(bench.workloads.watched.size).toBe(0);
  });

  it("measures nothing while a template is missing", async () => {
    const bench = createBench();
    await bench.follow(progressing(1, "confirmed"));
    bench.cluster.templates.set("errors", missing("TemplateNotFound", "gone"));
    expect((await bench.follow(progressing(1, "confirmed"))).reads).toBe(0);
  });

  it.each<[string, CanaryStatus, boolean]>([
    ["gets nothing yet", progressing(0, "entered", { status: { canaryWeight: 0 } }), false],
    ["gets requests", progressing(1, "confirmed"), true],
  ])(
    "knows what whoever takes over must look back on: a release that %s",
    async (_, status, isUnderWay) => {
      expect(await createBench().watched(status)).toMatchObject([{ isUnderWay }]);
    },
  );

  it("looks back on nothing where the routes carry more than the status knows of", async () => {
    const bench = createBench();
    const status = progressing(1, "confirmed");
    bench.router.set(key, 100);
    expect(await bench.watched(status)).toMatchObject([{ isUnderWay: false }]);
    bench.router.set(key, 25);
    expect(await bench.watched(status)).toMatchObject([{ isUnderWay: false }]);
  });

  it("reads the bounds at which a latency is compared", async () => {
    const bench = createBench();
    await bench.follow(progressing(1, "confirmed"));
    bench.memory.metrics.set("errors", {
      ...emptyMetricState,
      comparison: { tests: [newTest(25), newTest(500)], history: undefined },
    });
    const [subject] = await bench.watched(progressing(1, "confirmed"));
    expect(subject?.request.bounds).toEqual([25, 500]);
  });

  it("puts aside what was judged of the release before", async () => {
    const bench = createBench();
    await bench.follow(progressing(1, "confirmed"));
    expect(bench.memory.measuredFor).toBe("next-1");
    await bench.follow(progressing(0, "entered", { release: { id: "better-2" } }));
    expect(bench.memory.measuredFor).toBe("better-2");
  });

  it("counts nothing that came while no release was measured", async () => {
    const bench = createBench();
    const spanMs = async (restMs: number, id: string) => {
      bench.source.count("web-primary", 10);
      await bench.follow(progressing(1, "confirmed", { release: { id: `${id}-1` } }));
      await bench.follow(failed({ drain: drained }));
      await bench.clock.run(restMs);
      bench.source.count("web-primary", 1000, 100);
      await bench.follow(progressing(0, "entered", { release: { id: `${id}-2` } }));
      bench.source.count("web-primary", 10);
      await bench.clock.run(1_000);
      return bench.memory.metrics.get("errors")?.blocks.map((block) => block.endAt - block.startAt);
    };
    // Checked and scraped every second; what follows at once goes on counting.
    expect(await spanMs(0, "quick")).toEqual([3_000, 1_000]);
    expect(await spanMs(6 * 3_600_000, "late")).toEqual([1_000]);
  });

  it("lets no request count that came before the release had any weight", async () => {
    const bench = createBench();
    const breaches = async (status: CanaryStatus) => {
      await bench.follow(status);
      for (let check = 0; check < 3; check += 1) {
        bench.source.count("web", 100, 40);
        await bench.clock.run(1_000);
      }
      return bench.memory.metrics.get("errors")?.breaches;
    };
    expect(await breaches(progressing(0, "entered"))).toBe(0);
    const at = "2026-01-01T00:00:00.000Z";
    const routed = { index: 0, weight: 10, enteredAt: at, shiftedAt: at, routedAt: at };
    const release = { stage: routed, firstTrafficAt: at };
    expect(await breaches(progressing(0, "routed", { release }))).toBe(3);
  });

  it("judges no latency by a block that may hold requests of the warm-up", async () => {
    const bench = createBench(now);
    const found = errorRateTemplate();
    if (found.kind !== "Known") throw new Error("the template is there");
    const { ratio: _, ...spec } = found.value.spec;
    const latency = { histogram: "duration_bucket", quantile: 0.99, unit: "ms" as const };
    bench.cluster.templates.set("errors", known({ ...found.value, spec: { ...spec, latency } }));
    const judgedFrom = async (warmupSeconds: number) => {
      const asked = canarySpec("web");
      const analysis = { ...asked.analysis, warmupSeconds };
      const [subject] = await bench.watched(progressing(1, "confirmed"), { ...asked, analysis });
      return subject?.rules.limitAppliesFrom;
    };
    // Scraped and checked every second; the first traffic was 300 s ago.
    expect(await judgedFrom(0)).toBe(now - 300_000 + 2_000);
    expect(await judgedFrom(30)).toBe(now - 270_000 + 2_000);
  });
});

describe("endMeasures", () => {
  it("stops reading, and watching pods", async () => {
    const bench = createBench();
    await bench.follow(progressing(1, "confirmed"));
    bench.end();
    const before = bench.source.reads.length;
    await bench.clock.run(60_000);
    expect(bench.source.reads).toHaveLength(before);
    expect(bench.workloads.watched.size).toBe(0);
    expect(bench.clock.pending()).toBe(0);
  });
});
