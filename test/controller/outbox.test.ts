import { describe, expect, it } from "vitest";
import type { CanaryStatus, OutboxEntry, Severity } from "../../src/api/canary-status.ts";
import { maxTelling } from "../../src/controller/limits.ts";
import { Memories } from "../../src/controller/memory.ts";
import { Outbox } from "../../src/controller/outbox.ts";
import { type Fact, known, missing, unknown } from "../../src/core/fact.ts";
import { RetryableError } from "../../src/ports/errors.ts";
import { canarySpec, createFakePorts } from "../support/fake-ports.ts";
import { settleTasks } from "../support/manual-clock.ts";
import { aSnapshot } from "../support/snapshots.ts";

const key = "shop/web";

function entry(id: string, severity: Severity = "Error"): OutboxEntry {
  const at = "2026-01-01T00:00:00.000Z";
  return { id, reason: "RolledBack", severity, message: `message ${id}`, at, facts: {} };
}

const alertTo = (name: string, severity: Severity = "Info") => ({
  providerRef: { name },
  severity,
});

/** An outbox with the providers `slack` and `pager`, and what a pass would show it. */
function createBench(alerts: readonly object[] = [alertTo("slack")]) {
  const ports = createFakePorts();
  for (const name of ["slack", "pager"])
    ports.cluster.providers.set(name, known({ slack: { apiAddress: "https://slack.test" } }));
  const memories = new Memories();
  const heard: string[] = [];
  const outbox = new Outbox(ports, memories, (told) => heard.push(told));
  let spec: Fact<ReturnType<typeof canarySpec>> = known(canarySpec("web", { alerts }));
  const follow = async (entries: readonly OutboxEntry[], forKey = key) => {
    const status: CanaryStatus = { outbox: [...entries] };
    outbox.follow(forKey, aSnapshot({ spec, status }));
    await settleTasks();
  };
  return {
    ...ports,
    outbox,
    memories,
    /** How often an entry that everyone was told of was reported back. */
    heard,
    follow,
    askFor: (next: typeof spec) => {
      spec = next;
    },
    told: () => [...memories.of(key).told],
    delivered: () => ports.notifier.delivered.map((message) => message.entry.id),
  };
}

describe("Outbox", () => {
  it("tells an entry as an Event and through every alert, and reports it back once", async () => {
    const bench = createBench([alertTo("slack"), alertTo("pager")]);
    await bench.follow([entry("a")]);
    expect([...bench.cluster.events.keys()]).toEqual(["a"]);
    expect(bench.delivered()).toEqual(["a", "a"]);
    expect(bench.told()).toEqual(["a"]);
    expect(bench.heard).toEqual([key]);
    await bench.follow([entry("a")]);
    await bench.follow([entry("a")]);
    expect(bench.delivered()).toEqual(["a", "a"]);
    expect(bench.heard).toEqual([key]);
    expect(bench.outbox.inFlight).toBe(0);
    expect(bench.clock.pending()).toBe(0);
  });

  it("forgets what it has told once the status has dropped it", async () => {
    const bench = createBench();
    await bench.follow([entry("a"), entry("b")]);
    await bench.follow([entry("b")]);
    expect(bench.told()).toEqual(["b"]);
    await bench.follow([]);
    expect(bench.told()).toEqual([]);
  });

  it("tells each destination in order, and a slow one delays no other", async () => {
    const bench = createBench([alertTo("slack"), alertTo("pager")]);
    const answers: (() => void)[] = [];
    bench.writes.onWrite = () => new Promise<void>((resolve) => answers.push(resolve));
    await bench.follow([entry("a"), entry("b"), entry("c")]);
    expect(bench.delivered().filter((id) => id === "c")).toHaveLength(2);
    expect([...bench.cluster.events.keys()]).toEqual([]);
    expect(bench.told()).toEqual([]);
    for (const ids of [["a"], ["a", "b"], ["a", "b", "c"]]) {
      answers.shift()?.();
      await settleTasks();
      expect([...bench.cluster.events.keys()]).toEqual(ids);
    }
    expect(bench.told()).toEqual(["a", "b", "c"]);
  });

  it("sends an alert only what is as severe as it asks, and waits for no other", async () => {
    const bench = createBench([alertTo("slack", "Warning")]);
    await bench.follow([entry("i", "Info"), entry("w", "Warning"), entry("e", "Error")]);
    expect(bench.delivered()).toEqual(["w", "e"]);
    expect(bench.told()).toEqual(["i", "w", "e"]);
  });

  it("sends a provider that is named twice all that either asks for, once", async () => {
    for (const severities of [["Info", "Error"] as const, ["Error", "Info"] as const]) {
      const bench = createBench(severities.map((severity) => alertTo("slack", severity)));
      await bench.follow([entry("i", "Info"), entry("e", "Error")]);
      expect(bench.delivered()).toEqual(["i", "e"]);
    }
  });
});

describe("Outbox when a destination fails", () => {
  it("tries again after a second, then twice as long each time, at most five minutes", async () => {
    const bench = createBench();
    bench.notifier.answer = () => ({ kind: "Failed", because: "Slack answers HTTP 500" });
    await bench.follow([entry("a")]);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 11; attempt += 1) {
      const before = bench.clock.monotonic();
      const sent = bench.notifier.attempts;
      await bench.clock.run((bench.clock.nextDueAt() ?? 0) - before);
      expect(bench.notifier.attempts).toBe(sent + 1);
      waits.push(bench.clock.monotonic() - before);
    }
    const expected = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300];
    expect(waits).toEqual(expected.map((seconds) => seconds * 1000));
    expect(bench.told()).toEqual([]);
  });

  it("delivers everything exactly once, in order, when Slack comes back after an hour", async () => {
    const bench = createBench();
    const backAt = bench.clock.monotonic() + 3_600_000;
    bench.notifier.answer = () =>
      bench.clock.monotonic() < backAt
        ? { kind: "Failed", because: "no connection" }
        : { kind: "Delivered" };
    const entries: OutboxEntry[] = [];
    for (const id of ["a", "b", "c"]) {
      entries.push(entry(id));
      await bench.follow(entries);
      await bench.clock.run(600_000);
    }
    expect([...bench.cluster.events.keys()]).toEqual(["a", "b", "c"]);
    expect(bench.delivered()).toEqual([]);
    await bench.clock.run(3_600_000);
    expect(bench.delivered()).toEqual(["a", "b", "c"]);
    expect(bench.told()).toEqual(["a", "b", "c"]);
    await bench.follow(entries);
    await bench.clock.run(3_600_000);
    expect(bench.delivered()).toEqual(["a", "b", "c"]);
    expect(bench.heard).toHaveLength(3);
  });

  it("starts over with short waits after a delivery", async () => {
    const bench = createBench();
    let isDown = true;
    bench.notifier.answer = () =>
      isDown ? { kind: "Failed", because: "down" } : { kind: "Delivered" };
    await bench.follow([entry("a")]);
    await bench.clock.run(100_000);
    isDown = false;
    await bench.clock.run(100_000);
    isDown = true;
    await bench.follow([entry("b")]);
    expect(bench.clock.nextDueAt()).toBe(bench.clock.monotonic() + 1_000);
  });

  it("waits as long as the other side asks", async () => {
    const bench = createBench();
    bench.notifier.answer = () => ({ kind: "Failed", because: "busy", afterMs: 90_000 });
    await bench.follow([entry("a")]);
    await bench.clock.run(89_999);
    expect(bench.notifier.attempts).toBe(1);
    await bench.clock.run(1);
    expect(bench.notifier.attempts).toBe(2);
  });

  it("tries an Event again that the API server did not take, after the wait it asks for", async () => {
    const bench = createBench([]);
    bench.writes.onWrite = () => {
      throw new RetryableError("TooManyRequests", "slow down", 20_000);
    };
    await bench.follow([entry("a")]);
    bench.writes.onWrite = () => undefined;
    await bench.clock.run(19_999);
    expect(bench.told()).toEqual([]);
    await bench.clock.run(1);
    expect(bench.told()).toEqual(["a"]);
  });

  it("goes on after a notifier that throws", async () => {
    const bench = createBench();
    bench.notifier.answer = () => {
      throw new Error("bug");
    };
    await bench.follow([entry("a")]);
    bench.notifier.answer = () => ({ kind: "Delivered" });
    await bench.clock.run(1_000);
    expect(bench.delivered()).toEqual(["a"]);
    expect(bench.told()).toEqual(["a"]);
  });

  it("shows on the provider what it refuses for good, and does not send it again", async () => {
    const bench = createBench([alertTo("slack"), alertTo("gone")]);
    bench.notifier.answer = () => ({ kind: "Refused", because: "Secret slack has no key token" });
    await bench.follow([entry("a")]);
    expect([...bench.cluster.providerProblems].sort()).toEqual([
      "shop/gone: there is no gone",
      "shop/slack: Secret slack has no key token",
    ]);
    expect(bench.told()).toEqual(["a"]);
    await bench.clock.run(3_600_000);
    expect(bench.notifier.attempts).toBe(1);
  });

  it("survives that a provider's problem cannot be recorded", async () => {
    const bench = createBench([alertTo("gone")]);
    bench.writes.onWrite = (write) => {
      if (write.startsWith("recordProviderProblem")) throw new Error("no");
    };
    await bench.follow([entry("a")]);
    expect(bench.told()).toEqual(["a"]);
  });

  it("tries again while it is not known whether the provider is there", async () => {
    const bench = createBench();
    const provider = bench.cluster.alertProvider("shop", "slack");
    bench.cluster.providers.set("slack", unknown("the cache is not filled yet"));
    await bench.follow([entry("a")]);
    bench.cluster.providers.set("slack", provider);
    await bench.clock.run(1_000);
    expect(bench.delivered()).toEqual(["a"]);
  });
});

describe("Outbox when the spec changes", () => {
  it("reports an entry back once the alert that it still waited for is gone", async () => {
    const bench = createBench();
    bench.notifier.answer = () => ({ kind: "Failed", because: "down" });
    await bench.follow([entry("a")]);
    expect(bench.told()).toEqual([]);
    bench.askFor(known(canarySpec("web", { alerts: [] })));
    await bench.follow([entry("a")]);
    expect(bench.told()).toEqual(["a"]);
    expect(bench.heard).toEqual([key]);
  });

  it("tells a new alert what is still there to be told", async () => {
    const bench = createBench([]);
    bench.writes.onWrite = () => {
      throw new RetryableError("Unreachable", "no");
    };
    await bench.follow([entry("a")]);
    bench.askFor(known(canarySpec("web", { alerts: [alertTo("slack")] })));
    await bench.follow([entry("a")]);
    expect(bench.delivered()).toEqual(["a"]);
  });

  it("goes on with the alerts it knows while the spec cannot be read", async () => {
    const bench = createBench();
    bench.notifier.answer = () => ({ kind: "Failed", because: "down" });
    await bench.follow([entry("a")]);
    bench.askFor(missing("Invalid", "spec.stages: too few"));
    await bench.follow([entry("a")]);
    expect(bench.told()).toEqual([]);
    bench.notifier.answer = () => ({ kind: "Delivered" });
    await bench.clock.run(1_000);
    expect(bench.delivered()).toEqual(["a"]);
  });
});

describe("Outbox.forget and stop", () => {
  it.each(["forget", "stop"] as const)("%s cancels what waits for another attempt", async (how) => {
    const bench = createBench();
    bench.notifier.answer = () => ({ kind: "Failed", because: "down" });
    await bench.follow([entry("a")]);
    expect(bench.clock.pending()).toBe(1);
    bench.outbox[how](key);
    expect(bench.clock.pending()).toBe(0);
    await bench.clock.run(600_000);
    expect(bench.notifier.attempts).toBe(1);
  });

  it.each(["forget", "stop"] as const)("%s leaves a message on its way unheard", async (how) => {
    const bench = createBench();
    let answer: () => void = () => undefined;
    bench.notifier.answer = () =>
      new Promise((resolve) => {
        answer = () => resolve({ kind: "Delivered" });
      });
    await bench.follow([entry("a")]);
    bench.outbox[how](key);
    answer();
    await settleTasks();
    expect(bench.told()).toEqual([]);
    expect(bench.heard).toEqual([]);
    expect(bench.outbox.inFlight).toBe(0);
  });

  it("sends nothing more of what waited for its turn", async () => {
    const bench = createBench();
    const answers: (() => void)[] = [];
    bench.notifier.answer = () =>
      new Promise((resolve) => answers.push(() => resolve({ kind: "Delivered" })));
    const keys = Array.from({ length: maxTelling + 4 }, (_, index) => `shop/web-${index}`);
    for (const other of keys) await bench.follow([entry("a")], other);
    expect(bench.notifier.attempts).toBe(maxTelling);
    bench.outbox.stop();
    for (let round = 0; round < keys.length; round += 1) {
      for (const answer of answers.splice(0)) answer();
      await settleTasks();
    }
    expect(bench.notifier.attempts).toBe(maxTelling);
    expect(bench.outbox.inFlight).toBe(0);
  });

  it("bounds how many messages are on their way at a time", async () => {
    const bench = createBench();
    let sending = 0;
    let most = 0;
    const answers: (() => void)[] = [];
    bench.notifier.answer = async () => {
      sending += 1;
      most = Math.max(most, sending);
      await new Promise<void>((resolve) => answers.push(resolve));
      sending -= 1;
      return { kind: "Delivered" };
    };
    const keys = Array.from({ length: 3 * maxTelling }, (_, index) => `shop/web-${index}`);
    for (const other of keys) await bench.follow([entry("a")], other);
    while (answers.length > 0) {
      answers.shift()?.();
      await settleTasks();
    }
    expect(most).toBe(maxTelling);
    expect(bench.delivered()).toHaveLength(keys.length);
  });
});
