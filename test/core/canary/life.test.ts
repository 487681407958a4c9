import { describe, expect, it } from "vitest";
import type { Behaviour } from "../../support/toy-deployment.ts";
import { ToyWorld } from "../../support/toy-world.ts";

const behaviours: Readonly<Record<string, Behaviour>> = {
  bad: { badShare: 0.2 },
  crashing: { crashes: true },
  hanging: { hangs: true },
  unpromotable: { hangsAsPrimary: true },
};

const phase =
  (...wanted: readonly string[]) =>
  (world: ToyWorld): boolean =>
    wanted.includes(world.status.phase ?? "New");
const isIdle = (world: ToyWorld): boolean =>
  phase("Initialized", "Succeeded", "Failed")(world) && world.status.drain === undefined;
/** True once a stage has had its traffic, or a step of the promotion is reached. */
const atWeight = (weight: number) => (world: ToyWorld) => world.weight === weight;
const atStep = (step: string) => (world: ToyWorld) =>
  world.status.phase === "Promoting" && world.status.release?.promotion?.step === step;

/** A Canary whose primary serves "v1" and whose target is idle. */
function settledWorld(diesAfter = Number.POSITIVE_INFINITY): ToyWorld {
  const world = new ToyWorld(behaviours);
  world.diesAfter = diesAfter;
  world.runUntil((one) => phase("Initialized")(one) && isIdle(one), 120);
  return world;
}

function expectServed(world: ToyWorld, hash: string): void {
  expect(world.weight).toBe(0);
  expect(world.lost).toBe(0);
  expect(world.primary?.workload(world.now)).toMatchObject({
    templateHash: hash,
    isRolledOut: true,
    availableReplicas: 4,
  });
  expect(world.target.replicas).toBe(0);
}

describe("a life", () => {
  it("begins with the live pods in traffic until the primary can carry it", () => {
    const world = new ToyWorld();
    world.run(2);
    expect(world.weight).toBe(100);
    expect(world.runUntil(isIdle, 60)).toBe(true);
    expect(world.phases).toEqual(["Initializing", "Initialized"]);
    expectServed(world, "v1");
  });

  it("promotes a good version through every stage", () => {
    const world = settledWorld();
    world.push("v2");
    expect(world.runUntil((one) => phase("Succeeded")(one) && isIdle(one))).toBe(true);
    expect(world.rises).toEqual([100, 10, 25, 50, 100]);
    expect(world.phases.slice(2)).toEqual(["Progressing", "Promoting", "Finalising", "Succeeded"]);
    expect(world.status.history).toMatchObject([{ outcome: "Succeeded", peakWeight: 100 }]);
    expect(world.told.slice(-2)).toEqual(["PromotionStarted", "Succeeded"]);
    expectServed(world, "v2");
  });

  it("takes a bad version off in its first stage, within the bound", () => {
    const world = settledWorld();
    world.push("bad");
    world.runUntil(atWeight(10));
    const onset = world.seconds;
    world.runUntil(phase("Failed"));
    expect(world.seconds - onset).toBeLessThanOrEqual(world.status.rollbackBoundSeconds ?? 0);
    expect(world.seconds - onset).toBeLessThanOrEqual(15);
    expect(world.runUntil(isIdle)).toBe(true);
    expect(world.status).toMatchObject({
      phase: "Failed",
      lastFailedHash: "bad",
      history: [{ outcome: "Failed", reason: "MetricLimitExceeded", peakWeight: 10 }],
    });
    expect(world.told.slice(-2)).toEqual(["RollbackStarted", "RolledBack"]);
    expectServed(world, "v1");
  });

  it("fails a version that crashes before it ever gets traffic", () => {
    const world = settledWorld();
    world.push("crashing");
    expect(world.runUntil((one) => phase("Failed")(one) && isIdle(one), 60)).toBe(true);
    expect(world.status.history).toMatchObject([{ reason: "CanaryCrashing", peakWeight: 0 }]);
    expectServed(world, "v1");
  });

  it("fails a version that does not become ready in time", () => {
    const world = settledWorld();
    world.push("hanging");
    expect(world.runUntil((one) => phase("Failed")(one) && isIdle(one), 120)).toBe(true);
    expect(world.status.history).toMatchObject([{ reason: "ProgressDeadlineExceeded" }]);
    expectServed(world, "v1");
  });

  it("does not blame a fix for the pods of the version that it replaces", () => {
    const world = settledWorld();
    world.push("crashing");
    world.runUntil(phase("Failed"));
    world.run(2);
    world.push("v2");
    expect(world.runUntil((one) => phase("Succeeded", "Failed")(one) && isIdle(one))).toBe(true);
    expect(world.status.phase).toBe("Succeeded");
    expectServed(world, "v2");
  });

  it("does not blame a fix for what callers report of the version before", () => {
    const world = settledWorld();
    world.push("bad");
    world.runUntil(phase("Failed"));
    world.push("v2");
    expect(world.runUntil((one) => phase("Succeeded", "Failed")(one) && isIdle(one))).toBe(true);
    expect(world.status.phase).toBe("Succeeded");
  });

  it("tries a version again that failed before another was promoted", () => {
    const world = settledWorld();
    world.push("bad");
    world.runUntil((one) => phase("Failed")(one) && isIdle(one));
    world.push("v2");
    world.runUntil((one) => phase("Succeeded")(one) && isIdle(one));
    world.push("bad");
    expect(world.runUntil(phase("Progressing"), 10)).toBe(true);
  });

  it("waits while metrics are silent, and goes on when they are back", () => {
    const world = settledWorld();
    world.push("v2");
    world.runUntil(atWeight(25));
    world.isPrometheusDown = true;
    world.run(100);
    expect(world.weight).toBe(25);
    world.isPrometheusDown = false;
    expect(world.runUntil(phase("Succeeded"))).toBe(true);
    expect(world.rises).toEqual([100, 10, 25, 50, 100]);
    expect(world.lost).toBe(0);
  });

  it("retreats when they stay silent, and starts again at the first stage when they are back", () => {
    const world = settledWorld();
    world.push("v2");
    world.runUntil(atWeight(25));
    world.isPrometheusDown = true;
    expect(world.runUntil(atWeight(0), 130)).toBe(true);
    world.run(600);
    expect(world.status).toMatchObject({ phase: "Progressing", release: { retreats: 1 } });
    expect(world.weight).toBe(0);
    world.isPrometheusDown = false;
    expect(world.runUntil(phase("Succeeded"))).toBe(true);
    expect(world.rises).toEqual([100, 10, 25, 10, 25, 50, 100]);
    expect(world.told).toEqual(expect.arrayContaining(["Retreated", "Resumed", "Succeeded"]));
    expect(world.lost).toBe(0);
  });
});

const moments: readonly (readonly [string, (world: ToyWorld) => boolean])[] = [
  [
    "before the first weight",
    (world) => world.status.release?.stage !== undefined && phase("Progressing")(world),
  ],
  ["at 10 %", atWeight(10)],
  ["at 50 %", atWeight(50)],
  ["at 100 %", (world) => world.weight === 100 && phase("Progressing")(world)],
  ["at the copy", atStep("Copy")],
  ["while the primary is replaced", atStep("Available")],
  ["while traffic returns", phase("Finalising")],
];

describe("another push", () => {
  it.each(moments)("ends in the newest version: %s", (name, isMoment) => {
    const world = settledWorld();
    world.isCopyRefused = name === "at the copy";
    world.push("v2");
    expect(world.runUntil(isMoment)).toBe(true);
    world.isCopyRefused = false;
    world.push("v3");
    const isDone = (one: ToyWorld): boolean =>
      phase("Succeeded")(one) && one.status.lastPromotedHash === "v3" && isIdle(one);
    expect(world.runUntil(isDone)).toBe(true);
    expectServed(world, "v3");
  });

  it.each(moments.slice(0, 5))(
    "takes traffic off at once while the primary is whole: %s",
    (name, isMoment) => {
      const world = settledWorld();
      world.isCopyRefused = name === "at the copy";
      world.push("v2");
      world.runUntil(isMoment);
      world.push("v3");
      world.run(1);
      expect(world.weight).toBe(0);
      expect(world.status.history).toMatchObject([{ outcome: "Superseded" }]);
    },
  );

  it.each(moments.slice(0, 6))("of the promoted version ends in it: %s", (name, isMoment) => {
    const world = settledWorld();
    world.isCopyRefused = name === "at the copy";
    world.push("v2");
    world.runUntil(isMoment);
    world.push("v1");
    expect(world.runUntil((one) => phase("Initialized")(one) && isIdle(one), 120)).toBe(true);
    expect(world.status.history).toMatchObject([
      { outcome: "Reverted", reason: "TemplateReverted" },
    ]);
    expect(world.told).toContain("Reverted");
    expectServed(world, "v1");
  });
});

describe("a promotion that cannot be finished", () => {
  it("gives the primary its old version back and shifts when that can carry the traffic", () => {
    const world = settledWorld();
    world.push("unpromotable");
    expect(world.runUntil(atStep("Available"))).toBe(true);
    expect(world.runUntil((one) => phase("Failed", "Succeeded")(one) && isIdle(one), 300)).toBe(
      true,
    );
    expect(world.status.history).toMatchObject([{ outcome: "Failed", reason: "PromotionFailed" }]);
    expect(world.rises.slice(1)).toEqual([10, 25, 50, 100]);
    expectServed(world, "v1");
  });
});

describe("a crash after any write", () => {
  const lives = [
    { version: "v2", end: "Succeeded", serves: "v2", peak: 100 },
    { version: "bad", end: "Failed", serves: "v1", peak: 10 },
  ] as const;

  it.each(lives)("changes nothing about the end of $version", ({ version, end, serves, peak }) => {
    const live = (diesAfter: number): ToyWorld => {
      const world = settledWorld(diesAfter);
      world.push(version);
      world.runUntil((one) => phase(end)(one) && isIdle(one));
      return world;
    };
    const undisturbed = live(Number.POSITIVE_INFINITY);
    expect(undisturbed.writes).toBeGreaterThan(15);
    for (let write = 1; write <= undisturbed.writes; write += 1) {
      const world = live(write);
      expect([write, world.status.phase]).toEqual([write, end]);
      expect(world.status.history).toMatchObject([{ outcome: end, peakWeight: peak }]);
      expect(world.rises).toEqual(undisturbed.rises);
      expectServed(world, serves);
    }
  });
});
