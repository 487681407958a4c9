/** Releases while the API server takes Serin's credentials no longer. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/real-time.ts";
import { ownNamespace, serinToken } from "../support/environment.ts";
import { tell } from "../support/figures.ts";
import { type Fleet, isWeightPatch, openFleet, type Replica } from "../support/fleet.ts";
import { isMissing } from "../support/is-missing.ts";
import { kubectl } from "../support/kubectl.ts";
import { rollbackBoundMs } from "../support/promises.ts";
import { beginGoodAndBad } from "../support/release.ts";
import { openSuite, type Suite } from "../support/suite.ts";

describe.skipIf(isMissing("pilot-discovery"))("while nobody knows Serin's token", () => {
  let suite: Suite;
  let fleet: Fleet;
  beforeAll(async () => {
    suite = await openSuite();
    fleet = await openFleet(suite);
  });
  afterAll(() => fleet.close());

  /** The account is made anew, so that every token of the old one has ended. */
  async function endTokens(): Promise<void> {
    const { adminKubeconfig } = suite.environment.controlPlane;
    const of = ["--namespace", ownNamespace, "serviceaccount", "serin"];
    await kubectl(adminKubeconfig, ["delete", ...of]);
    await kubectl(adminKubeconfig, ["create", ...of]);
  }

  /** Holds back what lowers a weight until the server refuses it; resolves when the first of these is on its way. */
  function atRollback({ api }: Replica): Promise<number> {
    return new Promise((resolve) => {
      api.before = (request) => {
        if (!isWeightPatch(request, "lower")) return true;
        resolve(performance.now());
        return fleet.replicas.every(wasRefused);
      };
    });
  }

  it("makes up for a rollback, loses no release, and goes on by the next token without a restart", async () => {
    await fleet.whenWell();
    const { good, bad } = await beginGoodAndBad(suite);
    const decidedAt = await atRollback(await fleet.leader());
    await endTokens();
    await eventually("all are refused", 60_000, async () => fleet.replicas.every(wasRefused));
    await sleep(refusedMs);
    expect(bad.weight()).toBe(10);
    const { adminKubeconfig } = suite.environment.controlPlane;
    fleet.giveToken(await serinToken(adminKubeconfig, ownNamespace));
    const awayMs = performance.now() - decidedAt;
    const failed = await bad.expectRolledBack(90_000, [[0, 10, 0]]);
    expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed) + awayMs);
    await good.expectPromoted(120_000);
    for (const replica of fleet.replicas)
      expect(replica.log()).toContain("credentials were refused and read again");
    tell("tokens ended", { awayMs, exposedMs: bad.exposedMs() });
  });
});

/** How long nobody can work after the first refusals. */
const refusedMs = 5_000;

function wasRefused({ api }: Replica): boolean {
  return api.requests.some(({ code }) => code === 401);
}
