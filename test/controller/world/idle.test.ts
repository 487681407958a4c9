/** What a Canary costs while nothing happens: the lease and the watches that are there anyway, and nothing else. */
import { afterEach, describe, expect, it } from "vitest";
import { isLeaseRequest, type Run, runRelease } from "../../support/release-run.ts";

/** Longer than any watch, refresh or housekeeping waits. */
const quietMs = 1_200_000;

describe("an idle controller", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it.each(["good", "bad"] as const)(
    "asks nothing and writes nothing for twenty minutes after a %s release",
    async (version) => {
      run = await runRelease({ version });
      const { world, shop, processes } = run;
      await world.advance(60_000);
      const before = await shop.canary();
      const seen = processes.map(({ requests }) => requests.length);
      const reads = processes.map(({ requests }) => requests.at(-1)?.metricReads);
      // Nobody looks at what is simulated meanwhile.
      world.sandbox.prometheus.stop();
      await world.sandbox.mesh.stop();
      await world.advance(quietMs);
      const since = processes.flatMap(({ requests }, index) => requests.slice(seen[index]));
      const renewals = since.filter(isLeaseRequest);
      const watches = since.filter(({ path }) => path.includes("watch=true"));
      expect(renewals.length).toBeGreaterThan(quietMs / 2_500);
      expect(watches.length).toBeGreaterThan(0);
      expect(since.length).toBe(renewals.length + watches.length);
      expect(processes.map(({ requests }) => requests.at(-1)?.metricReads)).toEqual(reads);
      expect(await shop.canary()).toEqual(before);
    },
  );
});
