import { describe, expect, it } from "vitest";
import { assessAcceptance, assessTogether } from "../../../src/core/canary/acceptance.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import { metricFacts } from "../../support/analysis.ts";
import {
  aDueFreeze,
  aHeldFreeze,
  aNewcomer,
  aReleasing,
  aSnapshot,
  aSpec,
  aSpecWith,
  failed,
  progressing,
} from "../../support/snapshots.ts";

const facts = [
  "spec",
  "target",
  "selector",
  "autoscaler",
  "routes",
  "neighbours",
  "metrics",
] as const;

/** With a bound of 70 s. */
function within(seconds: number): Partial<Snapshot> {
  const rollback = { withinSeconds: seconds, canaryScaleDownDelaySeconds: 30 };
  return { spec: known(aSpec({ rollback })) };
}

describe("a spec", () => {
  it("is accepted with its rollback bound when everything was found", () => {
    expect(assessAcceptance(aSnapshot())).toEqual({
      kind: "Accepted",
      boundSeconds: 70,
      warnings: [],
    });
    expect(assessAcceptance(aNewcomer())).toEqual({
      kind: "Accepted",
      boundSeconds: 70,
      warnings: [],
    });
  });

  it("is accepted with what it is as well to know", () => {
    const neighbours = known(["PodDisruptionBudget shop/web"]);
    expect(assessAcceptance(aSnapshot({ neighbours }))).toMatchObject({
      kind: "Accepted",
      warnings: ["PodDisruptionBudget shop/web"],
    });
  });

  it.each(facts)("is pending while %s was not read", (name) => {
    expect(assessAcceptance(aSnapshot({ [name]: unknown("not read yet") }))).toEqual({
      kind: "Unknown",
      because: "not read yet",
    });
  });

  it.each(facts)("is refused with the adapter's words while %s is missing", (name) => {
    expect(assessAcceptance(aSnapshot({ [name]: missing("RouteNotFound", "add it") }))).toEqual({
      kind: "Refused",
      reason: "RouteNotFound",
      message: "add it",
    });
  });

  it("names first what stands first in the spec", () => {
    const both = {
      target: missing("TargetNotFound", "no target"),
      routes: missing("RouteNotFound", "no route"),
    };
    expect(assessAcceptance(aSnapshot(both))).toMatchObject({ reason: "TargetNotFound" });
  });

  it("is refused as unsupported for a reason that is not in the catalogue", () => {
    const snapshot = aSnapshot({ routes: missing("SomethingElse", "tcp routes") });
    expect(assessAcceptance(snapshot)).toMatchObject({ kind: "Refused", reason: "Unsupported" });
  });

  it("is refused when somebody else's Deployment has the primary's name", () => {
    const snapshot = aNewcomer({ primary: missing("PrimaryNameTaken", "rename it") });
    expect(assessAcceptance(snapshot)).toEqual({
      kind: "Refused",
      reason: "PrimaryNameTaken",
      message: "rename it",
    });
  });

  it("is refused beside an autoscaler, by its name", () => {
    const snapshot = aSnapshot({ autoscaler: known("ScaledObject web") });
    expect(assessAcceptance(snapshot)).toMatchObject({
      reason: "AutoscalerNotSupported",
      message: expect.stringContaining("ScaledObject web"),
    });
  });

  it("is refused when no metric decides", () => {
    const snapshot = aSnapshot({ spec: known(aSpecWith({ dryRun: true })) });
    expect(assessAcceptance(snapshot)).toEqual({
      kind: "Refused",
      reason: "MetricsInsufficient",
      message:
        "no metric decides: set dryRun: false on one of analysis.metrics, or skipAnalysis: true to promote without evidence",
    });
  });

  it("is refused when no metric counts requests, be it as a dry run", () => {
    const value = metricFacts({}, { kind: "Value" });
    expect(assessAcceptance(aSnapshot({ metrics: known([value]) }))).toMatchObject({
      reason: "MetricsInsufficient",
      message: expect.stringContaining("add one whose template is a ratio or a latency"),
    });
    const spec = known(aSpecWith({}, { name: "counted", dryRun: true }));
    const both = known([value, metricFacts()]);
    expect(assessAcceptance(aSnapshot({ spec, metrics: both })).kind).toBe("Accepted");
  });

  it("is accepted without a bound when a fault only pauses", () => {
    const snapshot = aSnapshot({ spec: known(aSpecWith({ onFail: "Pause" })) });
    expect(assessAcceptance(snapshot)).toEqual({
      kind: "Accepted",
      boundSeconds: undefined,
      warnings: [],
    });
  });

  it.each([
    [70, "Accepted"],
    [69, "Refused"],
  ])("that must roll back within %i s is %s", (seconds, kind) => {
    expect(assessAcceptance(aSnapshot(within(seconds)))).toMatchObject({ kind });
  });

  it("names the bound, what it may be and what to lower", () => {
    expect(assessAcceptance(aSnapshot(within(69)))).toMatchObject({
      reason: "RollbackBoundExceeded",
      message: expect.stringMatching(/70 s .* rollback\.withinSeconds 69; lower analysis\./),
    });
  });
});

describe("what several facts say together", () => {
  it("is asked beside facts that are missing", () => {
    const snapshot = aSnapshot({ ...within(69), target: missing("TargetNotFound", "no target") });
    expect(assessTogether(snapshot)).toMatchObject({ reason: "RollbackBoundExceeded" });
  });

  it("is unknown where it depends on one that is missing", () => {
    const snapshot = aSnapshot({ ...within(69), metrics: missing("TemplateNotFound", "none") });
    expect(assessTogether(snapshot)).toMatchObject({ kind: "Unknown" });
  });
});

describe("an edit that is refused during a release", () => {
  const refusal = { reason: "Invalid", message: "spec.stages: weights must rise" } as const;
  const goesOn =
    "the release under way goes on under the spec of its start, and gets no more traffic until this is mended";
  const said = (snapshot: Snapshot) => {
    const acceptance = assessAcceptance({ ...snapshot, refusal });
    return acceptance.kind === "Refused" ? acceptance.message : "";
  };

  it("says what to mend, and how the release goes on meanwhile", () => {
    const running = aReleasing(progressing(1, "confirmed"), { freeze: aHeldFreeze() });
    expect(said(running)).toBe(`${refusal.message}; ${goesOn}`);
    const long = assessAcceptance({
      ...running,
      refusal: { ...refusal, message: "x".repeat(2000) },
    });
    expect(long).toMatchObject({ message: expect.stringMatching(new RegExp(`…; ${goesOn}$`)) });
  });

  it.each([
    [
      "has no spec of its own yet",
      aReleasing(progressing(0, "entered"), { freeze: aDueFreeze({ isSaved: true }) }),
    ],
    ["is over", aReleasing(failed(), { freeze: aHeldFreeze() })],
  ])("promises nothing of a release that %s", (_, snapshot) => {
    expect(said(snapshot)).toBe(refusal.message);
  });
});
