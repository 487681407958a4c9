/**
 * Releases that begin with copies of requests, with the controller killed at every write of status and routes from their start on: whoever
 * takes over ends them the same, and no copy is sent for longer than somebody wants it.
 */
import { afterEach, describe, expect, it } from "vitest";
import {
  type Death,
  deathsOf,
  expectRaisesOnEvidence,
  killAt,
  outcomeOf,
  type Run,
  type RunOptions,
  runRelease,
  worksOf,
} from "../../support/release-run.ts";

const stages = [
  { mirror: { percentage: 10, sideEffects: "None" }, minSeconds: 2 },
  { weight: 50, minSeconds: 2 },
  { weight: 100, minSeconds: 2 },
];
const release = (version: RunOptions["version"], death?: Death) =>
  runRelease({
    version,
    shop: { replicas: 2, spec: { stages } },
    ...(death !== undefined && { first: { intercept: killAt(death) } }),
  });

/** Up to where the first live requests follow, what comes after is as in releases without copies. */
async function lifeOf(version: RunOptions["version"]) {
  const run = await release(version);
  const bodies = worksOf(run).map(({ body }) => body);
  const started = bodies.findIndex((body) => body.includes('"phase":"Progressing"'));
  // Until then it is the same as a good one.
  const rolledBack = bodies.findIndex((body) => body.includes('"rolling back: '));
  const from = version === "good" ? started : rolledBack - 1;
  const weighed = bodies.findIndex((body) => body.includes('"weight":50,"enteredAt"'));
  const to = weighed === -1 ? bodies.length : weighed + 4;
  // Routes and status are what a successor goes by; before a write of status it is as after the write before.
  const deaths = deathsOf(run).filter(
    ({ index, kind, name }) =>
      index >= from &&
      index <= to &&
      (name.includes("virtualservices") || (kind === "KillAfter" && name.includes("status"))),
  );
  const expected = await outcomeOf(run);
  await run.world.close();
  return { deaths, expected };
}

const good = await lifeOf("good");
const bad = await lifeOf("bad");

let run: Run | undefined;
afterEach(() => run?.world.close());

async function expectNoCopies(): Promise<void> {
  expect(JSON.stringify((await run?.shop.virtualService())?.spec)).not.toContain("mirror");
}

describe("a good release that begins with copies", () => {
  it.each(good.deaths)("ends the same after $kind of write $index, $name", async (death) => {
    run = await release("good", death);
    expect(run.processes.length).toBe(2);
    expect(await outcomeOf(run)).toEqual(good.expected);
    expectRaisesOnEvidence(run.processes);
    await expectNoCopies();
    expect(run.failedRequests).toBe(0);
  });
});

describe("a bad release that begins with copies", () => {
  it.each(bad.deaths)("ends the same after $kind of write $index, $name", async (death) => {
    run = await release("bad", death);
    expect(run.processes.length).toBe(2);
    expect(await outcomeOf(run)).toEqual(bad.expected);
    await expectNoCopies();
    expect(run.failedRequests).toBe(0);
  });
});
