import { describe, expect, it } from "vitest";
import type { CanarySpec } from "../../../src/api/canary-spec.ts";
import { assessChecks } from "../../../src/core/canary/checks.ts";
import { assessEvidence } from "../../../src/core/canary/evidence.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Pod, Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aPod,
  aReleasing,
  aSnapshot,
  aSpec,
  aSpecWith,
  broken,
  decideNow,
  errorRate,
  now,
  progressing,
} from "../../support/snapshots.ts";

const evidenceOf = (snapshot: Snapshot) =>
  assessEvidence(snapshot, assessChecks(snapshot, now), now);

function withPods(pods: readonly Partial<Pod>[], world: Partial<Snapshot> = {}): Snapshot {
  return aReleasing(progressing(1, "confirmed"), {
    pods: known({ canary: pods.map(aPod), primary: [aPod()] }),
    ...world,
  });
}
const crash = { container: "web", because: "CrashLoopBackOff" };

describe("evidence", () => {
  it("is none without a release, whatever the metrics say", () => {
    expect(evidenceOf(aSnapshot({ metrics: known([broken]) }))).toBeUndefined();
  });

  it("is none in a healthy release, nor while its pods are unknown", () => {
    expect(evidenceOf(withPods([{}]))).toBeUndefined();
    expect(evidenceOf(withPods([], { pods: unknown("not read yet") }))).toBeUndefined();
  });

  it("is a broken limit, since the first check beyond it, before anything of the pods", () => {
    expect(evidenceOf(withPods([{ crash }], { metrics: known([broken]) }))).toEqual({
      reason: "MetricLimitExceeded",
      message: "error-rate: 20 % of 100 requests, limit 5 %, in 3 checks in a row",
      metric: "error-rate",
      value: 20,
      limit: 5,
      detectedAt: now - 30_000,
    });
  });

  it.each([{ dryRun: true }, { onFail: "Pause" as const }])(
    "is no limit that is not to roll back: %j",
    (metric) => {
      const spec = known(aSpecWith(metric));
      const world = withPods([{}], { spec, metrics: known([broken]) });
      expect(assessSituation(world, now).evidence).toBeUndefined();
    },
  );

  it("is silence, where the spec has it fail", () => {
    const silence = errorRate({ total: 0 }, { total: 900 }, { silentSince: now - 120_000 });
    const spec = known(aSpecWith({ onNoData: "Fail" }));
    expect(evidenceOf(withPods([{}], { spec, metrics: known([silence]) }))).toMatchObject({
      reason: "MetricNoData",
      detectedAt: now - 120_000,
    });
    expect(evidenceOf(withPods([{}], { metrics: known([silence]) }))).toMatchObject({
      reason: "CanaryUnreachable",
    });
  });

  it("is a stage without a verdict, where the spec has it roll back", () => {
    const stage = {
      index: 1,
      weight: 25,
      enteredAt: ago(2_000),
      shiftedAt: ago(1_900),
      routedAt: ago(1_900),
      trafficConfirmedAt: ago(1_800),
    };
    const { analysis, ...rest } = aSpec();
    const onInconclusive = { action: "Rollback" as const };
    const world = (spec: CanarySpec) =>
      aReleasing(progressing(1, "confirmed", { release: { stage } }), {
        spec: known(spec),
        metrics: known([errorRate({ total: 4 }, { total: 12 })]),
      });
    const strict = world({ ...rest, analysis: { ...analysis, onInconclusive } });
    expect(evidenceOf(strict)).toMatchObject({
      reason: "Inconclusive",
      message: expect.stringMatching(/^no verdict within 1800 s: error-rate: 0 % of 16 requests/),
    });
    expect(decideNow(strict).rule).toBe("rollBack");
    expect(evidenceOf(world(aSpec()))).toBeUndefined();
  });

  it("is what the pods say, without numbers of a metric", () => {
    expect(evidenceOf(withPods([{}, { name: "web-2", crash }]))).toEqual({
      reason: "CanaryCrashing",
      message: "pod web-2, container web: CrashLoopBackOff",
      metric: undefined,
      value: undefined,
      limit: undefined,
      detectedAt: now,
    });
  });
});
