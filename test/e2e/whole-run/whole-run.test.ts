/**
 * What holds for everything that Serin did in this run, in every environment and whatever the tests were: runs when all
 * others have ended. Alone it has nothing to judge, and fails.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/real-time.ts";
import { isMissing } from "../support/is-missing.ts";
import { type Facts, readRun } from "../support/run-folder.ts";

/** An environment is judged and stopped while this already runs. */
const endingMs = 90_000;

describe.skipIf(isMissing("pilot-discovery"))("everything that Serin asked for", () => {
  let facts: readonly Facts[];
  beforeAll(async () => {
    await eventually("every environment has left what it saw", endingMs, () => {
      const { begun, ended } = readRun();
      return begun.length > 0 && begun.every((name) => ended.has(name));
    });
    facts = Array.from(readRun().ended.values());
  }, endingMs + 10_000);

  it("was within its roles", () => {
    expect(facts.flatMap(({ refused }) => refused)).toEqual([]);
  });

  it("wrote routes that Istio's own webhook allows, each of them", () => {
    for (const { routesWritten } of facts) expect(routesWritten).toBeGreaterThan(0);
    expect(facts.flatMap(({ routesRefused }) => routesRefused)).toEqual([]);
  });

  it("made use of every right that its roles give", () => {
    const used = new Set(facts.flatMap((one) => one.used));
    const unused = new Set(facts.flatMap(({ granted }) => granted.filter((it) => !used.has(it))));
    expect([...unused]).toEqual([]);
  });
});
