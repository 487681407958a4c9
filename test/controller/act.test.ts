import { describe, expect, it } from "vitest";
import { act } from "../../src/controller/act.ts";
import { Memories } from "../../src/controller/memory.ts";
import { observe } from "../../src/controller/observe.ts";
import type { Action, Decision } from "../../src/core/canary/decision.ts";
import type { Snapshot } from "../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../src/core/fact.ts";
import { InvariantError, RetryableError } from "../../src/ports/errors.ts";
import { canarySpec, createFakePorts, errorRateTemplate } from "../support/fake-ports.ts";
import { failed, progressing } from "../support/snapshots.ts";

const key = "shop/web";

/** A Canary in its second stage, at 10 % still. */
function createBench() {
  const ports = createFakePorts();
  ports.cluster.templates.set("errors", errorRateTemplate());
  ports.cluster.put(key, known(canarySpec("web")), progressing(1, "shifted"));
  ports.workloads.put("web", { replicas: 2, templateHash: "v2" });
  ports.workloads.put("web-primary", { replicas: 4, templateHash: "v1" });
  ports.router.set(key, 10);
  const snapshot = observe(key, new Memories().of(key), ports);
  if (snapshot === undefined) throw new Error("the Canary is gone");
  const version = (name: string) => ports.workloads.get(name)?.resourceVersion ?? "";
  return {
    ...ports,
    snapshot,
    version,
    act: (decision: Decision, found: Snapshot = snapshot) => act(decision, found, ports),
  };
}

const converge = (actions: readonly Action[], requeueAfterMs?: number): Decision => ({
  kind: "Converge",
  rule: "hold",
  actions,
  message: "",
  requeueAfterMs,
});
const raise = { kind: "SetWeight", canaryWeight: 25, direction: "Raise" } as const;
const lower = { kind: "SetWeight", canaryWeight: 0, direction: "Lower" } as const;
const rollback: Decision = { kind: "Rollback", rule: "rollBack", status: failed() };

describe("act on a Transition", () => {
  const advance: Decision = {
    kind: "Transition",
    rule: "advance",
    status: progressing(2, "entered"),
  };

  it("persists the status and looks again", async () => {
    const bench = createBench();
    await expect(bench.act(advance)).resolves.toEqual({ kind: "Again" });
    expect(bench.cluster.status(key).release?.stage?.index).toBe(2);
    expect(bench.router.weight(key)).toBe(10);
  });

  it("writes over no version but the one it was decided on", async () => {
    const bench = createBench();
    bench.cluster.put(key, known(canarySpec("web")), failed());
    await expect(bench.act(advance)).rejects.toMatchObject({ reason: "Conflict" });
    expect(bench.cluster.status(key).phase).toBe("Failed");
  });
});

describe("act on a Converge", () => {
  it("carries the actions out in their order", async () => {
    const bench = createBench();
    const resourceVersion = bench.version("web");
    const scale = { kind: "Scale", role: "Target", replicas: 3, resourceVersion } as const;
    await expect(bench.act(converge([lower, scale]))).resolves.toEqual({ kind: "Again" });
    expect(bench.writes.begun).toEqual([`lower ${key} 0`, `scale ${key} Target 3`]);
    expect(bench.router.weight(key)).toBe(0);
    expect(bench.workloads.get("web")?.replicas).toBe(3);
  });

  it("begins no action before the one before it has ended, and none after one that failed", async () => {
    const bench = createBench();
    bench.writes.onWrite = () => Promise.reject(new RetryableError("ServerError", "no"));
    await expect(bench.act(converge([lower, raise]))).rejects.toThrow("no");
    expect(bench.writes.begun).toEqual([`lower ${key} 0`]);
  });

  it.each([undefined, 0, 1_500])(
    "waits as it was told when there is nothing to do: %s",
    async (ms) => {
      const bench = createBench();
      await expect(bench.act(converge([], ms))).resolves.toEqual({ kind: "Wait", afterMs: ms });
      expect(bench.writes.begun).toEqual([]);
    },
  );

  it("raises onto the routes that were read, and no others", async () => {
    const bench = createBench();
    await bench.act(converge([raise]));
    expect(bench.router.weight(key)).toBe(25);
    bench.router.set(key, 10);
    await expect(bench.act(converge([raise]))).rejects.toMatchObject({ reason: "Conflict" });
    expect(bench.router.weight(key)).toBe(10);
  });

  it("lowers onto whatever is there", async () => {
    const bench = createBench();
    bench.router.set(key, 90);
    await bench.act(converge([lower]));
    expect(bench.router.weight(key)).toBe(0);
  });

  it("asks for copies of requests, which go with the weight", async () => {
    const bench = createBench();
    await bench.act(converge([{ kind: "SetMirror", percentage: 10 }]));
    expect(bench.router.mirrors.get(key)).toBe(10);
    await bench.act(converge([lower]));
    expect(bench.router.mirrors.has(key)).toBe(false);
  });

  it("scales and copies only the version that was read", async () => {
    const bench = createBench();
    for (const role of ["Target", "Primary"] as const) {
      const scale = { kind: "Scale", role, replicas: 9, resourceVersion: "0" } as const;
      await expect(bench.act(converge([scale]))).rejects.toMatchObject({ reason: "Conflict" });
    }
    expect(bench.workloads.get("web")?.replicas).toBe(2);
    expect(bench.workloads.get("web-primary")?.replicas).toBe(4);
  });

  it("creates, copies and restores what the action names", async () => {
    const bench = createBench();
    const template = () => bench.workloads.get("web-primary")?.templateHash;
    const resourceVersion = bench.version("web-primary");
    const copy = { templateHash: "v2", savedHash: "v1", resourceVersion } as const;
    await bench.act(converge([{ kind: "CopyTemplate", ...copy }]));
    expect(bench.workloads.get("web-primary")?.restoreHash).toBe("v1");
    await bench.act(converge([{ kind: "ConfirmTemplate", resourceVersion }]));
    expect(bench.workloads.get("web-primary")?.restoreHash).toBeUndefined();
    expect(template()).toBe("v2");
    await bench.act(converge([{ kind: "RestoreTemplate", savedHash: "v1", resourceVersion }]));
    expect(template()).toBe("v1");
    bench.workloads.remove("web-primary");
    await bench.act(converge([{ kind: "CreatePrimary", replicas: 3, templateHash: "v2" }]));
    expect(bench.workloads.get("web-primary")).toMatchObject({ replicas: 3, templateHash: "v2" });
    await bench.act(converge([{ kind: "CreateObjects", canaryWeight: 0 }]));
    expect(bench.writes.begun.at(-1)).toBe(`createObjects ${key}`);
  });

  it("calls it a bug to write what was never read", async () => {
    const bench = createBench();
    const { snapshot } = bench;
    const resourceVersion = "1";
    const scale = { kind: "Scale", role: "Target", replicas: 1, resourceVersion } as const;
    const cases: readonly [Action, Snapshot][] = [
      [raise, { ...snapshot, routes: unknown("not read") }],
      [lower, { ...snapshot, selector: missing("SelectorLabelMissing", "add one") }],
      [scale, { ...snapshot, spec: missing("Invalid", "spec.stages: too few") }],
    ];
    for (const [action, found] of cases)
      await expect(bench.act(converge([action]), found)).rejects.toThrow(InvariantError);
    expect(bench.writes.begun).toEqual([]);
  });
});

describe("act on a Rollback", () => {
  it("takes traffic off, persists the status, and looks again", async () => {
    const bench = createBench();
    await expect(bench.act(rollback)).resolves.toEqual({ kind: "Again" });
    expect(bench.router.weight(key)).toBe(0);
    expect(bench.cluster.status(key).phase).toBe("Failed");
  });

  it("persists the status also when the spec or the selector cannot be read", async () => {
    for (const change of [
      { spec: missing("Invalid", "spec.stages: too few") },
      { selector: missing("SelectorLabelMissing", "the target is gone") },
    ]) {
      const bench = createBench();
      const acting = Promise.allSettled([bench.act(rollback, { ...bench.snapshot, ...change })]);
      await bench.clock.run(1_000);
      expect(await acting).toMatchObject([{ reason: { name: "InvariantError" } }]);
      expect(bench.cluster.status(key).phase).toBe("Failed");
    }
  });
});

describe("act on a Stall", () => {
  it("writes nothing and waits for a change", async () => {
    const bench = createBench();
    const stall: Decision = { kind: "Stall", rule: "hold", reason: "NotAccepted", message: "" };
    await expect(bench.act(stall)).resolves.toEqual({ kind: "Wait", afterMs: undefined });
    expect(bench.writes.begun).toEqual([]);
  });
});
