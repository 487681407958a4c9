/** Many releases at once, some of which are bad. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tell } from "../support/figures.ts";
import { isMissing } from "../support/is-missing.ts";
import { rollbackBoundMs } from "../support/promises.ts";
import { beginMany, type Release } from "../support/release.ts";
import { openSuite, type Suite } from "../support/suite.ts";

const size = 50;
/** Every fifth one is bad. */
const kinds = Array.from({ length: size }, (_, index) =>
  index % 5 === 0 ? ("errors" as const) : ("good" as const),
);
const badOnes = size / 5;
const weights = [20, 100];
const options = {
  stages: weights,
  requestsPerSecond: 60,
  isCompared: true,
  analysis: { intervalSeconds: 5, warmupSeconds: 3 },
};

describe.skipIf(isMissing("pilot-discovery"))("fifty releases at once", () => {
  let suite: Suite;
  let releases: readonly Release[] = [];
  beforeAll(async () => {
    suite = await openSuite();
  });
  // The mesh would go on calling them beside all other tests.
  afterAll(async () => {
    for (const { shop } of releases) await shop.remove();
  });

  it("of which ten are bad: those are taken off, the others promoted", async () => {
    releases = await beginMany(suite, kinds, options);
    const bad: { readonly exposedMs: number; readonly boundMs: number }[] = [];
    // One after the other: what is measured was seen by watches, and asking about all at once would be a fault of its own.
    for (const release of releases)
      if (release.kind === "good") await release.expectPromoted(150_000, [0, ...weights, 0]);
      else {
        const failed = await release.expectRolledBack(150_000, [[0, 20, 0]]);
        bad.push({ exposedMs: release.exposedMs(), boundMs: rollbackBoundMs(failed) });
      }
    const longest = Math.max(...bad.map(({ exposedMs }) => exposedMs));
    tell("ten of fifty bad", { longestExposedMs: longest, boundMs: bad[0]?.boundMs ?? 0 });
    expect(bad).toHaveLength(badOnes);
    for (const { exposedMs, boundMs } of bad) expect(exposedMs).toBeLessThan(boundMs);
  }, 420_000);
});
