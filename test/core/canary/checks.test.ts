import { describe, expect, it } from "vitest";
import { assessChecks, whyUnread } from "../../../src/core/canary/checks.ts";
import { known, unknown } from "../../../src/core/fact.ts";
import { metricFacts } from "../../support/analysis.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  broken,
  errorRate,
  healthy,
  now,
  progressing,
  silent,
  someRoutes,
  unreadable,
  unused,
} from "../../support/snapshots.ts";

const releasing = (metric = healthy, status = progressing(1, "confirmed")) =>
  aReleasing(status, { metrics: known([metric]) });

describe("the checks of a release", () => {
  it.each([
    ["Pass", healthy],
    ["Fail", broken],
    ["Inconclusive", errorRate({ total: 4 })],
    ["Inconclusive", silent],
    ["NoData", unused],
    ["Error", unreadable],
  ])("say %s", (verdict, metric) => {
    expect(assessChecks(releasing(metric), now)).toMatchObject([{ metric: "error-rate", verdict }]);
  });

  it("are none while the spec or its metrics were not read", () => {
    expect(assessChecks(aSnapshot({ metrics: unknown("not read yet") }), now)).toEqual([]);
    expect(assessChecks(aSnapshot({ spec: unknown("not read yet") }), now)).toEqual([]);
  });

  it("leave out a metric that the spec does not name", () => {
    expect(assessChecks(aSnapshot({ metrics: known([healthy, healthy]) }), now)).toHaveLength(1);
  });

  it("pass nothing before the traffic was seen to have moved", () => {
    const [check] = assessChecks(releasing(healthy, progressing(1, "routed")), now);
    expect(check).toMatchObject({ verdict: "Inconclusive" });
  });

  it("do not expect requests where the routes send none", () => {
    const atZero = { ...releasing(silent), routes: known(someRoutes()) };
    const [check] = assessChecks(atZero, now);
    expect(check?.message).toMatch(/none are expected at weight 0/);
  });

  it("pass no latency while fresh pods warm up", () => {
    const latency = metricFacts({ ...healthy.state }, { kind: "Latency" });
    const status = (seconds: number) =>
      progressing(0, "confirmed", { release: { firstTrafficAt: ago(seconds) } });
    // Warm-up is 30 s; the blocks that decide begin 60 s ago at the earliest and 15 s ago at the latest.
    expect(assessChecks(releasing(latency, status(14)), now)).toMatchObject([
      { verdict: "Inconclusive" },
    ]);
    expect(assessChecks(releasing(healthy, status(14)), now)).toMatchObject([{ verdict: "Pass" }]);
  });

  it.each([
    ["Fail", 30],
    ["Pass", 29],
  ])("say %s of breaches since 30 s where traffic came %i s ago", (verdict, seconds) => {
    const status = progressing(1, "confirmed", {
      release: {
        firstTrafficAt: ago(seconds),
        stage: {
          index: 1,
          weight: 25,
          enteredAt: ago(200),
          shiftedAt: ago(seconds),
          trafficConfirmedAt: ago(200),
        },
      },
    });
    const metric = errorRate(
      { total: 100, bad: verdict === "Fail" ? 20 : 0 },
      { total: 900 },
      { breaches: 2, breachedAt: now - 30_000 },
    );
    expect(assessChecks(releasing(metric, status), now)).toMatchObject([{ verdict }]);
  });
});

describe("why numbers are missing", () => {
  it("is told of the metric that cannot be read, and of no other", () => {
    expect(whyUnread(assessChecks(releasing(unreadable), now))).toBe(
      "error-rate: Timeout: no answer within 5 s",
    );
    for (const metric of [healthy, broken, silent, unused])
      expect(whyUnread(assessChecks(releasing(metric), now))).toBeUndefined();
  });
});
