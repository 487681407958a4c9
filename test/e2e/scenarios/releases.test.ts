/** Releases on real servers: those that are good, and those that are taken off in time. */
import { beforeAll, describe, expect, it } from "vitest";
import { findManifest, readManifests } from "../../support/manifests.ts";
import { expectAftermath, expectRolledBackInTime, firstAt } from "../support/aftermath.ts";
import { ownNamespace } from "../support/environment.ts";
import { isMissing } from "../support/is-missing.ts";
import { startProxy } from "../support/proxy.ts";
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
      // The slowest of its answers come after the route's timeout.
      isHarmed: true,
    });
    await expectRolledBackInTime(scene, firstAt(scene, 10));
    const { analysis } = await scene.shop.status();
    expect(analysis?.find(({ name }) => name === "latency-p99")?.verdict).toBe("Fail");
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

  it.concurrent("tells whom it can, and of whom it cannot on the Canary", async () => {
    const alerts = ["slack", "nobody"].map((name) => ({ providerRef: { name } }));
    const namespace = "not-delivered";
    const scene = await openScene(suite, { namespace, stages: [50, 100], spec: { alerts } });
    await scene.push("2");
    await expectAftermath(scene, {
      steps: [100, 0, 50, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: ["Initialized", "ReleaseStarted", ...passed(2), "Succeeded"],
    });
    const ofProblem = ["--field-selector=reason=NotDelivered", "-o", "jsonpath={.items[*].count}"];
    const counts = (await scene.kubectl(["get", "events", ...ofProblem])).split(" ").map(Number);
    // One Event for all five, or two where ten minutes ended meanwhile.
    expect(counts.length).toBeLessThanOrEqual(2);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5);
  });

  it.concurrent("is judged by templates for every team, which log in by a Secret of Serin's own", async () => {
    const guarded = await startProxy({ upstream: suite.environment.prometheus.address });
    guarded.before = ({ authorization }) => authorization === "Bearer let-me-in";
    const metrics = await createGuardedTemplates(suite, guarded.address);
    const scene = await openScene(suite, {
      namespace: "with-login",
      stages: [10, 50, 100],
      analysis: { metrics },
    });
    await scene.push("2");
    await expectAftermath(scene, {
      steps: [100, 0, 10, 50, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: ["Initialized", "ReleaseStarted", ...passed(3), "Succeeded"],
    });
    expect(guarded.requests.length).toBeGreaterThan(0);
    await guarded.close();
  });
});

/** The shipped ones by another way, and a Secret with what opens it; the metrics that they measure. */
async function createGuardedTemplates({ admin }: Suite, address: string) {
  await admin.request({
    method: "POST",
    path: `/api/v1/namespaces/${ownNamespace}/secrets`,
    body: { metadata: { name: "prometheus-login" }, stringData: { token: "let-me-in" } },
  });
  const secretRef = { name: "prometheus-login" };
  const prometheus = { address, secretRef, scrapeSeconds: 1, timeoutSeconds: 2 };
  const limits = { "istio-error-rate": 5, "istio-latency-p99": 500 };
  const shipped = readManifests("analysis-templates");
  const metrics = Object.entries(limits).map(async ([name, max]) => {
    const template = findManifest(shipped, "ClusterAnalysisTemplate", name);
    const own = `guarded-${name}`;
    await admin.request({
      method: "POST",
      path: "/apis/serin.dev/v1alpha1/clusteranalysistemplates",
      body: {
        ...template,
        metadata: { name: own },
        spec: { ...template.spec, provider: { prometheus } },
      },
    });
    const templateRef = { kind: "ClusterAnalysisTemplate", name: own };
    const limit = { max, consecutive: 2, minSamples: 20 };
    return { name: own, templateRef, limit, compare: null };
  });
  return Promise.all(metrics);
}
