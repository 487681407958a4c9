/**
 * Commands, with the controller killed at every write by which they are carried out: whoever takes over neither loses
 * nor repeats one. The rest of the release is the same as for one that nobody commands.
 */
import { afterEach, describe, expect, it } from "vitest";
import { abort, command } from "../../support/commanding.ts";
import {
  deathsOf,
  killAt,
  outcomeOf,
  type Run,
  type RunOptions,
  runRelease,
  worksOf,
} from "../../support/release-run.ts";
import { viewShop } from "../../support/shop-view.ts";

/** Writes after the answer that still belong to it: the routes, the annotation, the first step after it. */
const writesOfCommand = 5;

/** The first stage is left by nobody but a person. */
const spec = {
  stages: [
    { weight: 10, minSeconds: 1200 },
    { weight: 50, minSeconds: 2 },
    { weight: 100, minSeconds: 2 },
  ],
};

type Act = (shop: ReturnType<typeof viewShop>) => Promise<void>;

/** A good release that gets a command once it has its first traffic. */
function runCommanded(act: Act, first: RunOptions["first"] = {}): Promise<Run> {
  let isGiven = false;
  return runRelease({
    version: "good",
    shop: { spec },
    first,
    during: async (world, _, weight) => {
      if (isGiven || weight !== 10) return;
      isGiven = true;
      await act(viewShop(world));
    },
  });
}

/** What is the same however often somebody died; `told` is how often the command was. */
async function endOf(run: Run) {
  const { events, ...outcome } = await outcomeOf(run);
  const { lastCommand, commandIds } = run.status;
  const { metadata } = await run.shop.canary();
  return {
    ...outcome,
    told: events.filter((reason) => reason === "CommandDone").length,
    annotations: metadata.annotations?.["serin.dev/abort"],
    commandIds,
    answer: [lastCommand?.action, lastCommand?.outcome, lastCommand?.message],
  };
}

const lives = [
  { name: "abort", act: (shop) => abort(shop, "wrong prices"), reason: "Aborted" },
  { name: "promoteFull", act: (shop) => command(shop, "promoteFull"), reason: "PromotedByHand" },
] as const satisfies readonly { name: string; act: Act; reason: string }[];

const undisturbed = new Map<string, { end: Awaited<ReturnType<typeof endOf>>; run: Run }>();
for (const { name, act } of lives) {
  const run = await runCommanded(act);
  undisturbed.set(name, { run, end: await endOf(run) });
  await run.world.close();
}

const deaths = lives.flatMap((life) => {
  const run = undisturbed.get(life.name)?.run;
  if (run === undefined) return [];
  const answered = worksOf(run).findIndex(({ body }) => body.includes('"lastCommand"'));
  return deathsOf(run)
    .filter(({ index }) => index >= answered && index < answered + writesOfCommand)
    .map((death) => ({
      life,
      death,
      title: `${death.kind} of write ${death.index}, ${death.name}`,
    }));
});

describe("a command", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it.each(lives)("to $name is carried out and told once when nobody dies", ({ name, reason }) => {
    const end = undisturbed.get(name)?.end;
    expect(end).toMatchObject({ told: 1, history: [{ reason }], annotations: undefined });
    expect(end?.answer).toMatchObject([name, "Done", expect.any(String)]);
  });

  it.each(deaths)("to $life.name ends the same after $title", async ({ life, death }) => {
    run = await runCommanded(life.act, { intercept: killAt(death) });
    expect(run.processes.length).toBe(2);
    const { weights, ...end } = await endOf(run);
    const { weights: expected, ...rest } = undisturbed.get(life.name)?.end ?? { weights: [] };
    expect(end).toEqual(rest);
    expect(weights.at(-1)).toBe(expected.at(-1));
    expect(Math.max(...weights)).toBe(Math.max(...expected));
    expect(run.failedRequests).toBe(0);
  });
});
