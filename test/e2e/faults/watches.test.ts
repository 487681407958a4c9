/** Releases while whatever Serin watches is cut off again and again. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tell } from "../support/figures.ts";
import { type Fleet, openFleet } from "../support/fleet.ts";
import { isMissing } from "../support/is-missing.ts";
import { rollbackBoundMs } from "../support/promises.ts";
import { isWatch, type Passing } from "../support/proxy.ts";
import { beginGoodAndBad } from "../support/release.ts";
import { openSuite, type Suite } from "../support/suite.ts";

describe.skipIf(isMissing("pilot-discovery"))("watches that are cut every 3 s", () => {
  let suite: Suite;
  let fleet: Fleet;
  beforeAll(async () => {
    suite = await openSuite();
    fleet = await openFleet(suite);
  });
  beforeEach(() => fleet.whenWell());
  afterAll(() => fleet.close());

  it("lose nothing and need no new lists", async () => {
    const begunAt = performance.now();
    let cut = 0;
    const cutting = setInterval(() => {
      for (const { api } of fleet.replicas) cut += api.cutWatches();
    }, 3_000);
    try {
      const { good, bad } = await beginGoodAndBad(suite);
      const failed = await bad.expectRolledBack(60_000);
      expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed));
      await good.expectPromoted(90_000);
      expect(cut).toBeGreaterThan(100);
      // What a release alone needs is listed when it begins, and read from the server when it ends.
      const lists = fleet.replicas
        .flatMap(({ api }) => api.requests)
        .filter((request) => request.at > begunAt && isList(request));
      expect(lists.filter(({ path }) => !path.includes("/namespaces/"))).toEqual([]);
      tell(`${cut} watches cut`, { exposedMs: bad.exposedMs() });
    } finally {
      clearInterval(cutting);
    }
  });
});

function isList(request: Passing): boolean {
  return request.method === "GET" && request.path.includes("limit=") && !isWatch(request);
}
