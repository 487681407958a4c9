/**
 * An initialisation that generates Service, DestinationRule and VirtualService, with the controller killed at every
 * write of one of them: whoever takes over makes what is missing, and nothing twice.
 */
import { afterEach, describe, expect, it } from "vitest";
import {
  type Death,
  deathsOf,
  killAt,
  outcomeOf,
  type Run,
  runRelease,
  worksOf,
} from "../../support/release-run.ts";

const stages = [{ weight: 100, minSeconds: 2 }];
const release = (death?: Death) =>
  runRelease({
    version: "good",
    shop: { form: "generate", hasService: false, replicas: 2, spec: { stages } },
    ...(death !== undefined && { first: { intercept: killAt(death) } }),
  });

const undisturbed = await release();
const expected = await outcomeOf(undisturbed);
const started = worksOf(undisturbed).findIndex(({ body }) =>
  body.includes('"phase":"Progressing"'),
);
const deaths = deathsOf(undisturbed).filter(
  ({ index, name }) => index < started && /services|rules/.test(name),
);
await undisturbed.world.close();

describe("an initialisation that generates routes", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  it("ends as it must when nobody dies", () => {
    expect(expected).toMatchObject({ phase: "Succeeded", services: ["orders"] });
    expect(undisturbed.failedRequests).toBe(0);
  });

  it.each(deaths)("ends the same after $kind of write $index, $name", async (death) => {
    run = await release(death);
    expect(run.processes.length).toBe(2);
    expect(await outcomeOf(run)).toEqual(expected);
    expect(run.failedRequests).toBe(0);
  });
});
