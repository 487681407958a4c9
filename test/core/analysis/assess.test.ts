import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assessMetric } from "../../../src/core/analysis/assess.ts";
import type { AssessInput } from "../../../src/core/analysis/assess-input.ts";
import type { Counts } from "../../../src/core/analysis/measure.ts";
import type { MetricState } from "../../../src/core/analysis/metric-state.ts";
import {
  blocksUntil,
  latency,
  metricFacts,
  possibleCounts,
  ratio,
} from "../../support/analysis.ts";

const now = 600_000;
const limit = { max: 5, consecutive: 2, minSamples: 20 };
const patient = { routedSince: 0, failsAfterSilenceMs: undefined };

/** A check of an error rate whose newest block ended 2 s ago. */
function assess(
  canary: readonly Counts[],
  input: Partial<AssessInput> = {},
  state: Partial<MetricState> = {},
) {
  const blocks = blocksUntil(
    now - 2000,
    canary.map((counts) => [counts, ratio(90, 1)]),
  );
  return assessMetric({
    facts: metricFacts({ blocks, ...state }),
    limit,
    intervalSeconds: 15,
    evidenceFrom: 0,
    canaryMayBeSilent: false,
    ...patient,
    now,
    ...input,
  });
}

describe("a check", () => {
  it("passes on enough good requests", () => {
    expect(assess([ratio(340, 7)])).toEqual({
      metric: "error-rate",
      verdict: "Pass",
      message: "2.06 % of 340 requests, limit 5 %",
      canaryValue: 700 / 340,
      stableValue: 100 / 90,
      limit: 5,
      samples: 340,
      failure: undefined,
      compared: undefined,
      isHeld: false,
      breaches: 0,
      breachedAt: undefined,
      isShared: false,
      fresh: true,
      query: undefined,
      at: 598_000,
    });
  });

  it.each([
    ["passes on exactly minSamples", [ratio(20)], "Pass", "0 % of 20 requests, limit 5 %"],
    [
      "waits with one fewer, and says how long",
      [ratio(19)],
      "Inconclusive",
      "0 % of 19 requests, limit 5 %; needs 1 more canary request, about 1 s",
    ],
    ["passes at the limit", [ratio(100, 5)], "Pass", "5 % of 100 requests, limit 5 %"],
    [
      "waits beyond it, when that is not sure",
      [ratio(100, 6)],
      "Inconclusive",
      "6 % of 100 requests, limit 5 %; beyond it, but not surely",
    ],
    [
      "collects requests over more than a minute",
      [ratio(4), ratio(4), ratio(4), ratio(4), ratio(4)],
      "Pass",
      "0 % of 20 requests, limit 5 %",
    ],
    [
      "says no to a silent canary",
      [ratio(100), ratio(0), ratio(0), ratio(0)],
      "Inconclusive",
      "no canary requests in the last 35 s",
    ],
    ["knows nothing without blocks", [], "NoData", "nothing was read yet"],
  ] as const)("%s", (_name, canary, verdict, message) => {
    expect(assess(canary)).toMatchObject({ verdict, message });
  });

  it("does not miss canary requests at weight 0", () => {
    expect(assess([ratio(0)], { canaryMayBeSilent: true })).toMatchObject({
      verdict: "Inconclusive",
      message: "no canary requests, and none are expected at weight 0",
      canaryValue: undefined,
      samples: 0,
    });
  });

  it.each([
    [
      "fails at as many breaches as the limit asks for",
      2,
      "Fail",
      "21 % of 100 requests, limit 5 %, in 2 checks in a row",
    ],
    [
      "waits at one fewer",
      1,
      "Inconclusive",
      "21 % of 100 requests, limit 5 %; surely beyond it in 1 of 2 checks",
    ],
  ])("%s", (_name, breaches, verdict, message) => {
    const check = assess([ratio(100, 21)], {}, { breaches, breachedAt: 500_000 });
    expect(check).toMatchObject({
      verdict,
      message,
      canaryValue: 21,
      breaches,
      breachedAt: 500_000,
    });
  });

  it("does not pass on good requests while the latest judged block was a breach", () => {
    expect(assess([ratio(100)], {}, { breaches: 1 })).toMatchObject({
      verdict: "Inconclusive",
      message: "0 % of 100 requests, limit 5 %; surely beyond it in 1 of 2 checks",
    });
  });

  it.each([
    ["counts blocks that start with the evidence", 568_000, "Pass"],
    ["counts no earlier ones", 568_001, "Inconclusive"],
    ["counts none before evidence is asked for", undefined, "Inconclusive"],
  ])("%s", (_name, evidenceFrom, verdict) => {
    const check = assess([ratio(100), ratio(10), ratio(10)], { evidenceFrom });
    expect(check.verdict).toBe(verdict);
  });

  it("says what was seen before any evidence counts", () => {
    expect(assess([ratio(100)], { evidenceFrom: undefined }).message).toBe(
      "0 % of 100 requests, limit 5 %; not counted as evidence yet",
    );
  });

  it("is an error when the latest read failed, whatever older blocks say", () => {
    const failure = { reason: "Timeout", message: "no answer in 5 s", at: 599_000 };
    expect(assess([ratio(100)], {}, { failure })).toMatchObject({
      verdict: "Error",
      message: "Timeout: no answer in 5 s",
      at: 599_000,
    });
  });

  it("still fails when a read fails after the deciding breach", () => {
    const failure = { reason: "Timeout", message: "no answer in 5 s", at: 599_000 };
    expect(assess([ratio(100, 50)], {}, { failure, breaches: 2 }).verdict).toBe("Fail");
  });

  it.each([
    ["is fresh up to two intervals and a timeout", 35_000, true, "Pass"],
    ["is stale after", 35_001, false, "Error"],
  ])("%s", (_name, age, fresh, verdict) => {
    const at = now - 2000 + age;
    expect(assess([ratio(100)], { now: at })).toMatchObject({ fresh, verdict });
  });

  it.each([
    ["has data while the newest block is that young", 35_000, "Pass"],
    ["has none after, though reads go on", 35_001, "NoData"],
  ])("%s", (_name, age, verdict) => {
    const at = now - 2000 + age;
    expect(assess([ratio(100)], { now: at }, { readAt: at }).verdict).toBe(verdict);
  });

  it("goes by the scrape interval where that is longer", () => {
    const blocks = blocksUntil(now - 120_000, [[ratio(100), ratio(900)]]);
    const input = {
      ...patient,
      limit,
      intervalSeconds: 15,
      evidenceFrom: 0,
      canaryMayBeSilent: false,
      now,
    };
    const slow = metricFacts({ blocks }, { scrapeSeconds: 60 });
    expect(assessMetric({ ...input, facts: slow }).verdict).toBe("Pass");
  });
});

describe("a check that fails", () => {
  it("shows the requests that proved it, however long ago the quiet service had them", () => {
    const provenBy = { startAt: 0, endAt: now - 2000, canary: ratio(20, 9), stable: ratio(180) };
    const state = { breaches: 2, provenBy };
    expect(assess([ratio(3, 1)], {}, state)).toMatchObject({
      verdict: "Fail",
      message: "45 % of 20 requests, limit 5 %, in 2 checks in a row",
      canaryValue: 45,
      samples: 20,
    });
  });
});

describe("a check of a canary that nobody hears of", () => {
  const since = now - 120_000;
  const silentFor = (input: Partial<AssessInput>, state: Partial<MetricState> = {}) =>
    assess(
      [ratio(0)],
      { failsAfterSilenceMs: 120_000, ...input },
      { silentSince: since, ...state },
    );

  it("fails once it was silent under traffic for as long as is tolerated", () => {
    expect(silentFor({ now: now - 1 }).verdict).toBe("Inconclusive");
    expect(silentFor({})).toMatchObject({
      verdict: "Fail",
      failure: "MetricNoData",
      message: "no data on the new version for 2 min, while the provider answers",
      breachedAt: since,
    });
  });

  it.each<[string, Partial<AssessInput>, Partial<MetricState>, string]>([
    ["does not where nobody asked for it", { failsAfterSilenceMs: undefined }, {}, "Inconclusive"],
    ["does not at weight 0", { canaryMayBeSilent: true }, {}, "Inconclusive"],
    ["does not before traffic was routed", { routedSince: undefined }, {}, "Inconclusive"],
    ["counts from the routing", { routedSince: since + 1 }, {}, "Inconclusive"],
    [
      "does not while the provider fails",
      {},
      { failure: { reason: "Timeout", message: "5 s", at: now } },
      "Error",
    ],
    ["does not while it is heard", {}, { silentSince: undefined }, "Inconclusive"],
  ])("%s", (_, input, state, verdict) => {
    expect(silentFor(input, state).verdict).toBe(verdict);
  });
});

describe("a check of a latency", () => {
  const p99 = (canary: Counts, max = 500) =>
    assessMetric({
      facts: metricFacts(
        { blocks: blocksUntil(now, [[canary, latency(900, { 250: 900 })]]) },
        { name: "latency-p99", kind: "Latency", unit: "ms" },
      ),
      limit: { ...limit, max },
      intervalSeconds: 15,
      evidenceFrom: 0,
      ...patient,
      canaryMayBeSilent: false,
      now,
    });

  it("passes below the limit", () => {
    expect(p99(latency(100, { 250: 98, 500: 100 }))).toMatchObject({
      verdict: "Pass",
      message: "P99 375 ms of 100 requests, limit 500 ms",
    });
  });

  it("says when the value lies beyond the histogram", () => {
    expect(p99(latency(100, { 250: 50, 500: 98 }))).toMatchObject({
      verdict: "Inconclusive",
      message: "P99 > 500 ms of 100 requests, limit 500 ms; beyond it, but not surely",
    });
  });

  it("never passes when the histogram cannot show that the limit holds", () => {
    expect(p99(latency(100, { 250: 50, 500: 98 }), 800)).toMatchObject({
      verdict: "Inconclusive",
      message:
        "P99 > 500 ms of 100 requests, limit 800 ms; the histogram's bounds end below the limit",
    });
  });
});

describe("any check", () => {
  const blocks = fc.array(fc.tuple(possibleCounts("Ratio", 80), possibleCounts("Ratio")), {
    maxLength: 8,
  });
  const instant = fc.option(fc.nat(700_000), { nil: undefined });
  const failures = fc.option(
    fc.record({ reason: fc.string(), message: fc.string(), at: fc.nat(700_000) }),
    { nil: undefined },
  );

  it("is total, finite, and never passes on bad news or fails without it", () => {
    fc.assert(
      fc.property(
        fc.tuple(blocks, instant, instant, failures),
        fc.nat(3),
        fc.boolean(),
        ([arms, readAt, evidenceFrom, failure], breaches, canaryMayBeSilent) => {
          const facts = metricFacts({
            blocks: blocksUntil(now, arms),
            readAt,
            failure,
            breaches: arms.length === 0 ? 0 : breaches,
          });
          const input = {
            ...patient,
            limit,
            intervalSeconds: 15,
            evidenceFrom,
            canaryMayBeSilent,
            now,
          };
          const check = assessMetric({ ...input, facts });
          for (const value of [check.canaryValue, check.stableValue, check.samples]) {
            expect(value === undefined || Number.isFinite(value)).toBe(true);
          }
          expect(check.verdict === "Fail").toBe(facts.state.breaches >= limit.consecutive);
          if (check.verdict !== "Pass") return;
          expect(check).toMatchObject({ fresh: true, breaches: 0 });
          expect(failure).toBeUndefined();
          expect(evidenceFrom).toBeDefined();
          expect(check.samples).toBeGreaterThanOrEqual(limit.minSamples);
          expect(check.canaryValue).toBeLessThanOrEqual(limit.max);
        },
      ),
    );
  });
});
