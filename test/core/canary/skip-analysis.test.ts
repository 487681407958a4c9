import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { decides, skipStages } from "../../../src/core/canary/skip-analysis.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aPod,
  aReleasing,
  aSnapshot,
  aSpec,
  broken,
  decideNow,
  failed,
  finalising,
  nextTarget,
  progressing,
  settled,
  someRoutes,
  statusAfter,
} from "../../support/snapshots.ts";

const spec = known(aSpec({ skipAnalysis: true }));

/** The status as it is once it was told that there is no bound. */
function told(before: CanaryStatus): CanaryStatus {
  const { rollbackBoundSeconds: _, ...status } = settled(before);
  const lastTransitionTime = ago(3600);
  const message = "no metric rolls a release back; crashing pods do";
  const reason = "Accepted";
  return {
    ...status,
    conditions: [{ type: "Accepted", status: "True", reason, message, lastTransitionTime }],
  };
}

const unbound = (status: CanaryStatus, world: Partial<Snapshot>): Snapshot =>
  aReleasing(status, { ...world, status: told(status) });

/** In the one stage that is left. */
const only = (routedSeconds?: number) =>
  told(
    progressing(3, "shifted", {
      release: {
        unproven: true,
        stage: {
          index: 0,
          weight: 100,
          enteredAt: ago(60),
          shiftedAt: ago(30),
          ...(routedSeconds !== undefined && { routedAt: ago(routedSeconds) }),
        },
      },
    }),
  );
const world = (routedSeconds?: number) => ({
  ...unbound(only(routedSeconds), { spec, metrics: missing("TemplateNotFound", "none") }),
});

describe("skipAnalysis", () => {
  it("leaves one stage, with all traffic", () => {
    const left = skipStages(aSnapshot({ spec }));
    expect(left.spec).toMatchObject({ value: { stages: [{ weight: 100 }] } });
    const analysed = aSnapshot();
    expect(skipStages(analysed)).toBe(analysed);
    const unread = aSnapshot({ spec: unknown("not read yet") });
    expect(skipStages(unread)).toBe(unread);
  });

  it.each([
    [false, false, true],
    [false, true, false],
    [true, false, false],
  ])("%s, and dryRun %s: the metric decides: %s", (skipAnalysis, dryRun, is) => {
    expect(decides({ skipAnalysis }, { dryRun })).toBe(is);
  });

  it("is accepted without metrics and without a bound", () => {
    const status = settled({ phase: "Initialized", canaryWeight: 0, lastPromotedHash: "good" });
    const metrics = missing("TemplateNotFound", "none");
    const after = statusAfter(aSnapshot({ spec, metrics, status }));
    expect(after).not.toHaveProperty("rollbackBoundSeconds");
    expect(after.conditions).toContainEqual(
      expect.objectContaining({ type: "Accepted", status: "True" }),
    );
  });

  it("starts a release in that stage, and says so", () => {
    const status = told({ phase: "Initialized", canaryWeight: 0, lastPromotedHash: "good" });
    expect(statusAfter(aSnapshot({ spec, status, target: known(nextTarget) }))).toMatchObject({
      phase: "Progressing",
      release: { unproven: true, stage: { index: 0, weight: 100 } },
      outbox: [
        { reason: "ReleaseStarted", message: "releasing web:2 without analysis (skipAnalysis)" },
      ],
    });
  });

  it("sends all traffic once the pods are there, whatever the metrics say", () => {
    const entered = progressing(3, "entered", {
      release: { unproven: true, stage: { index: 0, weight: 100, enteredAt: ago(9) } },
    });
    const status = entered;
    const metrics = known([broken]);
    expect(decideNow(unbound(status, { spec, metrics }))).toMatchObject({
      rule: "shiftTraffic",
      status: { canaryWeight: 100, analysis: [{ verdict: "Fail", dryRun: true }] },
    });
    const few = known({ ...nextTarget, availableReplicas: 3 });
    expect(decideNow(unbound(status, { spec, metrics, target: few })).rule).toBe("hold");
  });

  it("writes the weight without a check", () => {
    expect(decideNow({ ...world(), routes: known(someRoutes()) })).toMatchObject({
      actions: [{ kind: "SetWeight", canaryWeight: 100, direction: "Raise" }],
    });
  });

  it("promotes when the mesh has had the time to send it", () => {
    expect(decideNow(world(4))).toMatchObject({ rule: "hold", requeueAfterMs: 1000 });
    const promoted = statusAfter(world(5));
    expect(promoted).toMatchObject({
      phase: "Promoting",
      message: "every stage is passed, unproven; giving the primary the new version",
      outbox: [
        {
          reason: "StagePassed",
          message: "stage 1/1 (100 %) is passed without analysis (skipAnalysis)",
        },
        { reason: "PromotionStarted" },
      ],
    });
    expect(promoted.conditions).toContainEqual(
      expect.objectContaining({ type: "AnalysisPassed", status: "Unknown", reason: "Unproven" }),
    );
  });

  it("still fails a version that crashes", () => {
    const crash = { container: "web", because: "CrashLoopBackOff" };
    const pods = known({ canary: [aPod({ crash })], primary: [aPod()] });
    expect(statusAfter({ ...world(1), pods })).toMatchObject({
      phase: "Failed",
      history: [{ outcome: "Failed", reason: "CanaryCrashing", unproven: true }],
    });
  });

  it.each([
    [64, "hold"],
    [65, "confirmDrain"],
  ])("confirms a drain that nothing counts by time: %i s, %s", (seconds, rule) => {
    const drain = { startedAt: ago(100), routedAt: ago(seconds) };
    for (const status of [finalising({ drain }), failed({ drain })]) {
      const snapshot = unbound(status, { spec, metrics: known([]) });
      expect(decideNow({ ...snapshot, routes: known(someRoutes()) })).toMatchObject({ rule });
    }
  });

  it("calls what it promotes unproven", () => {
    const drain = { startedAt: ago(100), routedAt: ago(90) };
    const base = finalising({ drain });
    const status = base;
    const { release } = base;
    const unproven = release === undefined ? {} : { release: { ...release, unproven: true } };
    const after = statusAfter(
      unbound(
        { ...status, ...unproven },
        { spec, metrics: known([]), routes: known(someRoutes()) },
      ),
    );
    expect(after).toMatchObject({
      phase: "Succeeded",
      message: "web:2 is promoted and serves all traffic, unproven",
      history: [{ outcome: "Succeeded", unproven: true }],
    });
  });
});
