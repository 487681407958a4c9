/**
 * A controller that is told to end (SIGTERM) at the worst moments of a release, beside another that stands by: what was begun is
 * finished, nothing is begun after the lease is given back, and the release goes on as if nothing had happened.
 */
import { afterEach, describe, expect, it } from "vitest";
import { apiFaults, isRaise, isWriteOf } from "../../support/api-faults.ts";
import type {
  ControllerProcess,
  Interception,
  SeenRequest,
} from "../../support/controller-process.ts";
import { decodeStatusPatch } from "../../support/decode.ts";
import {
  expectRaisesOnEvidence,
  isLeaseRequest,
  outcomeOf,
  type Run,
  runRelease,
  type Version,
} from "../../support/release-run.ts";

const expected = {
  good: await undisturbed("good"),
  bad: await undisturbed("bad"),
};

async function undisturbed(version: Version) {
  const run = await runRelease({ version });
  const outcome = await outcomeOf(run);
  await run.world.close();
  return outcome;
}

const phaseIn = (request: SeenRequest) =>
  isWriteOf(request, "statuses") ? decodeStatusPatch(request.body).phase : undefined;
const isCopy = (request: SeenRequest) =>
  isWriteOf(request, "Deployments") &&
  request.path.includes("orders-primary") &&
  request.body.includes("orders:2");

interface Moment {
  readonly name: string;
  readonly version: Version;
  readonly isIt: (request: SeenRequest) => boolean;
  /** What becomes of that request. */
  readonly fate?: () => Interception;
  /** And of the others from then on, but for the lease. */
  readonly after?: () => Interception;
}

const moments: readonly Moment[] = [
  { name: "a release's first status", version: "good", isIt: (r) => phaseIn(r) === "Progressing" },
  { name: "a raise of the weight", version: "good", isIt: isRaise },
  {
    name: "a raise whose answer is lost",
    version: "good",
    isIt: isRaise,
    fate: apiFaults["a closed connection after the write"].interception,
  },
  { name: "the copy of the template", version: "good", isIt: isCopy },
  { name: "the status of a promotion", version: "good", isIt: (r) => phaseIn(r) === "Promoting" },
  { name: "an Event", version: "good", isIt: (r) => isWriteOf(r, "Events") },
  {
    name: "a rollback's patch of the routes",
    version: "bad",
    isIt: (r) => isWriteOf(r, "routes") && !isRaise(r),
  },
  { name: "a rollback's status", version: "bad", isIt: (r) => phaseIn(r) === "Failed" },
  {
    // Nobody has written down why: the next one reads what the first one had read.
    name: "a rollback, whose routes are written and whose status is not",
    version: "bad",
    isIt: (r) => phaseIn(r) === "Failed",
    fate: apiFaults["a closed connection"].interception,
    after: apiFaults["a closed connection"].interception,
  },
];

describe("a controller that is told to end", () => {
  let run: Run | undefined;
  let other: ControllerProcess | undefined;
  afterEach(async () => {
    await run?.world.close();
    run = undefined;
  });

  /** Tells the first one to end at that request, when the release runs and another one stands by. */
  async function endAt({ version, isIt, fate, after }: Moment) {
    let first: ControllerProcess | undefined;
    let stoppedAt: number | undefined;
    let ending: Promise<void> | undefined;
    run = await runRelease({
      version,
      first: {
        intercept(request): Interception {
          if (stoppedAt !== undefined && !isLeaseRequest(request) && request.write > 0)
            return after?.() ?? { kind: "Pass" };
          if (first === undefined || stoppedAt !== undefined || !isIt(request))
            return { kind: "Pass" };
          stoppedAt = request.at;
          ending = first.stop();
          return fate?.() ?? { kind: "Pass" };
        },
      },
      beforePush: async (world) => {
        other = await world.startController({ identity: "second" });
      },
      during: async (_, process) => {
        first ??= process;
      },
    });
    await ending;
    if (first === undefined || other === undefined || stoppedAt === undefined)
      throw new Error("that moment never came");
    return { run, first, other, stoppedAt };
  }

  it.each(moments)("in the middle of $name loses nothing", async (moment) => {
    const { run, first, other, stoppedAt } = await endAt(moment);
    expect(await outcomeOf(run)).toEqual(expected[moment.version]);
    expect(run.failedRequests > 0).toBe(moment.version === "bad");
    expectRaisesOnEvidence([first, other]);
    const own = first.writes.filter((write) => !isLeaseRequest(write));
    const others = other.writes.filter((write) => !isLeaseRequest(write));
    // What was under way ends first; then the lease goes; then the other one writes, and soon.
    expect(own.at(-1)?.at ?? 0).toBeLessThanOrEqual(others[0]?.at ?? 0);
    expect(first.requests.at(-1)?.path).toContain("/leases");
    expect(others[0]?.at).toBeLessThanOrEqual(stoppedAt + 5_000);
  });

  it("in the middle of a query does not wait for its answer", async () => {
    let asked: ControllerProcess | undefined;
    let ending: Promise<void> | undefined;
    let endedAt = Number.POSITIVE_INFINITY;
    let stoppedAt = Number.POSITIVE_INFINITY;
    run = await runRelease({
      version: "good",
      beforePush: async (world) => {
        other = await world.startController({ identity: "second" });
      },
      during: async (world, first, weight) => {
        const { prometheus } = world.sandbox;
        if (asked === undefined && weight === 10) {
          asked = first;
          prometheus.setFault({ kind: "Slow", delayMs: 1_900 });
          await world.until("a query is on its way", () => first.controller.busy() > 0, 5_000);
          stoppedAt = world.clock.monotonic();
          const stop = async () => {
            await first.stop();
            endedAt = world.clock.monotonic();
          };
          ending = stop();
          await world.settle();
          prometheus.setFault(undefined);
        }
      },
    });
    await ending;
    expect(endedAt - stoppedAt).toBe(0);
    expect(await outcomeOf(run)).toEqual(expected.good);
  });
});
