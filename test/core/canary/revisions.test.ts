/** Which pushes start a release: one life each, told as the templates that the target got, one after the other. */
import { describe, expect, it } from "vitest";
import { ToyWorld } from "../../support/toy-world.ts";

const behaviours = { bad: { badShare: 0.2 }, worse: { badShare: 0.5 } };

const isSettled = ({ status: { phase, drain } }: ToyWorld): boolean =>
  drain === undefined && ["Initialized", "Succeeded", "Failed"].includes(phase ?? "");
const isReleased =
  (hash: string) =>
  ({ status, weight }: ToyWorld): boolean =>
    status.phase === "Progressing" && status.release?.templateHash === hash && weight > 0;

/** Pushes each; a template with a * is only brought into traffic before the next one comes. */
function live(pushes: readonly string[]): ToyWorld {
  const world = new ToyWorld(behaviours);
  world.runUntil(isSettled, 120);
  for (const push of pushes) {
    const hash = push.replace("*", "");
    world.push(hash);
    const isDone = push.endsWith("*") ? isReleased(hash) : isSettled;
    world.run(2);
    expect(world.runUntil(isDone), `${push} of ${pushes.join(" ")}`).toBe(true);
  }
  return world;
}

const released = ({ status }: ToyWorld) =>
  (status.history ?? []).map(({ id, outcome }) => `${id} ${outcome}`).reverse();

describe("pushes of the target's template", () => {
  it.each([
    { pushes: ["v1"], phase: "Initialized", releases: [] },
    { pushes: ["v2", "v2"], phase: "Succeeded", releases: ["v2-1 Succeeded"] },
    { pushes: ["v2*", "v1"], phase: "Initialized", releases: ["v2-1 Reverted"] },
    {
      pushes: ["v2*", "v1", "v2"],
      phase: "Succeeded",
      releases: ["v2-1 Reverted", "v2-2 Succeeded"],
    },
    { pushes: ["bad"], phase: "Failed", releases: ["bad-1 Failed"] },
    { pushes: ["bad", "bad"], phase: "Failed", releases: ["bad-1 Failed"] },
    { pushes: ["bad", "v1"], phase: "Initialized", releases: ["bad-1 Failed"] },
    {
      pushes: ["bad", "v1", "bad"],
      phase: "Failed",
      releases: ["bad-1 Failed", "bad-2 Failed"],
    },
    {
      pushes: ["bad", "v2*", "bad"],
      phase: "Failed",
      releases: ["bad-1 Failed", "v2-2 Superseded"],
    },
    {
      pushes: ["bad", "v2*", "bad", "v2"],
      phase: "Succeeded",
      releases: ["bad-1 Failed", "v2-2 Superseded", "v2-3 Succeeded"],
    },
    {
      pushes: ["bad", "v2*", "v1", "bad"],
      phase: "Failed",
      releases: ["bad-1 Failed", "v2-2 Reverted", "bad-3 Failed"],
    },
    {
      pushes: ["bad", "worse", "bad"],
      phase: "Failed",
      releases: ["bad-1 Failed", "worse-2 Failed", "bad-3 Failed"],
    },
    {
      pushes: ["bad", "v2", "bad"],
      phase: "Failed",
      releases: ["bad-1 Failed", "v2-2 Succeeded", "bad-3 Failed"],
    },
  ])("$pushes end $phase with $releases", ({ pushes, phase, releases }) => {
    const world = live(pushes);
    expect(world.status.phase).toBe(phase);
    expect(released(world)).toEqual(releases);
    expect(world.target.replicas).toBe(0);
    expect(world.lost).toBe(0);
  });

  it("say of a version that failed before what to do about it", () => {
    const { status } = live(["bad", "v2*", "bad"]);
    expect(status.message).toBe(
      "this version failed before and is not tried again by itself; push another one, or retry it",
    );
  });
});
