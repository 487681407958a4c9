/** Good releases on real servers. */
import { beforeAll, describe, expect, it } from "vitest";
import { isMissing } from "../support/is-missing.ts";
import { createShop, versions } from "../support/shop.ts";
import { openSuite, type Suite } from "../support/suite.ts";
import { followWeights } from "../support/weights.ts";

describe.skipIf(isMissing())("a release on real servers", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await openSuite();
  });

  it.concurrent("goes through every stage and is promoted", async () => {
    const shop = await createShop(suite.admin, { namespace: "good-release", replicas: 2 });
    await shop.until("initialised", 60_000, ({ phase }) => phase === "Initialized");
    const history = await followWeights(shop);
    await shop.push("2", versions.good);
    await shop.until("succeeded", 150_000, ({ phase }) => phase === "Succeeded");
    history.stop();
    expect(history.weights()).toEqual([0, 10, 25, 50, 100, 0]);
    const primary = await shop.deployment("primary");
    expect(primary.spec.template.spec.containers[0]?.image).toBe("example.com/orders:2");
  });

  it.concurrent("takes a version with errors off and says so", async () => {
    const shop = await createShop(suite.admin, { namespace: "bad-release", replicas: 2 });
    await shop.until("initialised", 60_000, ({ phase }) => phase === "Initialized");
    const history = await followWeights(shop);
    await shop.push("2", versions.errors);
    await shop.until("failed", 120_000, ({ phase }) => phase === "Failed");
    history.stop();
    expect(history.weights()).toEqual([0, 10, 0]);
  });
});
