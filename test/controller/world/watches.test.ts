/** Releases while watches are cut, forgotten or silent: both kinds end as they must, and a rollback needs no watch. */
import { afterEach, describe, expect, it } from "vitest";
import type { Interception, SeenRequest } from "../../support/controller-process.ts";
import {
  expectRaisesOnEvidence,
  outcomeOf,
  type Run,
  type RunOptions,
  runRelease,
  type Version,
} from "../../support/release-run.ts";
import type { World } from "../../support/world.ts";

const outcomes = { good: await undisturbed("good"), bad: await undisturbed("bad") } as const;

async function undisturbed(version: Version) {
  const run = await runRelease({ version });
  await run.world.close();
  return outcomeOf(run);
}

/** Does something again and again from the push on. */
function every(ms: number, act: (world: World) => void): Pick<RunOptions, "during"> {
  let dueAt = 0;
  return {
    during: async (world) => {
      const now = world.clock.monotonic();
      if (now < dueAt) return;
      dueAt = now + ms;
      act(world);
    },
  };
}

const cut = (world: World): void => world.sandbox.api.cutWatches();
const forget = (world: World): void => {
  world.sandbox.api.compact();
  world.sandbox.api.cutWatches();
};

describe.each(["good", "bad"] as const)("a %s release", (version) => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it.each([
    ["are cut every 3 seconds", every(3_000, cut)],
    ["are cut every half second", every(500, cut)],
    ["find their past forgotten every 5 seconds", every(5_000, forget)],
  ])("ends the same though watches %s", async (_name, harm) => {
    run = await runRelease({ version, ...harm });
    expect(await outcomeOf(run)).toEqual(outcomes[version]);
    expectRaisesOnEvidence(run.processes);
    const boundMs = 1000 * (run.status.rollbackBoundSeconds ?? 0);
    expect(version === "good" ? run.failedRequests : 0).toBe(0);
    expect(version === "bad" ? run.exposedMs : 0).toBeLessThanOrEqual(boundMs);
  });

  it.each([
    ["canaries", ["/canaries"]],
    ["Deployments", ["/deployments"]],
    ["VirtualServices", ["/virtualservices"]],
    ["pods", ["/pods"]],
    ["everything", ["/"]],
  ])("ends the same though the watch of %s falls silent", async (_name, paths) => {
    const silenced = new Set<string>();
    let isArmed = false;
    const intercept = (request: SeenRequest): Interception => {
      const [path = ""] = request.path.split("?");
      const isWatch = request.path.includes("watch=true");
      const isMeant = paths.some((part) => path.includes(part)) && !silenced.has(path);
      if (!isArmed || !isWatch || !isMeant) return { kind: "Pass" };
      silenced.add(path);
      return { kind: "Answer", response: new Response(new ReadableStream()) };
    };
    run = await runRelease({
      version,
      first: { intercept },
      beforePush: async (world) => {
        isArmed = true;
        world.sandbox.api.cutWatches();
        await world.advance(1_000);
      },
      withinMs: 400_000,
    });
    expect(silenced.size).toBeGreaterThan(0);
    expect(await outcomeOf(run)).toEqual(outcomes[version]);
    const boundMs = 1000 * (run.status.rollbackBoundSeconds ?? 0);
    expect(version === "bad" ? run.exposedMs : 0).toBeLessThanOrEqual(boundMs);
  });
});
