import { describe, expect, it } from "vitest";
import type { CanarySpec } from "../../../src/api/canary-spec.ts";
import type { MetricState } from "../../../src/core/analysis/metric-state.ts";
import { isUnusedFor, unusedSince } from "../../../src/core/canary/no-traffic.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { MetricFacts } from "../../../src/core/canary/snapshot.ts";
import { known } from "../../../src/core/fact.ts";
import { metricFacts } from "../../support/analysis.ts";
import {
  aReleasing,
  aSpec,
  aSpecWith,
  decideNow,
  now,
  progressing,
  someRoutes,
  statusAfter,
} from "../../support/snapshots.ts";

const asking = aSpec();
const promoting: CanarySpec = {
  ...asking,
  analysis: {
    ...asking.analysis,
    onNoTraffic: { action: "PromoteAfterSeconds", seconds: 120 },
  },
};
const quiet = (seconds: number, state: Partial<MetricState> = {}) =>
  metricFacts({ readAt: now, quietSince: now - 1000 * seconds, ...state });
const world = (
  metrics: readonly MetricFacts[],
  spec = promoting,
  status = progressing(1, "routed"),
) => aReleasing(status, { spec: known(spec), metrics: known(metrics) });
const situationOf = (...args: Parameters<typeof world>) => assessSituation(world(...args), now);

describe("a service that nobody calls", () => {
  it("is unused since the last metric that counts requests went quiet", () => {
    const spec = aSpecWith({}, { name: "second" }, { name: "lag" });
    const lag = metricFacts({ readAt: now }, { name: "lag", kind: "Value" });
    const second = { ...quiet(100), name: "second" };
    expect(unusedSince(situationOf([quiet(200), second, lag], spec))).toBe(now - 100_000);
    const heard = { ...quiet(100, { quietSince: undefined }), name: "second" };
    expect(unusedSince(situationOf([quiet(200), heard, lag], spec))).toBeUndefined();
    expect(unusedSince(situationOf([{ ...lag, name: "error-rate" }]))).toBeUndefined();
    expect(unusedSince(situationOf([]))).toBeUndefined();
  });

  it("is not known to be unused by old reads", () => {
    expect(unusedSince(situationOf([quiet(200, { readAt: now - 35_000 })]))).toBeDefined();
    expect(unusedSince(situationOf([quiet(200, { readAt: now - 35_001 })]))).toBeUndefined();
  });

  it.each([
    ["for less than asked", 119.999, 900, false],
    ["for as long as asked", 120, 900, true],
    ["for long, in a stage that is young", 900, 119.999, false],
    ["for long, in a stage as old as asked", 900, 120, true],
  ])("is so %s", (_, quietSeconds, stageSeconds, holds) => {
    const s = situationOf([quiet(quietSeconds)]);
    expect(isUnusedFor(s, now - 1000 * stageSeconds).holds).toBe(holds);
  });

  it("holds a release unless the spec asks for more", () => {
    expect(isUnusedFor(situationOf([quiet(9_000)], asking), 0)).toEqual({
      holds: false,
      because: "",
    });
    const held = decideNow(world([quiet(9_000)], asking));
    expect(held).toMatchObject({
      rule: "hold",
      message: "stage 2/4 (25 %): nobody calls the service; waiting for its first requests",
    });
    const entered = decideNow(world([quiet(9_000)], asking, progressing(0, "entered")));
    expect(entered).toMatchObject({
      rule: "hold",
      message: "error-rate: nobody calls the service: no requests to either version",
    });
  });

  it("passes a stage where the spec asks for it, and calls the release unproven", () => {
    expect(decideNow(world([quiet(119)]))).toMatchObject({ rule: "hold", requeueAfterMs: 1000 });
    const passed = statusAfter(world([quiet(120)]));
    expect(passed).toMatchObject({
      release: { unproven: true, stage: { index: 2 } },
      outbox: [
        {
          reason: "StagePassed",
          message:
            "stage 2/4 (25 %) is passed without evidence: nobody has called the service for 120 s (onNoTraffic)",
        },
      ],
    });
  });

  it("gets its weight, and its promotion, in the same way", () => {
    const entered = progressing(0, "entered");
    expect(decideNow(world([quiet(119)], promoting, entered)).rule).toBe("hold");
    expect(decideNow(world([quiet(120)], promoting, entered)).rule).toBe("shiftTraffic");
    const shifted = world([quiet(120)], promoting, progressing(0, "shifted"));
    expect(decideNow({ ...shifted, routes: known(someRoutes()) })).toMatchObject({
      actions: [{ kind: "SetWeight", canaryWeight: 10, direction: "Raise" }],
    });
    expect(statusAfter(world([quiet(120)], promoting, progressing(3, "routed")))).toMatchObject({
      phase: "Promoting",
      release: { unproven: true },
    });
  });

  it("stays in a stage for as long as the stage asks", () => {
    const stages = promoting.stages.map((stage) => ({ ...stage, minSeconds: 231 }));
    // Routed 230 s ago.
    expect(decideNow(world([quiet(900)], { ...promoting, stages }))).toMatchObject({
      rule: "hold",
      requeueAfterMs: 1000,
    });
  });

  it("is not passed on reads that fail", () => {
    const failure = { reason: "Timeout", message: "no answer", at: now };
    const failing = world([quiet(900, { failure, quietSince: undefined })]);
    expect(decideNow(failing).rule).toBe("hold");
  });
});
