import { describe, expect, it } from "vitest";
import { Controller } from "../../src/controller/controller.ts";
import { toKey } from "../../src/controller/key.ts";
import { maxWorkers } from "../../src/controller/limits.ts";
import { known } from "../../src/core/fact.ts";
import { InvariantError, RetryableError, StallError } from "../../src/ports/errors.ts";
import { canarySpec, createFakePorts, errorRateTemplate } from "../support/fake-ports.ts";
import { settleTasks } from "../support/manual-clock.ts";

const key = "shop/web";

/** A controller in a world with the Deployment `web`, whose callers make 100 requests a second. */
function createLife(names: readonly string[] = ["web"]) {
  const ports = createFakePorts();
  const { cluster, workloads, router, source, clock, writes } = ports;
  const controller = new Controller(ports);
  cluster.templates.set("errors", errorRateTemplate());
  for (const name of names) {
    cluster.put(`shop/${name}`, known(canarySpec(name)));
    workloads.put(name, {});
    router.set(`shop/${name}`, 100);
  }
  cluster.onChange = (changed) => controller.enqueue(changed);
  writes.onChange = () => {
    for (const canary of cluster.canaries()) controller.enqueue(toKey(canary));
  };
  /** Bad requests of 100, by template. */
  const badPercent: Record<string, number> = {};
  const serve = () => {
    for (const name of names) {
      const weight = router.weight(`shop/${name}`);
      const bad = badPercent[workloads.get(name)?.templateHash ?? ""] ?? 0;
      if (weight > 0) source.count(name, weight, (weight * bad) / 100);
      if (weight < 100) source.count(`${name}-primary`, 100 - weight);
    }
  };
  /** Lets seconds pass; requests come in just before each is full. */
  const pass = async (seconds: number, until: () => boolean = () => false) => {
    for (let second = 0; second < seconds && !until(); second += 1) {
      await clock.run(900);
      serve();
      await clock.run(100);
    }
  };
  return {
    ...ports,
    controller,
    badPercent,
    pass,
    push: (templateHash: string, name = "web") =>
      workloads.put(name, { templateHash, images: [`shop/${name}:${templateHash}`] }),
    phase: (name = "web") => cluster.status(`shop/${name}`).phase,
    begun: (prefix: string) => writes.begun.filter((write) => write.startsWith(prefix)),
  };
}

/** The same, initialised. */
async function createReadyLife(names: readonly string[] = ["web"]) {
  const life = createLife(names);
  life.controller.lead();
  await life.pass(30, () => names.every((name) => life.phase(name) === "Initialized"));
  await life.pass(10);
  return life;
}

/** The same, with a bad version in its first stage. */
async function createBadLife() {
  const life = await createReadyLife();
  life.badPercent["v2"] = 40;
  life.push("v2");
  await life.pass(20, () => life.router.weight(key) === 10);
  return life;
}

describe("Controller", () => {
  it("brings a good version through its stages, and tells each step once", async () => {
    const life = await createReadyLife();
    expect(life.router.weight(key)).toBe(0);
    life.push("v2");
    const weights = new Set<number>();
    await life.pass(60, () => {
      weights.add(life.router.weight(key));
      return life.phase() === "Succeeded";
    });
    await life.pass(10);
    expect([...weights]).toEqual([0, 10, 100]);
    expect(life.workloads.get("web-primary")?.templateHash).toBe("v2");
    expect(life.metrics.releases).toEqual(["shop/web Succeeded"]);
    expect(life.cluster.status(key).outbox ?? []).toEqual([]);
    const told = life.begun("recordEvent");
    expect(new Set(told).size).toBe(told.length);
  });

  it("takes a bad version off, and does not hold that against the next one", async () => {
    const life = await createBadLife();
    await life.pass(10, () => life.phase() === "Failed");
    expect(life.router.weight(key)).toBe(0);
    await life.pass(20);
    expect(life.metrics.rollbacks.map(({ step }) => step)).toEqual(["applied", "confirmed"]);
    life.push("v3");
    await life.pass(60, () => life.phase() === "Succeeded");
    expect(life.metrics.releases).toEqual(["shop/web Failed", "shop/web Succeeded"]);
  });

  it("costs nothing while a Canary is idle", async () => {
    const life = await createReadyLife();
    const writes = life.writes.begun.length;
    const reads = life.source.reads.length;
    expect(life.clock.pending()).toBe(0);
    await life.clock.run(3_600_000);
    expect(life.writes.begun).toHaveLength(writes);
    expect(life.source.reads).toHaveLength(reads);
    expect(life.workloads.watched.size).toBe(0);
    expect(life.controller.busy).toBe(0);
  });

  it("tries again when somebody else wrote in between", async () => {
    const life = createLife();
    let rivals = 3;
    life.writes.onWrite = (write) => {
      if (!write.startsWith("writeStatus") || rivals === 0) return;
      rivals -= 1;
      life.cluster.put(key, known(canarySpec("web")), life.cluster.status(key));
    };
    life.controller.lead();
    await life.pass(30, () => life.phase() === "Initialized");
    expect(rivals).toBe(0);
    expect(life.phase()).toBe("Initialized");
  });
});

describe("Controller when a rollback cannot be written", () => {
  it("tries within a second, for ever, and whatever it was told, until it is", async () => {
    const life = await createBadLife();
    const attempts: number[] = [];
    const faults = [
      new RetryableError("TooManyRequests", "wait", 60_000),
      new StallError("Forbidden", "may not"),
      new InvariantError("a bug"),
      new TypeError("another bug"),
    ];
    life.writes.onWrite = (write) => {
      if (!write.startsWith("lower")) return;
      attempts.push(life.clock.monotonic());
      throw faults[attempts.length % faults.length] ?? new Error();
    };
    await life.pass(300);
    const gaps = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000);
    expect(attempts.length).toBeLessThan(700);
    expect(life.router.weight(key)).toBe(10);
    expect(life.phase()).toBe("Failed");
    life.writes.onWrite = () => undefined;
    await life.clock.run(1_000);
    expect(life.router.weight(key)).toBe(0);
    await life.pass(20);
    expect(life.metrics.releases).toEqual(["shop/web Failed"]);
    expect(life.metrics.rollbacks.map(({ step }) => step)).toEqual(["applied", "confirmed"]);
  });

  it("takes traffic off at once although no status can be written", async () => {
    const life = await createBadLife();
    life.writes.onWrite = (write) => {
      if (write.startsWith("writeStatus")) throw new StallError("Invalid", "status.phase: no");
    };
    await life.pass(5, () => life.router.weight(key) === 0);
    expect(life.router.weight(key)).toBe(0);
    expect(life.phase()).toBe("Progressing");
    const before = life.begun("writeStatus").length;
    await life.pass(60);
    expect(life.begun("writeStatus").length - before).toBeGreaterThanOrEqual(60);
    life.writes.onWrite = () => undefined;
    await life.clock.run(1_000);
    expect(life.phase()).toBe("Failed");
  });
});

describe("Controller when only a human can help", () => {
  const stall = (message: () => string) => (write: string) => {
    if (write.startsWith("scale")) throw new StallError("Forbidden", message());
  };
  const stalled = (life: ReturnType<typeof createLife>) =>
    life.cluster.status(key).conditions?.find(({ type }) => type === "Stalled");

  it("tells it once, tries again every half minute, and goes on once it is mended", async () => {
    const life = await createReadyLife();
    life.writes.onWrite = stall(() => "may not patch deployments");
    life.push("v2");
    await life.clock.run(1_000);
    expect(stalled(life)).toMatchObject({ status: "True", reason: "Forbidden" });
    const before = life.begun("scale").length;
    await life.pass(300);
    const attempts = life.begun("scale").length - before;
    expect(attempts).toBeGreaterThanOrEqual(9);
    expect(attempts).toBeLessThanOrEqual(330);
    const told = life.begun("recordEvent").filter((write) => write.includes("Stalled"));
    expect(told).toHaveLength(1);
    life.writes.onWrite = () => undefined;
    await life.pass(90, () => life.phase() === "Succeeded");
    expect(life.phase()).toBe("Succeeded");
    expect(stalled(life)).toMatchObject({ status: "False" });
  });

  it("does not run wild when the message differs each time", async () => {
    const life = await createReadyLife();
    let count = 0;
    life.writes.onWrite = stall(() => {
      count += 1;
      return `request ${count} was denied`;
    });
    life.push("v2");
    await life.clock.run(1_000);
    expect(count).toBeLessThan(10);
    const before = life.begun("writeStatus").length;
    await life.pass(300);
    // Numbers refreshed every half minute, and what was told taken off the list.
    expect(life.begun("writeStatus").length - before).toBeLessThanOrEqual(11);
    const told = () => life.begun("recordEvent").filter((write) => write.includes("Stalled"));
    expect(told()).toHaveLength(1);
    await life.pass(600);
    expect(told()).toHaveLength(2);
  });
});

describe("Controller with more to do than it can", () => {
  it("gets on with each Canary although its turn comes later than its numbers are due", async () => {
    const names = Array.from({ length: 4 * maxWorkers }, (_, index) => `web-${index}`);
    const life = createLife(names);
    const { clock, writes } = life;
    // Four rounds of slow writes: a turn comes every 40 s, numbers are due every 30 s.
    writes.onWrite = (write) =>
      write.startsWith("writeStatus")
        ? new Promise((resolve) => void clock.setTimer(10_000, resolve))
        : undefined;
    life.controller.lead();
    await life.pass(1_200, () => names.every((name) => life.phase(name) === "Initialized"));
    expect(names.filter((name) => life.phase(name) !== "Initialized")).toEqual([]);
  });
});

describe("Controller when it meets a bug", () => {
  it("stops that key until it changes, and no other", async () => {
    const life = createLife(["web", "items"]);
    const observe = life.router.observe.bind(life.router);
    life.router.observe = (scope) => {
      if (scope.canary === "web") throw new TypeError("x is not a function");
      return observe(scope);
    };
    life.writes.onChange = () => life.controller.enqueue("shop/items");
    life.controller.lead();
    await life.pass(30, () => life.phase("items") === "Initialized");
    expect(life.phase("items")).toBe("Initialized");
    expect(life.phase("web")).toBeUndefined();
    expect(life.metrics.violations).toBe(1);
    expect(life.log.lines.filter(({ level }) => level === "error")).toHaveLength(1);
    life.router.observe = observe;
    life.controller.enqueue(key);
    await life.pass(30, () => life.phase("web") === "Initialized");
    expect(life.phase("web")).toBe("Initialized");
  });
});

describe("Controller when what it does changes nothing", () => {
  it("repeats an action that has no effect at most once a second", async () => {
    const life = await createReadyLife();
    life.writes.onChange = () => undefined;
    life.router.raise = () => {
      life.writes.begun.push("raise");
      return Promise.resolve();
    };
    life.push("v2");
    life.controller.enqueue(key);
    await life.pass(20);
    const before = life.begun("raise").length;
    await life.pass(60);
    expect(life.begun("raise").length - before).toBeLessThanOrEqual(125);
  });

  it("repeats a transition that has no effect at most once a second", async () => {
    const life = createLife();
    life.cluster.writeStatus = () => {
      life.writes.begun.push("forgotten");
      return Promise.resolve();
    };
    life.controller.lead();
    await life.clock.run(60_000);
    expect(life.begun("forgotten").length).toBeGreaterThan(30);
    expect(life.begun("forgotten").length).toBeLessThan(65);
  });
});

describe("Controller.lead and stand", () => {
  it("does nothing before it leads, and everything that is there once it does", async () => {
    const life = createLife(["web", "items"]);
    life.controller.enqueue(key, "Urgent");
    await life.pass(5);
    expect(life.writes.begun).toEqual([]);
    expect(life.metrics.isLeader).toBe(false);
    life.controller.lead();
    expect(life.metrics.isLeader).toBe(true);
    await life.pass(30, () => life.phase("items") === "Initialized");
    expect([life.phase("web"), life.phase("items")]).toEqual(["Initialized", "Initialized"]);
  });

  it("leaves nothing behind in the midst of a release", async () => {
    const life = await createBadLife();
    await life.controller.stand();
    const writes = life.writes.begun.length;
    const reads = life.source.reads.length;
    life.push("v3");
    life.controller.enqueue(key, "Urgent");
    await life.clock.run(600_000);
    expect(life.writes.begun).toHaveLength(writes);
    expect(life.source.reads).toHaveLength(reads);
    expect(life.clock.pending()).toBe(0);
    expect(life.controller.busy).toBe(0);
    expect(life.workloads.watched.size).toBe(0);
    expect(life.metrics.shown.size).toBe(0);
    expect(life.metrics.isLeader).toBe(false);
  });

  it("begins no pass that was due when it stood down", async () => {
    const life = createLife(["web", "items"]);
    life.controller.lead();
    await life.controller.stand();
    await life.pass(5);
    expect(life.writes.begun).toEqual([]);
  });

  it("waits for the passes under way when it stands down, and begins none after them", async () => {
    const life = createLife(["web", "items"]);
    const answers: (() => void)[] = [];
    life.writes.onWrite = () => new Promise((resolve) => answers.push(resolve));
    life.controller.lead();
    await settleTasks();
    let isDown = false;
    const stand = async () => {
      await life.controller.stand();
      isDown = true;
    };
    const standing = stand();
    await settleTasks();
    expect([answers.length, isDown]).toEqual([2, false]);
    for (const answer of answers) answer();
    await standing;
    await life.pass(5);
    expect(life.writes.begun).toHaveLength(2);
    expect(life.controller.busy).toBe(0);
  });

  it("takes a release up where it stood", async () => {
    const life = await createReadyLife();
    life.push("v2");
    await life.pass(20, () => life.router.weight(key) === 10);
    await life.controller.stand();
    await life.pass(30);
    expect(life.router.weight(key)).toBe(10);
    life.controller.lead();
    await life.pass(60, () => life.phase() === "Succeeded");
    expect(life.phase()).toBe("Succeeded");
    expect(life.metrics.releases).toEqual(["shop/web Succeeded"]);
  });
});

describe("Controller and Canaries that go", () => {
  it("keeps nothing of one that is deleted in the midst of a release", async () => {
    const life = await createBadLife();
    expect(life.workloads.watched.has("web")).toBe(true);
    life.cluster.remove(key);
    await settleTasks();
    const writes = life.writes.begun.length;
    await life.pass(60);
    expect(life.writes.begun).toHaveLength(writes);
    expect(life.clock.pending()).toBe(0);
    expect(life.workloads.watched.size).toBe(0);
    expect(life.metrics.shown.size).toBe(0);
  });

  it("sweeps what went without a word, and only that", async () => {
    const life = await createReadyLife(["web", "items"]);
    expect([...life.metrics.shown.keys()].sort()).toEqual(["shop/items", "shop/web"]);
    life.cluster.onChange = () => undefined;
    life.cluster.remove(key);
    life.controller.sweep();
    expect([...life.metrics.shown.keys()]).toEqual(["shop/items"]);
  });

  it("takes one that was created again under its name for another", async () => {
    const life = await createReadyLife();
    const at = "2025-12-31T00:00:00.000Z";
    const record = { id: "v0-9", images: [], startedAt: at, endedAt: at, peakWeight: 50 };
    const failed = { ...record, outcome: "Failed" as const, reason: "MetricLimitExceeded" };
    const restored = { ...life.cluster.status(key), history: [failed] };
    life.cluster.put(key, known(canarySpec("web")), restored, "uid-2");
    await life.pass(5);
    expect(life.metrics.shown.get(key)?.phase).toBe("Initialized");
    expect(life.metrics.releases).toEqual([]);
  });
});
