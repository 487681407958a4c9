/** Releases while nobody can be told of them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tell } from "../support/figures.ts";
import { type Fleet, openFleet } from "../support/fleet.ts";
import { isMissing } from "../support/is-missing.ts";
import { rollbackBoundMs } from "../support/promises.ts";
import { beginGoodAndBad, type Release, stageWeights } from "../support/release.ts";
import { openSuite, type Suite } from "../support/suite.ts";

describe.skipIf(isMissing("pilot-discovery"))("while Slack is down", () => {
  let suite: Suite;
  let fleet: Fleet;
  beforeAll(async () => {
    suite = await openSuite();
    fleet = await openFleet(suite);
  });
  beforeEach(() => fleet.whenWell());
  afterEach(() => {
    suite.slack.isDown = false;
  });
  afterAll(() => fleet.close());

  /** Messages, each by its heading. */
  const toldOf = ({ shop }: Release) =>
    suite.slack
      .messages(`/${shop.namespace}`)
      .map((message) => /orders: ([a-z ]+) \(/.exec(message)?.[1]);

  it("nothing is held up, and everything is told once when it is back", async () => {
    const { slack } = suite;
    const { good, bad } = await beginGoodAndBad(suite, () => {
      slack.isDown = true;
    });
    const failed = await bad.untilEnded("Failed", 60_000);
    expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed));
    await good.untilEnded("Succeeded", 90_000);
    expect(slack.refused()).toBeGreaterThan(0);
    const before = { good: toldOf(good).length, bad: toldOf(bad).length };
    slack.isDown = false;
    const backAt = performance.now();
    await bad.expectRolledBack(120_000);
    await good.expectPromoted(120_000);
    const lateMs = performance.now() - backAt;
    const stagePassed = stageWeights.map(() => "stage passed");
    expect(toldOf(good).slice(before.good)).toEqual([
      "release started",
      ...stagePassed,
      "release succeeded",
    ]);
    expect(toldOf(bad).slice(before.bad)).toEqual([
      "release started",
      "rolling back",
      "rolled back",
    ]);
    tell("Slack down for a release", { lateMs, exposedMs: bad.exposedMs() });
  });
});
