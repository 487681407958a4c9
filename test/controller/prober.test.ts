import { describe, expect, it } from "vitest";
import { maxProbes, probeTimeoutMs } from "../../src/controller/limits.ts";
import { Memories, measureFor } from "../../src/controller/memory.ts";
import { Prober } from "../../src/controller/prober.ts";
import { metricRequest } from "../../src/controller/scopes.ts";
import type { Subject } from "../../src/controller/subject.ts";
import { defaultMargins } from "../../src/core/canary/compared.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { FoundTemplate } from "../../src/ports/cluster.ts";
import type { Reading } from "../../src/ports/metric-source.ts";
import { canarySpec, createFakePorts, errorRateTemplate } from "../support/fake-ports.ts";
import { settleTasks } from "../support/manual-clock.ts";

function templateAt(address: string): FoundTemplate {
  const template = errorRateTemplate(address);
  if (template.kind !== "Known") throw new Error("the template is not known");
  return template.value;
}

/** Subjects of `shop/<name>` as a pass would give them: limit 5 %, twice in a row. */
function subjectsOf(
  name: string,
  {
    address = "http://prometheus.test",
    app = "",
    intervalSeconds = 10,
    limitAppliesFrom = 0,
    decides = true,
    of = "u v2-1",
    isUnderWay = false,
  } = {},
): readonly Subject[] {
  const spec = canarySpec(name);
  const identity = { namespace: "shop", name, uid: "u", generation: 1, resourceVersion: "1" };
  const analysis = { ...spec.analysis, intervalSeconds };
  return spec.analysis.metrics.map((metric) => {
    const asked = { ...metric, args: { app } };
    const request = metricRequest(identity, { ...spec, analysis }, asked, templateAt(address));
    const { canaryWorkload, primaryWorkload } = request;
    const { limit } = metric;
    const rules = {
      kind: "Ratio",
      quantile: 0,
      scrapeSeconds: 15,
      limit,
      limitAppliesFrom,
    } as const;
    return {
      of,
      metric: metric.name,
      request,
      decides,
      isUnderWay,
      rules: { ...rules, canaryWorkload, primaryWorkload },
    };
  });
}

function createBench(clockOf: (clock: Clock) => Clock = (clock) => clock) {
  const ports = createFakePorts();
  const memories = new Memories();
  const measured: string[] = [];
  const prober = new Prober({ ...ports, clock: clockOf(ports.clock) }, memories, (key, priority) =>
    measured.push(`${key} ${priority}`),
  );
  return {
    ...ports,
    memories,
    /** Keys that got new numbers, with the priority. */
    measured,
    prober,
    watch: (name: string, options: Parameters<typeof subjectsOf>[1] = {}) =>
      prober.watch(`shop/${name}`, subjectsOf(name, options)),
    state: (name: string) => memories.of(`shop/${name}`).metrics.get("errors"),
    /** Instants of the reads, in seconds after the start of the clock. */
    readAt: () => ports.source.reads.map(({ atMs }) => (atMs - startMs) / 1000),
  };
}

const startMs = createFakePorts().clock.now();

describe("Prober's grid", () => {
  it("reads at whole multiples of the interval, whenever measuring began", async () => {
    const bench = createBench();
    await bench.clock.run(3_700);
    bench.watch("a");
    await bench.clock.run(30_000);
    expect(bench.readAt()).toEqual([10, 20, 30]);
    expect(bench.measured).toHaveLength(3);
  });

  it("speaks of the grid's instant also when its timer is late", async () => {
    const bench = createBench();
    bench.watch("a");
    bench.clock.freeze(12_345);
    await bench.clock.run(0);
    expect(bench.readAt()).toEqual([10]);
    await bench.clock.run(10_000);
    expect(bench.readAt()).toEqual([10, 20]);
  });

  it("waits for the rest when its timer fires before the wall clock is there", async () => {
    const early = (clock: Clock): Clock => ({
      ...clock,
      setTimer: (delayMs, fire) =>
        clock.setTimer(delayMs > 100 ? delayMs - Math.round(delayMs / 1000) : delayMs, fire),
    });
    const bench = createBench(early);
    bench.watch("a");
    await bench.clock.run(40_000);
    expect(bench.readAt()).toEqual([10, 20, 30, 40]);
  });

  it("goes on at the grid of the new time when the wall clock jumps", async () => {
    const bench = createBench();
    bench.watch("a");
    await bench.clock.run(10_000);
    bench.clock.jumpWall(-3_600_000);
    await bench.clock.run(20_000);
    expect(bench.readAt()).toEqual([10, -3580, -3570]);
  });

  it("reads each interval on its own grid", async () => {
    const bench = createBench();
    bench.watch("a", { intervalSeconds: 10 });
    bench.watch("b", { intervalSeconds: 15 });
    await bench.clock.run(30_000);
    expect(bench.readAt()).toEqual([10, 15, 20, 30, 30]);
  });

  it("costs nothing once nothing is measured any more", async () => {
    const bench = createBench();
    bench.watch("a");
    await bench.clock.run(10_000);
    bench.prober.unwatch("shop/a");
    await bench.clock.run(60_000);
    expect(bench.readAt()).toEqual([10]);
    expect(bench.clock.pending()).toBe(0);
  });
});

describe("Prober's groups", () => {
  it("read together what shares a template, apart what does not", async () => {
    const bench = createBench();
    for (const name of ["a", "b"]) bench.watch(name);
    bench.watch("c", { address: "http://other.test" });
    await bench.clock.run(10_000);
    expect(bench.source.reads.map(({ ids }) => ids)).toEqual([
      ["shop/a/errors", "shop/b/errors"],
      ["shop/c/errors"],
    ]);
    expect(bench.measured.toSorted()).toEqual(["shop/a Normal", "shop/b Normal", "shop/c Normal"]);
  });

  it("do not delay each other, and a read that has not ended is not begun again", async () => {
    const bench = createBench();
    bench.watch("slow", { address: "http://slow.test" });
    bench.watch("quick");
    let answer: (reading: Reading | undefined) => void = () => undefined;
    bench.source.onRead = (group) =>
      group[0]?.canaryWorkload === "slow"
        ? new Promise((resolve) => {
            answer = resolve;
          })
        : undefined;
    await bench.clock.run(30_000);
    expect(bench.measured).toEqual(["shop/quick Normal", "shop/quick Normal", "shop/quick Normal"]);
    expect(bench.source.reads.filter(({ ids }) => ids[0] === "shop/slow/errors")).toHaveLength(1);
    expect(bench.prober.inFlight).toBe(1);
    answer(undefined);
    await bench.clock.run(10_000);
    expect(bench.measured.filter((key) => key === "shop/slow Normal")).toHaveLength(1);
    expect(bench.source.reads.filter(({ ids }) => ids[0] === "shop/slow/errors")).toHaveLength(2);
  });

  it("of one provider are read a bounded number at a time", async () => {
    const bench = createBench();
    const answers: (() => void)[] = [];
    bench.source.onRead = () => new Promise((resolve) => answers.push(() => resolve(undefined)));
    const names = Array.from({ length: maxProbes + 3 }, (_, index) => `web-${index}`);
    for (const name of names) bench.watch(name, { app: name });
    await bench.clock.run(10_000);
    expect(bench.source.reads).toHaveLength(maxProbes);
    answers.shift()?.();
    await settleTasks();
    expect(bench.source.reads).toHaveLength(maxProbes + 1);
    for (const name of names) bench.prober.unwatch(`shop/${name}`);
    for (const answer of answers.splice(0)) answer();
    await settleTasks();
    // Those whose turn came after nobody asked any more were left out.
    expect(bench.source.reads).toHaveLength(maxProbes + 1);
    expect(bench.prober.inFlight).toBe(0);
  });

  it("are told to give up after the time that a read may take", async () => {
    const bench = createBench();
    bench.watch("a");
    bench.source.onRead = (_, signal) =>
      new Promise((resolve) => {
        const failure = { reason: "Timeout", message: "no answer", query: undefined } as const;
        signal.addEventListener("abort", () => resolve({ kind: "Failure", ...failure }));
      });
    await bench.clock.run(10_000 + probeTimeoutMs - 1);
    expect(bench.state("a")).toBeUndefined();
    await bench.clock.run(1);
    expect(bench.state("a")?.failure?.reason).toBe("Timeout");
  });

  it("are read again after a read that threw", async () => {
    const bench = createBench();
    bench.watch("a");
    bench.source.onRead = () => {
      throw new Error("bug");
    };
    await bench.clock.run(10_000);
    expect(bench.log.lines.map(({ level }) => level)).toEqual(["error"]);
    bench.source.onRead = () => undefined;
    await bench.clock.run(10_000);
    expect(bench.state("a")?.readAt).toBe(bench.clock.now());
  });
});

describe("Prober's numbers", () => {
  it("are remembered for each Canary by itself", async () => {
    const bench = createBench();
    for (const name of ["a", "b"]) bench.watch(name);
    for (const name of ["a", "b"]) bench.source.count(name, 10);
    await bench.clock.run(10_000);
    bench.source.count("a", 100, 2);
    bench.source.count("b", 50);
    await bench.clock.run(10_000);
    const canaryOf = (name: string) => bench.state(name)?.blocks.map(({ canary }) => canary);
    expect(canaryOf("a")).toEqual([{ kind: "Ratio", total: 100, bad: 2 }]);
    expect(canaryOf("b")).toEqual([{ kind: "Ratio", total: 50, bad: 0 }]);
  });

  it("make a key urgent from as many breaches in a row as the limit asks, not before", async () => {
    const bench = createBench();
    bench.watch("a");
    bench.source.count("a", 10);
    await bench.clock.run(10_000);
    for (let check = 0; check < 3; check += 1) {
      bench.source.count("a", 100, 40);
      await bench.clock.run(10_000);
    }
    expect(bench.measured).toEqual([
      "shop/a Normal",
      "shop/a Normal",
      "shop/a Urgent",
      "shop/a Urgent",
    ]);
  });

  it("are told first of those that turned bad, wherever in the group they stand", async () => {
    const bench = createBench();
    for (const name of ["a", "b", "c"]) {
      bench.watch(name);
      bench.source.count(name, 10);
    }
    await bench.clock.run(10_000);
    for (let check = 0; check < 2; check += 1) {
      bench.source.count("a", 100);
      bench.source.count("b", 100, 40);
      bench.source.count("c", 100);
      await bench.clock.run(10_000);
    }
    expect(bench.measured.slice(-3)).toEqual(["shop/b Urgent", "shop/a Normal", "shop/c Normal"]);
  });

  it("wait for nobody whose query is slow, once they turned bad", async () => {
    const bench = createBench();
    for (const name of ["a", "b", "c"]) {
      bench.watch(name);
      bench.source.count(name, 10);
    }
    await bench.clock.run(10_000);
    const slow = Promise.withResolvers<void>();
    const read = bench.source.read.bind(bench.source);
    for (const isSlow of [false, true]) {
      bench.source.read = async function* (group, atMs, signal) {
        const isFirst = ({ canaryWorkload }: (typeof group)[number]) => canaryWorkload !== "c";
        yield* read(group.filter(isFirst), atMs, signal);
        if (isSlow) await slow.promise;
        yield* read(
          group.filter((request) => !isFirst(request)),
          atMs,
          signal,
        );
      };
      for (const name of ["a", "b", "c"]) bench.source.count(name, 100, name === "a" ? 0 : 40);
      await bench.clock.run(10_000);
    }
    expect(bench.measured.slice(3)).toEqual([
      "shop/a Normal",
      "shop/b Normal",
      "shop/c Normal",
      "shop/b Urgent",
    ]);
    slow.resolve();
    await settleTasks();
    expect(bench.measured.slice(-2)).toEqual(["shop/c Urgent", "shop/a Normal"]);
  });

  it("are taken in first of those that were bad before: one check more is their verdict", async () => {
    const bench = createBench();
    for (const name of ["a", "b"]) {
      bench.watch(name);
      bench.source.count(name, 10);
    }
    await bench.clock.run(10_000);
    for (const badOfA of [0, 0, 40, 40]) {
      bench.source.count("a", 100, badOfA);
      bench.source.count("b", 100, 40);
      await bench.clock.run(10_000);
    }
    expect(bench.measured.slice(-2)).toEqual(["shop/b Urgent", "shop/a Urgent"]);
  });

  it.each([
    [-Math.log(0.01), "Urgent"],
    [undefined, "Normal"],
  ])("make a key urgent once the comparison decides from ln E = %s on: %s", async (from, last) => {
    const bench = createBench();
    const always = { evidenceFrom: 0, warmFrom: 0, proofFrom: 0, isAlone: false };
    const compare = { margins: defaultMargins.Ratio, plannedBlocks: 240, seconds: 15, ...always };
    const subjects = subjectsOf("a", { limitAppliesFrom: Number.POSITIVE_INFINITY });
    const watched = subjects.map((subject) => ({
      ...subject,
      rules: { ...subject.rules, compare },
      decisiveFrom: from,
    }));
    bench.prober.watch("shop/a", watched);
    for (let check = 0; check < 8; check += 1) {
      bench.source.count("a", 200, 60);
      bench.source.count("a-primary", 2000, 2);
      await bench.clock.run(10_000);
    }
    expect(bench.measured[0]).toBe("shop/a Normal");
    expect(bench.measured.at(-1)).toBe(`shop/a ${last}`);
  });

  it("do not breach before the limit applies", async () => {
    const bench = createBench();
    bench.watch("a", { limitAppliesFrom: Number.POSITIVE_INFINITY });
    bench.source.count("a", 10);
    for (let check = 0; check < 5; check += 1) {
      await bench.clock.run(10_000);
      bench.source.count("a", 100, 40);
    }
    expect(bench.state("a")?.breaches).toBe(0);
    expect(new Set(bench.measured)).toEqual(new Set(["shop/a Normal"]));
  });

  it("keep their counters from one release to the next, not what was judged", async () => {
    const bench = createBench();
    bench.watch("a");
    measureFor(bench.memories.of("shop/a"), "v2-1");
    bench.source.count("a", 10);
    for (let check = 0; check < 3; check += 1) {
      await bench.clock.run(10_000);
      bench.source.count("a", 100, 40);
    }
    expect(bench.state("a")?.breaches).toBe(2);
    measureFor(bench.memories.of("shop/a"), "v3-2");
    expect(bench.state("a")).toMatchObject({ breaches: 0, blocks: [], breachedAt: undefined });
    await bench.clock.run(10_000);
    // One read suffices for a block: there is something to count from.
    expect(bench.state("a")?.blocks).toHaveLength(1);
  });

  describe("answered late", () => {
    const answeredLate = async (options: Parameters<typeof subjectsOf>[1]) => {
      const bench = createBench();
      bench.watch("a");
      bench.source.count("a", 10);
      await bench.clock.run(10_000);
      let answer: () => void = () => undefined;
      bench.source.onRead = () =>
        new Promise((resolve) => {
          answer = () => resolve(undefined);
        });
      bench.source.count("a", 100, 40);
      await bench.clock.run(10_000);
      bench.watch("a", options);
      answer();
      await settleTasks();
      return { blocks: bench.state("a")?.blocks.length, breaches: bench.state("a")?.breaches };
    };

    it("are nothing to the release that came meanwhile", async () => {
      expect(await answeredLate({ of: "u v2-1" })).toEqual({ blocks: 1, breaches: 1 });
      expect(await answeredLate({ of: "u v3-2" })).toEqual({ blocks: 0, breaches: 0 });
    });

    it("are judged by the rules of now", async () => {
      const limitAppliesFrom = Number.POSITIVE_INFINITY;
      expect(await answeredLate({ limitAppliesFrom })).toEqual({ blocks: 1, breaches: 0 });
    });
  });

  it("are a failure when the source leaves a request out", async () => {
    const bench = createBench();
    bench.watch("a");
    bench.source.read = async function* () {
      yield new Map();
    };
    await bench.clock.run(10_000);
    expect(bench.state("a")?.failure).toMatchObject({ reason: "NoAnswer", at: startMs + 10_000 });
    expect(bench.measured).toEqual(["shop/a Normal"]);
  });

  it("of a failed read leave what is known as it is", async () => {
    const bench = createBench();
    bench.watch("a");
    bench.source.count("a", 10);
    await bench.clock.run(10_000);
    bench.source.count("a", 100, 40);
    await bench.clock.run(10_000);
    bench.source.onRead = () => ({
      kind: "Failure",
      reason: "Unreachable",
      message: "no",
      query: undefined,
    });
    await bench.clock.run(10_000);
    expect(bench.state("a")).toMatchObject({ breaches: 1, failure: { reason: "Unreachable" } });
  });
});

describe("Prober.stop and unwatch", () => {
  it.each(["stop", "unwatch"] as const)("%s leaves a read under way unheard", async (how) => {
    const bench = createBench();
    bench.watch("a");
    let answer: () => void = () => undefined;
    bench.source.onRead = () =>
      new Promise((resolve) => {
        answer = () => resolve(undefined);
      });
    await bench.clock.run(10_000);
    bench.prober[how]("shop/a");
    answer();
    await bench.clock.run(60_000);
    expect(bench.measured).toEqual([]);
    expect(bench.memories.keys()).toEqual([]);
    expect(bench.prober.inFlight).toBe(0);
    expect(bench.clock.pending()).toBe(0);
  });
});
