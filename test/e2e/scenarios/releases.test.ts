/** Releases on real servers: those that are good, and those that are taken off in time. */
import { beforeAll, describe, expect, it } from "vitest";
import { expectAftermath, expectRolledBackInTime, firstAt } from "../support/aftermath.ts";
import { isMissing } from "../support/is-missing.ts";
import { openScene } from "../support/scene.ts";
import { versions } from "../support/shop.ts";
import { openSuite, type Suite } from "../support/suite.ts";

const allStages = [100, 0, 10, 25, 50, 100, 0];
const passed = (count: number) => Array.from({ length: count }, () => "StagePassed" as const);
const good = ["ReleaseStarted", ...passed(4), "Succeeded"] as const;
const bad = ["ReleaseStarted", "RollbackStarted", "RolledBack"] as const;

/** The bound holds where every check has the fewest requests that a limit asks for. */
const promised = { requestsPerSecond: 250, analysis: { intervalSeconds: 2 } };

/** As everybody gets it, at a rate that has the evidence within seconds. */
const compared = { isCompared: true, requestsPerSecond: 1_000 };

describe.skipIf(isMissing())("a release on real servers", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await openSuite();
  });

  it.concurrent("begins with a takeover that no client notices", async () => {
    const scene = await openScene(suite, { namespace: "init" });
    await expectAftermath(scene, {
      steps: [100, 0],
      phase: "Initialized",
      serves: "1",
      releases: [],
      told: ["Initialized"],
    });
    const { status } = await scene.shop.canary();
    expect(status?.conditions).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: "Ready", status: "True" })]),
    );
  });

  it.concurrent("goes through every stage and is promoted", async () => {
    const scene = await openScene(suite, { namespace: "good", ...compared });
    await scene.push("2");
    await expectAftermath(scene, {
      steps: allStages,
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: ["Initialized", ...good],
    });
  });

  it.concurrent("with errors is rolled back in its first stage", async () => {
    const scene = await openScene(suite, { namespace: "errors", ...promised, ...compared });
    await scene.push("2", versions.errors);
    await expectAftermath(scene, {
      steps: [100, 0, 10, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed MetricLimitExceeded"],
      told: ["Initialized", ...bad],
      isHarmed: true,
    });
    await expectRolledBackInTime(scene, firstAt(scene, 10));
  });

  it.concurrent("with a slow P99 is rolled back in its first stage", async () => {
    const scene = await openScene(suite, { namespace: "slow", ...promised });
    await scene.push("2", versions.slow);
    await expectAftermath(scene, {
      steps: [100, 0, 10, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed MetricLimitExceeded"],
      told: ["Initialized", ...bad],
    });
    await expectRolledBackInTime(scene, firstAt(scene, 10));
    const { analysis } = await scene.shop.status();
    expect(analysis?.find(({ name }) => name === "latency-p99")?.verdict).toBe("Fail");
  });

  it.concurrent("that never starts is given no traffic at all", async () => {
    const scene = await openScene(suite, { namespace: "crash-at-start" });
    await scene.push("2", versions.crashing);
    await expectAftermath(scene, {
      steps: [100, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed CanaryCrashing"],
      told: ["Initialized", ...bad],
    });
  });

  it.concurrent("whose pods begin to crash in a stage is rolled back", async () => {
    const stages = [10, { weight: 25, minSeconds: 60 }, 100];
    const scene = await openScene(suite, { namespace: "crash-later", stages });
    await scene.push("2");
    await scene.untilTraffic(25);
    const onsetAt = performance.now();
    await scene.kubectl(["annotate", "pods", "-l", "app=orders", "sandbox.serin.dev/crash=true"]);
    await expectAftermath(scene, {
      steps: [100, 0, 10, 25, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed CanaryUnready"],
      told: ["Initialized", "ReleaseStarted", "StagePassed", "RollbackStarted", "RolledBack"],
      isHarmed: true,
    });
    await expectRolledBackInTime(scene, onsetAt);
  });

  it.concurrent("gets copies first, then its weights", async () => {
    const mirror = { mirror: { percentage: 10, sideEffects: "None" }, minSeconds: 2 };
    const scene = await openScene(suite, { namespace: "mirror", stages: [mirror, 10, 50, 100] });
    await scene.push("2");
    await expectAftermath(scene, {
      steps: [100, 0, "mirror", 0, 10, 50, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: ["Initialized", ...good],
    });
  });

  it.concurrent("that answers copies badly fails before any client notices", async () => {
    const mirror = { mirror: { percentage: 10, sideEffects: "None" }, minSeconds: 2 };
    const scene = await openScene(suite, { namespace: "mirror-bad", stages: [mirror, 10, 100] });
    await scene.push("2", versions.errors);
    await expectAftermath(scene, {
      steps: [100, 0, "mirror", 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed MetricLimitExceeded"],
      told: ["Initialized", ...bad],
    });
  });

  it.concurrent("without analysis goes straight to all traffic", async () => {
    const spec = { skipAnalysis: true };
    const scene = await openScene(suite, { namespace: "skip-analysis", spec });
    await scene.push("2");
    await expectAftermath(scene, {
      steps: [100, 0, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: ["Initialized", "ReleaseStarted", "StagePassed", "Succeeded"],
    });
  });

  it.concurrent.each(["host", "generate"] as const)(
    "goes its way in %s form: a good version, then a bad one",
    async (form) => {
      const namespace = `form-${form}`;
      const scene = await openScene(suite, { namespace, form, stages: [10, 50, 100] });
      await scene.push("2");
      await scene.shop.until("succeeded", 120_000, ({ phase }) => phase === "Succeeded");
      await scene.push("3", versions.errors);
      const steps = [100, 0, 10, 50, 100, 0, 10, 0];
      await expectAftermath(scene, {
        steps,
        phase: "Failed",
        serves: "2",
        releases: ["Failed MetricLimitExceeded", "Succeeded Promoted"],
        told: ["Initialized", "ReleaseStarted", ...passed(3), "Succeeded", ...bad],
        isHarmed: true,
      });
    },
  );

  it.concurrent("goes its way beside another one of the same namespace and templates", async () => {
    const namespace = "side-by-side";
    const stages = [10, 50, 100];
    const [healthy, sick] = await Promise.all([
      openScene(suite, { namespace, name: "orders", stages }),
      openScene(suite, { namespace, name: "payments", stages }),
    ]);
    await Promise.all([healthy.push("2"), sick.push("2", versions.errors)]);
    await Promise.all([
      expectAftermath(healthy, {
        steps: [100, 0, 10, 50, 100, 0],
        phase: "Succeeded",
        serves: "2",
        releases: ["Succeeded Promoted"],
        told: ["Initialized", "ReleaseStarted", ...passed(3), "Succeeded"],
        neighbours: ["payments"],
      }),
      expectAftermath(sick, {
        steps: [100, 0, 10, 0],
        phase: "Failed",
        serves: "1",
        releases: ["Failed MetricLimitExceeded"],
        told: ["Initialized", ...bad],
        isHarmed: true,
        neighbours: ["orders"],
      }),
    ]);
  });
});
