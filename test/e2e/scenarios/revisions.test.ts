/** What is pushed in the midst of a release and after it, and Canaries that are deleted, on real servers. */
import { beforeAll, describe, expect, it } from "vitest";
import { canaryLabel } from "../../../src/api/names.ts";
import { eventually } from "../../support/real-time.ts";
import { expectAftermath } from "../support/aftermath.ts";
import { isMissing } from "../support/is-missing.ts";
import { expectLetGo } from "../support/let-go.ts";
import { openScene } from "../support/scene.ts";
import { startCommand } from "../support/serin-command.ts";
import { versions } from "../support/shop.ts";
import { openSuite, type Suite } from "../support/suite.ts";

const passed = (count: number) => Array.from({ length: count }, () => "StagePassed" as const);
const held = [{ weight: 10, minSeconds: 20 }, 100];

describe.skipIf(isMissing())("on real servers", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await openSuite();
  });

  it.concurrent("a push in the midst of a release takes its place", async () => {
    const namespace = "new-revision";
    const scene = await openScene(suite, { namespace, stages: held });
    await scene.push("2");
    const pipeline = startCommand(suite.environment, [
      "wait",
      "orders",
      `--namespace=${namespace}`,
    ]);
    await scene.untilTraffic(10);
    await eventually("the pipeline waits", 60_000, () => pipeline.child.log() !== "");
    await scene.push("3");
    expect(await pipeline.result()).toMatchObject({ code: 6 });
    await expectAftermath(scene, {
      steps: [100, 0, 10, 0, 10, 100, 0],
      phase: "Succeeded",
      serves: "3",
      releases: ["Succeeded Promoted", "Superseded NewRevision"],
      told: [
        ...(["Initialized", "ReleaseStarted", "Superseded", "ReleaseStarted"] as const),
        ...([...passed(2), "Succeeded"] as const),
      ],
    });
  });

  it.concurrent("a push of the promoted template ends the release", async () => {
    const scene = await openScene(suite, { namespace: "revert", stages: held });
    await scene.push("2");
    await scene.untilTraffic(10);
    await scene.push("1");
    await expectAftermath(scene, {
      steps: [100, 0, 10, 0],
      phase: "Initialized",
      serves: "1",
      releases: ["Reverted TemplateReverted"],
      told: ["Initialized", "ReleaseStarted", "Reverted"],
    });
  });

  it.concurrent("a push of a template that failed is not tried again", async () => {
    const scene = await openScene(suite, { namespace: "push-failed", stages: held });
    await scene.push("2", versions.errors);
    await scene.shop.until("failed", 60_000, ({ phase }) => phase === "Failed");
    await scene.belongings.edit("deployments", () =>
      scene.shop.patch("deployment", { spec: { revisionHistoryLimit: 5 } }),
    );
    const { metadata } = await scene.shop.deployment("target");
    const seen = await scene.shop.until(
      "the edit is seen",
      60_000,
      ({ observedTargetGeneration = 0 }) => observedTargetGeneration >= metadata.generation,
    );
    expect(seen).toMatchObject({ phase: "Failed", releases: 1 });
    await scene.push("3");
    await scene.untilTraffic(10);
    await scene.push("2", versions.errors);
    await expectAftermath(scene, {
      steps: [100, 0, 10, 0, 10, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Superseded NewRevision", "Failed MetricLimitExceeded"],
      told: [
        ...(["Initialized", "ReleaseStarted", "RollbackStarted", "RolledBack"] as const),
        ...(["ReleaseStarted", "Superseded"] as const),
      ],
      isHarmed: true,
    });
  });

  it.concurrent("only the specs of the last releases are kept", async () => {
    const scene = await openScene(suite, { namespace: "kept-specs", stages: held });
    const releases = [2, 3, 4, 5];
    for (const version of releases) {
      const stages = [{ weight: 10, minSeconds: 20 + version }, { weight: 100 }];
      await scene.shop.patch("canary", { spec: { stages } });
      await scene.push(String(version));
      await scene.shop.until("begun", 60_000, ({ phase }) => phase === "Progressing");
      await scene.push("1");
      await scene.shop.until("reverted", 60_000, ({ phase }) => phase === "Initialized");
    }
    await expectAftermath(scene, {
      steps: /^100 0( 10 0)*$/,
      phase: "Initialized",
      serves: "1",
      releases: releases.map(() => "Reverted TemplateReverted"),
      told: ["Initialized", ...releases.flatMap(() => ["ReleaseStarted", "Reverted"] as const)],
    });
    const kept = ["get", "controllerrevisions", "-l", canaryLabel, "-o", "name"];
    const names = (await scene.kubectl(kept)).trim().split("\n");
    expect(names.length).toBeLessThan(releases.length);
  });

  it.concurrent("a deleted Canary gives the workload back, and no client notices", async () => {
    const scene = await openScene(suite, { namespace: "deleted", stages: [50, 100] });
    await scene.push("2");
    await scene.shop.until("succeeded", 90_000, ({ phase }) => phase === "Succeeded");
    await scene.kubectl(["delete", "canary", "orders", "--timeout=90s"]);
    await expectLetGo(scene, {
      steps: [100, 0, 50, 100, 0, 100],
      replicas: { target: 2 },
      told: ["Initialized", "ReleaseStarted", ...passed(2), "Succeeded", "Terminating"],
    });
  });

  it.concurrent("a deleted Canary takes the routes along that were generated for it", async () => {
    const namespace = "deleted-generated";
    const scene = await openScene(suite, { namespace, form: "generate" });
    await scene.kubectl(["delete", "canary", "orders", "--timeout=90s"]);
    await expectLetGo(scene, {
      steps: [100, 0, 100],
      replicas: { target: 2 },
      told: ["Initialized", "Terminating"],
    });
  });

  it.concurrent("a Canary deleted in the midst of a release keeps the primary, which serves", async () => {
    const scene = await openScene(suite, { namespace: "deleted-early", stages: held });
    await scene.push("2");
    await scene.untilTraffic(10);
    await scene.kubectl(["delete", "canary", "orders", "--timeout=90s"]);
    await expectLetGo(scene, {
      steps: [100, 0, 10, 0],
      replicas: { target: 2, primary: 2 },
      told: ["Initialized", "ReleaseStarted", "Terminating", "Orphaned"],
    });
  });

  it.concurrent("a Canary deleted with onDeletion Orphan leaves everything as it is", async () => {
    const spec = { onDeletion: "Orphan" };
    const scene = await openScene(suite, { namespace: "orphaned", stages: held, spec });
    await scene.push("2");
    await scene.untilTraffic(10);
    await scene.kubectl(["delete", "canary", "orders", "--timeout=90s"]);
    await expectLetGo(scene, {
      steps: [100, 0, 10],
      replicas: { target: 2, primary: 2 },
      told: ["Initialized", "ReleaseStarted"],
    });
  });
});
