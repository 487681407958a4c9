/** Releases while Prometheus is away or slow: nobody is judged by what is not known. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { eventually } from "../../support/real-time.ts";
import { tell } from "../support/figures.ts";
import { type Fleet, openFleet } from "../support/fleet.ts";
import { isMissing } from "../support/is-missing.ts";
import { rollbackBoundMs } from "../support/promises.ts";
import { beginGoodAndBad, beginGoodAndBadAnd, stageWeights } from "../support/release.ts";
import { openSuite, type Suite } from "../support/suite.ts";

describe.skipIf(isMissing("pilot-discovery"))("without Prometheus", () => {
  let suite: Suite;
  let fleet: Fleet;
  beforeAll(async () => {
    suite = await openSuite();
    fleet = await openFleet(suite);
  });
  beforeEach(() => fleet.whenWell());
  afterAll(() => fleet.close());

  it("nothing fails and nothing is promoted; a release that may not wait so long retreats", async () => {
    const { prometheus } = suite.environment;
    const rollback = { withinSeconds: 30, canaryScaleDownDelaySeconds: 4 };
    const { own: hasty, good, bad } = await beginGoodAndBadAnd(suite, { rollback });
    const all = [hasty, good, bad];
    await Promise.all(all.map((release) => release.untilWeight(10)));
    const stoppedAt = performance.now();
    await prometheus.child.kill();
    await eventually("the hasty one retreats", 50_000, () => hasty.weight() === 0);
    const retreatMs = performance.now() - stoppedAt;
    const isRetreat = ({ release }: CanaryStatus) => release?.retreat?.reason === "NoData";
    const { phase } = await hasty.shop.until("says why", 5_000, isRetreat);
    expect(phase).toBe("Progressing");
    await sleep(Math.max(0, stoppedAt + 60_000 - performance.now()));
    for (const { shop, history } of [good, bad]) {
      expect((await shop.status()).phase).toBe("Progressing");
      expect(history.weights()).toEqual([0, 10]);
    }
    await prometheus.start();
    const awayMs = performance.now() - stoppedAt;
    const failed = await bad.expectRolledBack(60_000);
    expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed) + awayMs);
    await good.expectPromoted(90_000);
    await hasty.expectPromoted(90_000, [0, 10, 0, 10, 50, 100, 0], {
      told: [
        ...(["ReleaseStarted", "Retreated", "Resumed"] as const),
        ...stageWeights.map(() => "StagePassed" as const),
        "Succeeded",
      ],
    });
    tell("Prometheus killed for 60 s", { awayMs, retreatMs, exposedMs: bad.exposedMs() });
  });

  it("and with one that answers after 10 s all waits until it is quick again", async () => {
    const { good, bad } = await beginGoodAndBad(suite);
    await Promise.all([good.untilWeight(10), bad.untilWeight(10)]);
    const slowAt = performance.now();
    fleet.prometheus.before = () => sleep(10_000, true);
    await sleep(15_000);
    for (const { shop, history } of [good, bad]) {
      expect((await shop.status()).phase).toBe("Progressing");
      expect(history.weights()).toEqual([0, 10]);
    }
    fleet.prometheus.before = () => true;
    const slowMs = performance.now() - slowAt;
    const failed = await bad.expectRolledBack(60_000);
    expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed) + slowMs);
    await good.expectPromoted(90_000);
    tell("Prometheus slow by 10 s", { slowMs, exposedMs: bad.exposedMs() });
  });
});
