/**
 * Releases with people, tools and incidents in them, each a script: lived once with nobody dying, then again with the
 * controller killed at writes drawn over the whole life, or at every one with SERIN_EVERY_DEATH=1.
 */
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import {
  type Death,
  deathsOf,
  killAt,
  outcomeOf,
  type Run,
  type RunOptions,
  runRelease,
  worksOf,
} from "./release-run.ts";
import type { RunningShop } from "./running-shop.ts";
import { createSeededRandom } from "./seeded-random.ts";
import { viewShop } from "./shop-view.ts";

type Bed = Pick<RunningShop, "world" | "shop">;

export interface Moment {
  readonly status: CanaryStatus;
  /** Of the canary in the routes, percent. */
  readonly weight: number;
  /** Since the step before, or the push. */
  readonly sinceMs: number;
}

/** What somebody does to the release, once it is as far. */
export interface Step {
  readonly when: (moment: Moment) => boolean;
  readonly act: (bed: Bed) => Promise<void>;
  /** Where it is done again and again: until this holds. */
  readonly until?: (moment: Moment) => boolean;
}

export interface Life extends Pick<RunOptions, "version" | "shop" | "world" | "prepare"> {
  readonly name: string;
  readonly script: readonly Step[];
  /** Success by default. */
  readonly isOver?: (status: CanaryStatus) => boolean;
  /** What the undisturbed life ends with, of `endOf`. */
  readonly ends: object;
  /** True where a named person's word, or the spec, lets weight rise without a check. */
  readonly mayRaiseBlind?: true;
  /** Events of what is not known any more when it was done and could not be written down. */
  readonly mayGoUntold?: readonly string[];
  /** What clients see of the version or the incident itself: response code and flags. */
  readonly suffers?: readonly string[];
}

export interface Lived {
  readonly life: Life;
  readonly run: Run;
  readonly end: Awaited<ReturnType<typeof endOf>>;
  /** From the first step of the script on; from the push on where it has none. */
  readonly deaths: readonly Death[];
}

/** Lives it to its end; the world is left open. */
export async function liveOn(life: Life, death?: Death): Promise<Run> {
  return (await liveAndWatch(life, death)).run;
}

/** Lives it with nobody dying, and draws where somebody will. */
export async function liveUndisturbed(life: Life, count: number): Promise<Lived> {
  const { run, firstStepAt } = await liveAndWatch(life);
  const end = await endOf(run, life);
  await run.world.close();
  const begin = worksOf(run).findIndex(({ at }) => at >= firstStepAt);
  const deaths = deathsOf(run).filter(({ index }) => index >= begin);
  const isEveryone = (process.env["SERIN_EVERY_DEATH"] ?? "") !== "";
  return { life, run, end, deaths: isEveryone ? deaths : spread(deaths, count) };
}

async function liveAndWatch(life: Life, death?: Death) {
  const left = [...life.script];
  let stepAt: number | undefined;
  let firstStepAt: number | undefined;
  const run = await runRelease({
    version: life.version,
    shop: { requestsPerSecond: 100, ...life.shop },
    withinMs: 250_000,
    ...(life.world !== undefined && { world: life.world }),
    ...(life.prepare !== undefined && { prepare: life.prepare }),
    ...(death !== undefined && { first: { intercept: killAt(death) } }),
    during: async (world, _, weight) => {
      const [step] = left;
      const now = world.clock.monotonic();
      stepAt ??= now;
      if (step === undefined) return;
      const shop = viewShop(world);
      const status = await shop.status();
      const moment = { status, weight, sinceMs: now - stepAt };
      if (step.until?.(moment) === true) left.shift();
      else if (step.when(moment)) {
        if (step.until === undefined) left.shift();
        stepAt = now;
        firstStepAt ??= now;
        await step.act({ world, shop });
      }
    },
    isOver: (status) =>
      left.length === 0 && (life.isOver ?? (({ phase }) => phase === "Succeeded"))(status),
  });
  const pushedAt = run.world.clock.monotonic() - run.tookMs;
  return { run, firstStepAt: firstStepAt ?? pushedAt };
}

/** As many as asked, one from each part of the life, the same ones each time. */
function spread(deaths: readonly Death[], count: number): readonly Death[] {
  const random = createSeededRandom(deaths.length);
  const size = deaths.length / count;
  const drawn = Array.from({ length: count }, (_, part) =>
    deaths.at(Math.floor((part + random()) * size)),
  );
  return drawn.filter((death) => death !== undefined);
}

/** What must be the same whoever died: not how often the routes were written on the way, nor what was told twice. */
export async function endOf(run: Run, { mayGoUntold = [] }: Life) {
  const { weights, events, ...outcome } = await outcomeOf(run);
  const { lastCommand } = run.status;
  return {
    ...outcome,
    events: [...new Set(events)].filter((reason) => !mayGoUntold.includes(reason)),
    finalWeight: weights.at(-1),
    peak: Math.max(...weights),
    answer: [lastCommand?.action, lastCommand?.outcome],
  };
}
