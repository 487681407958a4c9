import { describe, expect, it } from "vitest";
import {
  planRecreate,
  planRollingUpdate,
  planScaling,
  type RolloutFacts,
  resolveBounds,
  type SetFacts,
  sizeOfNewSet,
} from "../../../src/sandbox/workloads/rollout.ts";

function set(name: string, desired: number, rest: Partial<SetFacts> = {}): SetFacts {
  const whole = { createdAt: 0, actual: desired, available: desired, sizedFor: undefined };
  return { name, desired, ...whole, ...rest };
}

function facts(rest: Partial<RolloutFacts>): RolloutFacts {
  const bounds = { maxSurge: 1, maxUnavailable: 0 };
  return { replicas: 4, bounds, current: set("new", 0), old: [set("old", 4)], ...rest };
}

describe("the bounds of a rolling update", () => {
  it.each([
    { maxSurge: "25%", maxUnavailable: "25%", replicas: 4, is: [1, 1] },
    { maxSurge: "25%", maxUnavailable: "25%", replicas: 5, is: [2, 1] },
    { maxSurge: "25%", maxUnavailable: "25%", replicas: 3, is: [1, 0] },
    { maxSurge: 0, maxUnavailable: 0, replicas: 3, is: [0, 1] },
    { maxSurge: 0, maxUnavailable: "10%", replicas: 3, is: [0, 1] },
    { maxSurge: 2, maxUnavailable: 9, replicas: 3, is: [2, 3] },
    { maxSurge: "0%", maxUnavailable: 0, replicas: 0, is: [0, 0] },
  ])("of $maxSurge and $maxUnavailable at $replicas replicas are $is", (given) => {
    const { replicas, is } = given;
    const { maxSurge, maxUnavailable } = resolveBounds(given, replicas);
    expect([maxSurge, maxUnavailable]).toEqual(is);
  });
});

describe("a rolling update", () => {
  it("grows the new set by the surge first", () => {
    expect(planRollingUpdate(facts({}))).toEqual([{ name: "new", replicas: 1 }]);
  });

  it("waits while the new pods are not available", () => {
    const current = set("new", 1, { available: 0 });
    expect(planRollingUpdate(facts({ current }))).toEqual([]);
  });

  it("lets as many old pods go as new ones are available", () => {
    expect(planRollingUpdate(facts({ current: set("new", 1) }))).toEqual([
      { name: "old", replicas: 3 },
    ]);
  });

  it("takes old pods that do not serve first, of the oldest set first", () => {
    const old = [set("b", 2, { createdAt: 2 }), set("a", 3, { createdAt: 1, available: 1 })];
    const bounds = { maxSurge: 2, maxUnavailable: 1 };
    const current = set("new", 1);
    expect(planRollingUpdate(facts({ replicas: 4, bounds, old, current }))).toEqual([
      { name: "a", replicas: 0 },
    ]);
  });

  it("cuts a new set that is larger than wanted", () => {
    expect(sizeOfNewSet(facts({ current: set("new", 6), old: [] }))).toBe(4);
  });
});

describe("Recreate", () => {
  it("empties the old sets, waits for their pods to end, then fills the new one", () => {
    expect(planRecreate(facts({}))).toEqual([{ name: "old", replicas: 0 }]);
    const ending = [set("old", 0, { actual: 1 })];
    expect(planRecreate(facts({ old: ending }))).toEqual([]);
    expect(planRecreate(facts({ old: [set("old", 0)] }))).toEqual([{ name: "new", replicas: 4 }]);
  });
});

describe("scaling", () => {
  it("resizes a lone set at once", () => {
    const lone = { current: set("new", 4), old: [set("old", 0)] };
    expect(planScaling(facts({ ...lone, replicas: 9 }))).toEqual([{ name: "new", replicas: 9 }]);
    expect(planScaling(facts({ ...lone, replicas: 4 }))).toEqual([]);
  });

  it("brings the current set back from zero", () => {
    const empty = { current: set("new", 0), old: [set("old", 0)] };
    expect(planScaling(facts({ ...empty, replicas: 2 }))).toEqual([{ name: "new", replicas: 2 }]);
  });

  it("shares growth in the middle of a rollout by size", () => {
    const bounds = { maxSurge: 3, maxUnavailable: 2 };
    const old = [set("old", 8, { sizedFor: 13 })];
    const current = set("new", 5, { sizedFor: 13 });
    const resizes = planScaling(facts({ replicas: 15, bounds, old, current }));
    expect(resizes).toEqual([
      { name: "old", replicas: 11 },
      { name: "new", replicas: 7 },
    ]);
  });

  it("empties every set when nothing is wanted any more", () => {
    const old = [set("old", 2, { sizedFor: 5 })];
    const current = set("new", 3, { sizedFor: 5 });
    const resizes = planScaling(facts({ replicas: 0, old, current }));
    expect(resizes.every(({ replicas }) => replicas === 0)).toBe(true);
  });
});
