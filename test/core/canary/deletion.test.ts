/** A Canary deleted at many moments, and the process dead after every write: always the same end, nobody unserved. */
import { describe, expect, it } from "vitest";
import type { CanarySpec } from "../../../src/api/canary-spec.ts";
import { isRevertible, planFarewell } from "../../../src/core/canary/deletion.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import { known } from "../../../src/core/fact.ts";
import { aNewcomer, aSnapshot, aWorkload, generatedSpec, now } from "../../support/snapshots.ts";
import { ToyWorld, toySpec } from "../../support/toy-world.ts";

const behaviours = { bad: { badShare: 0.2 } };
const isInitialized = ({ status }: ToyWorld): boolean =>
  status.phase === "Initialized" && status.drain === undefined;
const atStep = (step: string) => (world: ToyWorld) =>
  world.status.release?.promotion?.step === step;

const moments = [
  { name: "initialising", version: undefined, isNow: () => true, ends: "v1" },
  { name: "idle", version: undefined, isNow: isInitialized, ends: "v1" },
  { name: "at 25 %", version: "v2", isNow: (w: ToyWorld) => w.weight === 25, ends: "kept" },
  { name: "at 100 %", version: "v2", isNow: (w: ToyWorld) => w.weight === 100, ends: "kept" },
  { name: "at the copy", version: "v2", isNow: atStep("Copy"), ends: "kept" },
  { name: "after the copy", version: "v2", isNow: atStep("Available"), ends: "kept" },
  { name: "finalising", version: "v2", isNow: atStep("Shift"), ends: "v2" },
  {
    name: "failed",
    version: "bad",
    isNow: ({ status }: ToyWorld) => status.phase === "Failed",
    ends: "kept",
  },
] as const;

type Moment = (typeof moments)[number];

interface Life {
  readonly diesAfter?: number;
  readonly spec?: CanarySpec;
}

function live({ name, version, isNow }: Moment, life: Life = {}): ToyWorld {
  const { diesAfter = Number.POSITIVE_INFINITY } = life;
  const world = new ToyWorld(behaviours, life.spec);
  if (version !== undefined) {
    world.runUntil(isInitialized, 120);
    world.isCopyRefused = name === "at the copy";
    world.push(version);
  } else world.run(2);
  expect(world.runUntil(isNow)).toBe(true);
  world.isCopyRefused = false;
  world.writes = 0;
  world.diesAfter = diesAfter;
  world.delete();
  expect(world.runUntil(({ isGone }) => isGone, 200)).toBe(true);
  world.run(5);
  return world;
}

/** What serves in the end, with all traffic and every pod. */
function servingIn({ weight, target, primary, now: at }: ToyWorld) {
  const serving = weight === 0 ? primary : target;
  const { templateHash, availableReplicas, isRolledOut } = serving?.workload(at) ?? {};
  return {
    weight,
    hasPrimary: primary !== undefined,
    templateHash,
    availableReplicas,
    isRolledOut,
  };
}

function expectLeft(world: ToyWorld, ends: string): void {
  const isKept = ends === "kept";
  const whole = { availableReplicas: 4, isRolledOut: true };
  expect(world.lost).toBe(0);
  expect(servingIn(world)).toEqual({
    weight: isKept ? 0 : 100,
    hasPrimary: isKept,
    templateHash: isKept ? "v1" : ends,
    ...whole,
  });
}

describe("a deletion", () => {
  it.each(moments)("ends the same whatever write the process dies after: $name", (moment) => {
    const undisturbed = live(moment);
    expectLeft(undisturbed, moment.ends);
    for (let write = 1; write <= undisturbed.writes; write += 1)
      expectLeft(live(moment, { diesAfter: write }), moment.ends);
  });

  const spec = { ...toySpec, routing: generatedSpec.routing };

  it.each(moments.filter(({ ends }) => ends !== "kept"))(
    "takes generated routes along, and no proxy sends by subsets that are gone: $name",
    (moment) => {
      const nothing = { hasRoute: false, hasSubsets: false };
      const undisturbed = live(moment, { spec });
      expect(undisturbed.generated).toEqual(nothing);
      for (let write = 1; write <= undisturbed.writes; write += 1) {
        const world = live(moment, { spec, diesAfter: write });
        expect([world.lost, world.generated]).toEqual([0, nothing]);
      }
    },
  );
});

describe("what is planned for a farewell", () => {
  const plan = (...args: Parameters<typeof aSnapshot>) =>
    planFarewell(assessSituation(aSnapshot(...args), now));
  const unheld = { deletion: { isAsked: false, isHeld: false } };
  const finalizer = [{ kind: "SetFinalizer", wanted: true }];

  it("is the finalizer, on every Canary that is accepted and on no other", () => {
    expect(plan()).toEqual([]);
    expect(plan(unheld)).toEqual(finalizer);
    expect(plan({ ...unheld, autoscaler: known("ScaledObject web") })).toEqual([]);
    expect(planFarewell(assessSituation(aNewcomer(unheld), now))).toEqual(finalizer);
    expect(plan({ deletion: { isAsked: true, isHeld: false } })).toEqual([]);
  });
});

describe("a target that may serve alone", () => {
  it.each([
    ["good", true],
    ["next", false],
  ])("has what was promoted: %s, %s", (templateHash, expected) => {
    const target = known(aWorkload({ templateHash }));
    expect(isRevertible(assessSituation(aSnapshot({ target }), now))).toBe(expected);
  });
});
