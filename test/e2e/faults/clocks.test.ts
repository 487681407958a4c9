/** Releases that replicas lead whose wall clocks do not agree. */
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../support/real-time.ts";
import { root } from "../support/environment.ts";
import { tell } from "../support/figures.ts";
import { type Fleet, openFleet } from "../support/fleet.ts";
import { isMissing } from "../support/is-missing.ts";
import { rollbackBoundMs } from "../support/promises.ts";
import { beginGoodAndBad } from "../support/release.ts";
import { openSuite, type Suite } from "../support/suite.ts";

describe.skipIf(isMissing("pilot-discovery"))(
  "a replica whose clock is 5 min ahead of the others'",
  () => {
    let suite: Suite;
    let fleet: Fleet;
    beforeAll(async () => {
      suite = await openSuite();
      fleet = await openFleet(suite);
    });
    beforeEach(() => fleet.whenWell());
    afterAll(() => fleet.close());

    const startSkewed = () =>
      fleet.start({
        nodeArguments: [`--import=${join(root, "test/e2e/support/skewed-clock.ts")}`],
        env: { SKEW_MS: "300000" },
      });

    it("takes a bad version off, and shares a good one with a replica whose clock is right", async () => {
      const skewed = await startSkewed();
      for (const replica of fleet.others(skewed)) await fleet.retire(replica);
      const { good, bad } = await beginGoodAndBad(suite);
      const failed = await bad.untilEnded("Failed", 60_000);
      expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed));
      await fleet.start();
      await fleet.retire(skewed);
      await eventually("the last stage", 60_000, () => good.history.weights().includes(100));
      const again = await startSkewed();
      for (const replica of fleet.others(again)) await fleet.retire(replica);
      await good.expectPromoted(90_000);
      await bad.expectRolledBack(60_000);
      tell("a clock 5 min ahead", { exposedMs: bad.exposedMs() });
    });
  },
);
