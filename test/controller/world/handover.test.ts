/** One leader after another: what the one that stood by already knows, and what is measured meanwhile. */
import { afterEach, describe, expect, it } from "vitest";
import { apiFaults } from "../../support/api-faults.ts";
import type {
  ControllerProcess,
  Interception,
  SeenRequest,
} from "../../support/controller-process.ts";
import { isLeaseRequest } from "../../support/release-run.ts";
import { openShop, type RunningShop, untilRouted } from "../../support/running-shop.ts";

const intervalSeconds = 5;
const stages = [{ weight: 10, minSeconds: 120 }, { weight: 100 }];

/** Seconds that a read asks about, of the readers' grid: one instant, or what lies in a range. */
function instantsOf(query: URLSearchParams): readonly number[] {
  const time = query.get("time");
  if (time !== null) return [Number(time)];
  const [start, end] = ["start", "end"].map((name) => Number(query.get(name)));
  const first = Math.ceil((start ?? 0) / intervalSeconds) * intervalSeconds;
  const count = Math.max(0, Math.floor(((end ?? 0) - first) / intervalSeconds) + 1);
  return Array.from({ length: count }, (_, index) => first + index * intervalSeconds);
}

/** Of whole kinds, not of one object or of a selection. */
const isList = ({ method, path }: SeenRequest): boolean =>
  method === "GET" && !path.includes("watch=true") && /\/(?:[a-z]+)(?:\?|$)/.test(path);
const isOfOneRelease = ({ path }: SeenRequest): boolean => path.includes("labelSelector=");
const isNamed = ({ path }: SeenRequest): boolean => /\/(?:orders|serin-controller)/.test(path);

describe("a standby", () => {
  let open: RunningShop | undefined;
  afterEach(() => open?.world.close());

  /** Monotonic: until then the standby cannot ask for the lease. */
  let heldBackUntil = 0;
  const intercept = (request: SeenRequest): Interception =>
    isLeaseRequest(request) && request.at < heldBackUntil
      ? apiFaults["500"].interception()
      : { kind: "Pass" };

  async function openPair(): Promise<RunningShop & { standby: ControllerProcess }> {
    heldBackUntil = 0;
    open = await openShop({ spec: { stages, analysis: { intervalSeconds, warmupSeconds: 0 } } });
    const standby = await open.world.startController({ identity: "standby", intercept });
    return { ...open, standby };
  }

  const requestsOf = async (
    { world, standby }: { world: RunningShop["world"]; standby: ControllerProcess },
    end: () => Promise<void> | void,
  ) => {
    const before = standby.requests.length;
    await end();
    await world.until("it leads", () => standby.controller.isLeading(), 20_000);
    await world.advance(1_000);
    return standby.requests.slice(before);
  };

  it("lists every kind before it leads, and none when it takes over", async () => {
    const { world, process, standby } = await openPair();
    const kinds = new Set(standby.requests.filter(isList).map(({ path }) => path.split("?")[0]));
    expect(kinds.size).toBeGreaterThan(10);
    const since = await requestsOf({ world, standby }, () => process.stop());
    expect(since.filter((request) => isList(request) && !isNamed(request))).toEqual([]);
    // And its watches are those that it had.
    expect(since.filter(({ path }) => path.includes("watch=true"))).toEqual([]);
  });

  it("lists only the pods of releases that run, and their ReplicaSets, when it takes over", async () => {
    const { world, shop, process, standby } = await openPair();
    await shop.push("2");
    await untilRouted({ world, shop }, 10, 30_000);
    const since = await requestsOf({ world, standby }, () => process.kill());
    const lists = since.filter((request) => isList(request) && !isNamed(request));
    expect(lists.every(isOfOneRelease)).toBe(true);
    expect(lists.map(({ path }) => /\/(\w+)\?/.exec(path)?.[1] ?? "").toSorted()).toEqual([
      "pods",
      "replicasets",
    ]);
  });

  it.each([0, 2_000, 3_500, 4_500])(
    "misses no check when the leader ends %i ms after one, and it takes over 1.5 to 2.5 s later",
    async (afterMs) => {
      const { world, shop, process, standby } = await openPair();
      await shop.push("2");
      await untilRouted({ world, shop }, 10, 30_000);
      const instants: number[] = [];
      const { prometheus } = world.sandbox;
      const real = prometheus.fetch;
      // What each read asks for, whoever asks.
      Object.assign(prometheus, {
        fetch: async (...given: Parameters<typeof real>) => {
          const request = new Request(...given);
          const text = await request.clone().text();
          instants.push(...instantsOf(new URLSearchParams(text || new URL(request.url).search)));
          return real.call(prometheus, request);
        },
      });
      const grid = intervalSeconds * 1_000;
      await world.advance(grid - (world.clock.now() % grid) + grid + afterMs);
      const begunAt = Math.min(...instants);
      heldBackUntil = world.clock.monotonic() + 1_500;
      await process.stop();
      const tookMs = await world.until("it leads", () => standby.controller.isLeading(), 5_000);
      expect(tookMs).toBeGreaterThanOrEqual(1_500);
      await world.advance(4 * grid);
      const seen = new Set(instants);
      const steps = (Math.max(...seen) - begunAt) / intervalSeconds;
      const missed = Array.from({ length: steps }, (_, step) => begunAt + step * intervalSeconds);
      expect(missed.filter((instant) => !seen.has(instant))).toEqual([]);
      expect(seen.size).toBeGreaterThanOrEqual(5);
    },
  );
});
