/** Releases whose leader is killed, stopped for longer than its lease, or replaced. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../support/real-time.ts";
import { tell } from "../support/figures.ts";
import { type Fleet, isWeightPatch, openFleet, type Replica, worksOf } from "../support/fleet.ts";
import { isMissing } from "../support/is-missing.ts";
import { handoverMs, rollbackBoundMs, takeoverMs } from "../support/promises.ts";
import type { Passing } from "../support/proxy.ts";
import { beginGoodAndBad, beginRelease, type Release } from "../support/release.ts";
import { openSuite, type Suite } from "../support/suite.ts";

describe.skipIf(isMissing("pilot-discovery"))("a leader", () => {
  let suite: Suite;
  let fleet: Fleet;
  beforeAll(async () => {
    suite = await openSuite();
    fleet = await openFleet(suite);
  });
  beforeEach(() => fleet.whenWell());
  afterAll(() => fleet.close());

  /** As a machine that fails: nothing more comes from it, and nothing that is under way arrives. */
  function killAtOnce(replica: Replica): void {
    replica.signal("SIGKILL");
    replica.api.before = () => false;
    replica.api.after = () => false;
  }

  /** Milliseconds until another one holds the lease. */
  async function untilLedAnew(dead: Replica, since: number): Promise<number> {
    await fleet.leader(dead);
    return performance.now() - since;
  }

  it.each(["before", "after"] as const)(
    "killed %s its patch takes a bad version off leaves that, and all else, to the other one",
    async (when) => {
      const { good, bad } = await beginGoodAndBad(suite);
      const leader = await fleet.leader();
      const killed = new Promise<number>((resolve) => {
        leader.api[when] = (request) => {
          if (!isWeightPatch(request, "lower")) return true;
          killAtOnce(leader);
          resolve(performance.now());
          return false;
        };
      });
      const leaderlessMs = await untilLedAnew(leader, await killed);
      expect(leaderlessMs).toBeLessThan(takeoverMs);
      // Also where only the routes were written: the other one reads what it missed, and sends the version nothing more.
      const failed = await bad.expectRolledBack(90_000, [[0, 10, 0]]);
      expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed) + takeoverMs);
      await good.expectPromoted(90_000);
      tell(`leader killed ${when} the patch`, { leaderlessMs, exposedMs: bad.exposedMs() });
    },
  );

  it("stopped past its lease and continued does nothing before it leads again", async () => {
    const good = await beginRelease(suite, "good");
    const leader = await fleet.leader();
    // Its last word, to give the canary more, is kept on the way until another has done more than that.
    const raise = holdRaise(leader, good);
    const held = await raise.whenHeld;
    leader.signal("SIGSTOP");
    const stoppedAt = performance.now();
    const leaderlessMs = await untilLedAnew(leader, stoppedAt);
    expect(leaderlessMs).toBeLessThan(takeoverMs);
    await good.untilWeight(100);
    raise.letGo();
    await eventually("the late patch is answered", 10_000, () => held.code !== undefined);
    expect([409, 422]).toContain(held.code);
    const continuedAt = performance.now();
    leader.signal("SIGCONT");
    await good.expectPromoted(90_000);
    expect(worksOf(leader).filter(({ at }) => at > continuedAt)).toEqual([]);
    expect(leader.isRunning()).toBe(true);
    tell("leader stopped", { leaderlessMs, stoppedMs: continuedAt - stoppedAt });
  });

  it("is replaced, and then the other one, and no check is missed for long", async () => {
    const { good, bad } = await beginGoodAndBad(suite);
    const begunAt = performance.now();
    const reads = () => fleet.prometheus.requests.filter(({ at }) => at > begunAt);
    for (const replica of fleet.replicas.slice()) {
      await fleet.start();
      await fleet.retire(replica);
    }
    const failed = await bad.expectRolledBack(60_000);
    expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed) + 2 * handoverMs);
    await good.expectPromoted(90_000);
    const longestMs = longestGapMs(reads());
    // Checks stand on a grid: a takeover in the promised time misses no more points of it than fit into that.
    const missed = Math.round(longestMs / intervalMs) - 1;
    expect(missed).toBeLessThanOrEqual(handoverMs / intervalMs);
    tell("rolled out", { longestMs, exposedMs: bad.exposedMs() });
  });
});

const intervalMs = 2_000;

/** Keeps the leader's next raise beyond 10 % on its way. */
function holdRaise({ api }: Replica, { history }: Release) {
  let letGo: () => void = () => undefined;
  const goes = new Promise<boolean>((resolve) => {
    letGo = () => resolve(true);
  });
  const whenHeld = new Promise<Passing>((resolve) => {
    api.before = (request) => {
      if (!isWeightPatch(request, "raise") || history.seen.at(-1)?.weight !== 10) return true;
      api.before = () => true;
      resolve(request);
      return goes;
    };
  });
  return { whenHeld, letGo };
}

function longestGapMs(requests: readonly Passing[]): number {
  const gaps = requests.map(({ at }, index) => at - (requests[index - 1]?.at ?? at));
  return Math.max(...gaps);
}
