import { describe, expect, it } from "vitest";
import { rollBack } from "../../src/controller/roll-back.ts";
import { known } from "../../src/core/fact.ts";
import { RetryableError } from "../../src/ports/errors.ts";
import { canarySpec, createFakePorts } from "../support/fake-ports.ts";
import { settleTasks } from "../support/manual-clock.ts";
import { failed } from "../support/snapshots.ts";

const key = "shop/web";
const decision = { kind: "Rollback", rule: "rollBack", status: failed() } as const;

/** A Canary at 25 %; each write can be held back and let go. */
function createBench() {
  const ports = createFakePorts();
  ports.cluster.put(key, known(canarySpec("web")));
  ports.router.set(key, 25);
  const held = new Map<string, { go: () => void; fail: (error: Error) => void }>();
  const hold = (...names: readonly string[]) => {
    ports.writes.onWrite = (write) => {
      const name = write.split(" ")[0] ?? "";
      if (!names.includes(name)) return undefined;
      return new Promise((go, fail) => held.set(name, { go, fail }));
    };
  };
  const identity = ports.cluster.canaries()[0];
  if (identity === undefined) throw new Error("there is no Canary");
  const scope = {
    namespace: "shop",
    canary: "web",
    canaryUid: identity.uid,
    service: "web",
    selector: { label: "app", value: "web" },
    routing: canarySpec("web").routing,
  };
  let outcome = "under way";
  const run = async () => {
    try {
      await rollBack(decision, identity, () => ports.router.lower(scope, 0), ports);
      outcome = "written";
    } catch (error) {
      outcome = error instanceof Error ? error.message : "";
    }
  };
  const begin = async () => {
    void run();
    await settleTasks();
  };
  return {
    ...ports,
    begin,
    hold,
    held,
    outcome: () => outcome,
    phase: () => ports.cluster.status(key).phase,
  };
}

describe("rollBack", () => {
  it("begins both writes before either is answered", async () => {
    const bench = createBench();
    bench.hold("lower", "writeStatus");
    await bench.begin();
    expect(bench.writes.begun).toEqual([`lower ${key} 0`, `writeStatus ${key}`]);
    for (const write of bench.held.values()) write.go();
    await settleTasks();
    expect(bench.router.weight(key)).toBe(0);
    expect(bench.phase()).toBe("Failed");
    expect(bench.outcome()).toBe("written");
  });

  it("takes traffic off although the status is slow", async () => {
    const bench = createBench();
    bench.hold("writeStatus");
    await bench.begin();
    expect(bench.router.weight(key)).toBe(0);
    expect(bench.outcome()).toBe("under way");
    bench.held.get("writeStatus")?.go();
    await settleTasks();
    expect(bench.outcome()).toBe("written");
  });

  it("writes the status although the routes are slow", async () => {
    const bench = createBench();
    bench.hold("lower");
    await bench.begin();
    expect(bench.phase()).toBe("Failed");
    expect(bench.outcome()).toBe("under way");
  });

  it("takes traffic off although the status is refused, and fails with that", async () => {
    const bench = createBench();
    bench.writes.onWrite = (write) => {
      if (write.startsWith("writeStatus")) throw new RetryableError("ServerError", "no status");
    };
    await bench.begin();
    expect(bench.router.weight(key)).toBe(0);
    expect(bench.outcome()).toBe("no status");
  });

  it("writes the status although the routes are refused, and fails with that", async () => {
    const bench = createBench();
    bench.writes.onWrite = (write) => {
      if (write.startsWith("lower")) throw new RetryableError("WebhookUnavailable", "no routes");
    };
    await bench.begin();
    await bench.clock.run(50);
    expect(bench.phase()).toBe("Failed");
    expect(bench.outcome()).toBe("no routes");
  });

  it("writes the status also when it is not known which routes there are", async () => {
    const ports = createFakePorts();
    ports.cluster.put(key, known(canarySpec("web")));
    const identity = ports.cluster.canaries()[0];
    if (identity === undefined) throw new Error("there is no Canary");
    const unknownRoutes = () => Promise.reject(new Error("which routes?"));
    const rolling = Promise.allSettled([rollBack(decision, identity, unknownRoutes, ports)]);
    await ports.clock.run(1_000);
    expect((await rolling)[0]).toMatchObject({ reason: { message: "which routes?" } });
    expect(ports.cluster.status(key).phase).toBe("Failed");
  });

  it("tries the routes again and again while the status is not answered", async () => {
    const bench = createBench();
    let refusals = 3;
    let answer: () => void = () => undefined;
    bench.writes.onWrite = (write) => {
      if (write.startsWith("writeStatus"))
        return new Promise((resolve) => {
          answer = resolve;
        });
      refusals -= 1;
      if (refusals >= 0) throw new RetryableError("ServerError", "not now");
      return undefined;
    };
    await bench.begin();
    await bench.clock.run(50 + 100 + 199);
    expect(bench.router.weight(key)).toBe(25);
    await bench.clock.run(1);
    expect(bench.router.weight(key)).toBe(0);
    expect(bench.outcome()).toBe("under way");
    answer();
    await settleTasks();
    expect(bench.outcome()).toBe("written");
  });

  it("writes over a status that somebody else has written since", async () => {
    const bench = createBench();
    bench.hold("writeStatus");
    await bench.begin();
    bench.cluster.put(key, known(canarySpec("web")), { phase: "Progressing" });
    bench.held.get("writeStatus")?.go();
    await settleTasks();
    expect(bench.phase()).toBe("Failed");
  });
});
