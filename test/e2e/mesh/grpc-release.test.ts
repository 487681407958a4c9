/** Releases whose calls are real: istiod tells proxyless clients of the weights, servers count, clients report. */
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { binomialUpperTail } from "../../../src/core/analysis/binomial.ts";
import { eventually } from "../../support/real-time.ts";
import { isAtRest, restProblems } from "../support/aftermath.ts";
import { createGrpcShop, type GrpcShop } from "../support/grpc-shop.ts";
import { isMissing } from "../support/is-missing.ts";
import { openSuite, type Suite } from "../support/suite.ts";
import { followWeights, type SeenWeight } from "../support/weights.ts";

/** What is granted to istiod and its clients after each patch. */
const propagationMs = 3_000;
/** A share is refused when pure chance would give one as far off less often than this. */
const chance = 1e-6;

describe.skipIf(isMissing("pilot-discovery"))("a gRPC service behind a real istiod", () => {
  let suite: Suite;
  const shops: GrpcShop[] = [];
  beforeAll(async () => {
    suite = await openSuite();
  });
  afterAll(async () => {
    await Promise.all(shops.map((shop) => shop.stop()));
  });

  async function start(namespace: string, errorPercent: Readonly<Record<string, number>>) {
    const grpc = await createGrpcShop(suite, { namespace, replicas: 2, errorPercent });
    shops.push(grpc);
    await grpc.shop.until("initialised", 90_000, ({ phase }) => phase === "Initialized");
    return grpc;
  }

  it.concurrent("gets the share of calls for each version that its weight says", async () => {
    const grpc = await start("grpc-good", { 1: 0, 2: 0 });
    const before = await grpc.answers();
    const history = await followWeights(grpc.shop);
    await push(grpc);
    await grpc.shop.until("succeeded", 150_000, ({ phase }) => phase === "Succeeded");
    history.stop();
    expect(history.weights()).toEqual([0, 10, 25, 50, 100, 0]);
    const shares = await measuredShares(grpc, history.seen);
    tell("shares", shares);
    expect(shares.filter(({ likelihood }) => likelihood < chance)).toEqual([]);
    // So many that a share one and a half times too large, or too small, would be noticed at every weight.
    expect(shares.filter(({ weight, calls }) => weight > 0 && calls < 700)).toEqual([]);
    expect(await statusesAfter(grpc, before)).toEqual([status.OK]);
    await expectRest(grpc, { phase: "Succeeded", releases: ["Succeeded Promoted"], serves: "2" });
  }, 300_000);

  it.concurrent("is not called any more at a version that answers INTERNAL", async () => {
    const grpc = await start("grpc-bad", { 1: 0, 2: 30 });
    const before = await grpc.answers();
    const history = await followWeights(grpc.shop);
    await push(grpc);
    const { release, rollbackBoundSeconds = 0 } = await grpc.shop.until(
      "failed",
      120_000,
      ({ phase }) => phase === "Failed",
    );
    history.stop();
    expect(history.weights()).toEqual([0, 10, 0]);
    expect(release?.rollback?.reason).toBe("MetricLimitExceeded");
    const since = epoch(history.seen[1]?.at ?? 0);
    await eventually("300 calls in a row without the canary", 30_000, async () => {
      const { canary } = await grpc.calls(since);
      const { stable } = await grpc.calls(canary.lastAt + 1);
      return stable.count > 300;
    });
    const { canary } = await grpc.calls(since);
    const onsetToLastCallMs = canary.lastAt - canary.firstAt;
    const decidedToLastCallMs = canary.lastAt - Date.parse(release?.rollback?.decidedAt ?? "");
    tell("rollback", { onsetToLastCallMs, decidedToLastCallMs, rollbackBoundSeconds });
    expect(onsetToLastCallMs).toBeLessThan(rollbackBoundSeconds * 1_000);
    expect(await statusesAfter(grpc, before)).toEqual([status.OK, status.INTERNAL]);
    const releases = ["Failed MetricLimitExceeded"];
    await expectRest(grpc, { phase: "Failed", releases, serves: "1" });
  }, 300_000);
});

const push = ({ shop, belongings }: GrpcShop) =>
  belongings.edit("deployments", () => shop.push("2"));

async function expectRest(grpc: GrpcShop, ending: Parameters<typeof restProblems>[2]) {
  const { phase } = ending;
  const atRest = await grpc.shop.until(
    `at rest, ${phase}`,
    60_000,
    (now) => now.phase === phase && isAtRest(now),
  );
  expect(await restProblems(grpc, atRest, ending)).toEqual([]);
}

/** The gRPC statuses that the clients saw since, those of calls that no server got included. */
async function statusesAfter(
  grpc: GrpcShop,
  before: ReadonlyMap<string, number>,
): Promise<readonly number[]> {
  const now = [...(await grpc.answers())];
  return now
    .filter(([code, count]) => count > (before.get(code) ?? 0))
    .map(([code]) => Number(code))
    .toSorted((a, b) => a - b);
}

/** For people: what was measured, also when it is within its bounds. */
function tell(what: string, measured: unknown): void {
  process.stderr.write(`\nmeasured ${what}: ${JSON.stringify(measured)}\n`);
}

interface Share {
  readonly weight: number;
  readonly calls: number;
  readonly measured: number;
  /** Probability of a share at least this far off to its side. */
  readonly likelihood: number;
}

/** At every weight, from when it must have arrived until it is changed; the last lasts until now. */
async function measuredShares(
  grpc: GrpcShop,
  seen: readonly SeenWeight[],
): Promise<readonly Share[]> {
  const ends = [...seen.slice(1).map(({ at }) => at), performance.now()];
  return Promise.all(
    seen.map(({ weight, at }, index) => {
      const [from, to] = [epoch(at + propagationMs), epoch(ends[index] ?? 0)];
      return measureShare(grpc, { weight, from, to });
    }),
  );
}

async function measureShare(
  { calls }: GrpcShop,
  { weight, from, to }: { readonly weight: number; readonly from: number; readonly to: number },
): Promise<Share> {
  const { canary, stable } = await calls(from, to);
  const count = canary.count + stable.count;
  const share = weight / 100;
  return {
    weight,
    calls: count,
    measured: canary.count / count,
    likelihood: Math.min(
      binomialUpperTail(canary.count, count, share),
      binomialUpperTail(stable.count, count, 1 - share),
    ),
  };
}

function epoch(monotonicMs: number): number {
  return performance.timeOrigin + monotonicMs;
}
