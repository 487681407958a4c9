/** Releases while the API server or its store is away. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tell } from "../support/figures.ts";
import { type Fleet, isWeightPatch, openFleet, type Replica } from "../support/fleet.ts";
import { isMissing } from "../support/is-missing.ts";
import { rollbackBoundMs } from "../support/promises.ts";
import { beginGoodAndBad } from "../support/release.ts";
import { openSuite, type Suite } from "../support/suite.ts";

describe.skipIf(isMissing("pilot-discovery"))("while the API server is away", () => {
  let suite: Suite;
  let fleet: Fleet;
  beforeAll(async () => {
    suite = await openSuite();
    fleet = await openFleet(suite);
  });
  afterAll(() => fleet.close());

  /** Does it when a rollback is decided and its patch on the way: at that very moment, and nobody takes the patch. */
  function atRollback({ api }: Replica, stop: () => void): Promise<number> {
    return new Promise((resolve) => {
      api.before = (request) => {
        if (!isWeightPatch(request, "lower")) return true;
        api.before = () => true;
        stop();
        resolve(performance.now());
        return false;
      };
    });
  }

  it("loses no stage of one release and takes the other off when the server is back", async () => {
    const { controlPlane } = suite.environment;
    const { good, bad } = await beginGoodAndBad(suite);
    const stopped = atRollback(await fleet.leader(), () =>
      controlPlane.apiServer.signal("SIGKILL"),
    );
    await good.untilWeight(10);
    const stoppedAt = await stopped;
    await sleep(30_000);
    expect(bad.weight()).toBe(10);
    await controlPlane.startApiServer();
    const awayMs = performance.now() - stoppedAt;
    const failed = await bad.expectRolledBack(90_000);
    expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed) + awayMs);
    await good.expectPromoted(120_000);
    tell("API server killed for 30 s", { awayMs, exposedMs: bad.exposedMs() });
  });

  it("goes on when the store was killed and is back", async () => {
    const { controlPlane } = suite.environment;
    await fleet.whenWell();
    const { good, bad } = await beginGoodAndBad(suite);
    const stopped = atRollback(await fleet.leader(), () => controlPlane.etcd.signal("SIGKILL"));
    await good.untilWeight(10);
    const stoppedAt = await stopped;
    await sleep(5_000);
    expect(bad.weight()).toBe(10);
    await controlPlane.startEtcd();
    const awayMs = performance.now() - stoppedAt;
    const failed = await bad.expectRolledBack(90_000);
    expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed) + awayMs);
    await good.expectPromoted(120_000);
    tell("etcd killed for 5 s", { awayMs, exposedMs: bad.exposedMs() });
  });
});
