/**
 * Two controllers and one lease: whoever loses it stops writing before the other begins, and the release goes on as if
 * one had led all the time.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiFaults } from "../../support/api-faults.ts";
import type {
  ControllerProcess,
  Interception,
  SeenRequest,
} from "../../support/controller-process.ts";
import { isLeaseRequest, outcomeOf, type Run, runRelease } from "../../support/release-run.ts";
import { viewShop } from "../../support/shop-view.ts";
import type { World } from "../../support/world.ts";

const undisturbed = await runRelease({ version: "good" });
const expected = await outcomeOf(undisturbed);
await undisturbed.world.close();

/** A renewal is good for this long from when it was sent, and the lease itself for this long from when it was seen. */
const validMs = 10_000;
const leaseMs = 15_000;

const isWork = (request: SeenRequest): boolean => request.write > 0 && !isLeaseRequest(request);
const workOf = ({ requests }: ControllerProcess) => requests.filter(isWork);
const latestAt = (requests: readonly SeenRequest[]): number => requests.at(-1)?.at ?? 0;
const firstAt = (requests: readonly SeenRequest[]): number =>
  requests[0]?.at ?? Number.POSITIVE_INFINITY;

describe("two controllers", () => {
  let run: Run | undefined;
  let other: ControllerProcess | undefined;
  let leaseFault = (): Interception => ({ kind: "Pass" });
  let harmedAt = Number.POSITIVE_INFINITY;
  /** When the second one was first seen to lead. */
  let ledAt = Number.POSITIVE_INFINITY;
  const intercept = (request: SeenRequest): Interception =>
    isLeaseRequest(request) ? leaseFault() : { kind: "Pass" };

  beforeEach(() => {
    leaseFault = () => ({ kind: "Pass" });
    harmedAt = Number.POSITIVE_INFINITY;
    ledAt = Number.POSITIVE_INFINITY;
    run = undefined;
    other = undefined;
  });
  afterEach(() => run?.world.close());

  /** Starts the second one, and does something to the first once the canary has 50 %. */
  const at50 = (harm: (world: World, first: ControllerProcess) => Promise<void>) => ({
    beforePush: async (world: World) => {
      other = await world.startController({ identity: "second" });
    },
    during: async (world: World, first: ControllerProcess, weight: number) => {
      if (other?.controller.isLeading() === true) ledAt = Math.min(ledAt, world.clock.monotonic());
      if (weight !== 50 || harmedAt !== Number.POSITIVE_INFINITY) return;
      harmedAt = world.clock.monotonic();
      await harm(world, first);
    },
  });

  it.each<readonly [string, () => Interception, number]>([
    ["are refused", apiFaults["500"].interception, 0],
    ["are never answered", apiFaults.silence.interception, 0],
    ["meet closed connections", apiFaults["a closed connection"].interception, 0],
    // They go on until nothing was heard of them for as long as the first one may write.
    ["are not heard of", apiFaults["a closed connection after the write"].interception, validMs],
  ])("never write at the same time when one's renewals %s", async (_name, harm, renewedMs) => {
    run = await runRelease({
      version: "good",
      first: { identity: "first", intercept },
      ...at50(async () => {
        leaseFault = harm;
      }),
      withinMs: 300_000,
    });
    const [first] = run.processes;
    if (first === undefined || other === undefined) throw new Error("there must be two");
    expect(await outcomeOf(run)).toEqual(expected);
    const renewedAt = latestAt(
      first.requests.filter((request) => isLeaseRequest(request) && request.at < harmedAt),
    );
    const lastWork = latestAt(workOf(first));
    const takenOver = firstAt(workOf(other));
    expect(lastWork).toBeLessThan(renewedAt + validMs);
    expect(takenOver).toBeGreaterThan(lastWork);
    expect(ledAt).toBeGreaterThan(lastWork);
    expect(ledAt).toBeLessThanOrEqual(renewedAt + renewedMs + leaseMs + 1_000);
    expect(run.failedRequests).toBe(0);
  });

  it("follow one another within 2 seconds when one is stopped", async () => {
    let stoppedAt = 0;
    run = await runRelease({
      version: "good",
      ...at50(async (world, first) => {
        await first.stop();
        stoppedAt = world.clock.monotonic();
      }),
    });
    const [first] = run.processes;
    if (first === undefined || other === undefined) throw new Error("there must be two");
    expect(await outcomeOf(run)).toEqual(expected);
    expect(latestAt(workOf(first))).toBeLessThanOrEqual(stoppedAt);
    expect(ledAt).toBeLessThanOrEqual(stoppedAt + 2_000);
    expect(firstAt(workOf(other))).toBeGreaterThanOrEqual(stoppedAt);
  });

  it("act within 2 seconds of a clean stop of the other", async () => {
    let stoppedAt = 0;
    run = await runRelease({
      version: "good",
      ...at50(async (world, first) => {
        await first.stop();
        stoppedAt = world.clock.monotonic();
        await viewShop(world).push("3");
      }),
    });
    const off = run.weightsSeen.find(({ at, weight }) => at >= stoppedAt && weight === 0);
    expect(off?.at).toBeLessThanOrEqual(stoppedAt + 2_000);
    expect(run.status.history?.map(({ outcome }) => outcome)).toEqual(["Succeeded", "Superseded"]);
  });

  it.each([
    // Short of the lease's end nobody else has taken it; then it is the other's until the end.
    ["between two writes", 12_000, false],
    ["between two writes", 20_000, false],
    ["while a write is on its way", 12_000, true],
    ["while a write is on its way", 20_000, true],
  ])("let one that freezes %s for %i ms write only once it leads", async (_name, ms, inWrite) => {
    let process: ControllerProcess | undefined;
    let thawedAt = Number.POSITIVE_INFINITY;
    run = await runRelease({
      version: "good",
      first: {
        intercept(request) {
          if (inWrite && harmedAt === Number.POSITIVE_INFINITY && isWork(request)) {
            if (process !== undefined) harmedAt = request.at;
            process?.freeze();
          }
          return { kind: "Pass" };
        },
      },
      beforePush: async (world) => {
        other = await world.startController({ identity: "second" });
      },
      during: async (world, first, weight) => {
        if (weight === 50) process ??= first;
        if (!inWrite && process !== undefined && harmedAt === Number.POSITIVE_INFINITY) {
          harmedAt = world.clock.monotonic();
          first.freeze();
        }
        if (thawedAt === Number.POSITIVE_INFINITY && world.clock.monotonic() >= harmedAt + ms) {
          thawedAt = world.clock.monotonic();
          await first.thaw();
        }
      },
    });
    const [first] = run.processes;
    if (first === undefined || other === undefined) throw new Error("there must be two");
    expect(await outcomeOf(run)).toEqual(expected);
    const after = first.requests.slice(
      first.requests.findIndex(({ at, write }) => at >= thawedAt && write > 0),
    );
    const claimed = after.findIndex((request) => request.write > 0 && isLeaseRequest(request));
    const worked = after.findIndex(isWork);
    const othersWork = workOf(other).length;
    const hadToWait = ms > leaseMs;
    expect(othersWork > 0).toBe(hadToWait);
    expect(worked >= 0 && claimed < worked).toBe(!hadToWait);
    expect(run.failedRequests).toBe(0);
  });
});
