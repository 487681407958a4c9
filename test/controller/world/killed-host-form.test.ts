/**
 * Initialisation with destinations by Service, with the controller killed after every write. The owner's routes lead to
 * Services that only Serin creates: from then on no client notices.
 */
import { afterEach, describe, expect, it } from "vitest";
import {
  deathsOf,
  killAt,
  outcomeOf,
  type Run,
  runRelease,
  worksOf,
} from "../../support/release-run.ts";

const release = { version: "good", shop: { form: "host" } } as const;
const undisturbed = await runRelease(release);
const expected = await outcomeOf(undisturbed);
const writes = worksOf(undisturbed);
const started = writes.findIndex(({ body }) => body.includes('"phase":"Progressing"'));
const served = writes.findLastIndex(({ path }) => path.includes("/services"));
const deaths = deathsOf(undisturbed).filter(
  ({ index, kind }) => index < started && kind === "KillAfter",
);
await undisturbed.world.close();

describe("an initialisation that creates Services", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it("ends as it must when nobody dies", () => {
    expect(expected).toMatchObject({
      phase: "Succeeded",
      services: ["orders", "orders-canary", "orders-primary"],
    });
    expect(undisturbed.failedRequests).toBeLessThanOrEqual(200);
  });

  it.each(deaths)("ends the same after $kind of write $index, $name", async (death) => {
    run = await runRelease({ ...release, first: { intercept: killAt(death) } });
    expect(run.processes.length).toBe(2);
    expect(await outcomeOf(run)).toEqual(expected);
    const unserved = death.index > served ? undisturbed.failedRequests : Number.POSITIVE_INFINITY;
    expect(run.failedRequests).toBeLessThanOrEqual(unserved);
  });
});
