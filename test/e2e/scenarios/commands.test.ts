/** What people ask of a release, by the `serin` command and by kubectl, on real servers. */
import { beforeAll, describe, expect, it } from "vitest";
import type { WaitingReason } from "../../../src/api/canary-status.ts";
import { expectAftermath } from "../support/aftermath.ts";
import { isMissing } from "../support/is-missing.ts";
import { openScene, type Scene } from "../support/scene.ts";
import { versions } from "../support/shop.ts";
import { openSuite, type Suite } from "../support/suite.ts";

const passed = (count: number) => Array.from({ length: count }, () => "StagePassed" as const);
/** A stage that nobody leaves but by a command. */
const long = (weight: number) => ({ weight, minSeconds: 600 });

const untilWaiting = ({ shop }: Scene, reason: WaitingReason) =>
  shop.until(reason, 60_000, ({ waiting }) => waiting?.reason === reason);

describe.skipIf(isMissing())("a person, on real servers,", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await openSuite();
  });

  it.concurrent("approves a stage that waits for it", async () => {
    const stages = [10, { weight: 50, minSeconds: 2, approval: "Manual" }, 100];
    const scene = await openScene(suite, { namespace: "approval", stages });
    await scene.push("2");
    const pipeline = await scene.serin("wait");
    expect(pipeline).toMatchObject({ code: 4, output: expect.stringContaining("approv") });
    await untilWaiting(scene, "Approval");
    expect(await scene.shop.routedWeight()).toBe(10);
    expect(await scene.serin("promote", "--by=anna")).toMatchObject({ code: 0 });
    await expectAftermath(scene, {
      steps: [100, 0, 10, 50, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: [
        ...(["Initialized", "ReleaseStarted", "StagePassed", "Waiting", "CommandDone"] as const),
        ...([...passed(2), "Succeeded"] as const),
      ],
    });
  });

  it.concurrent("lets a release leave its stage, and skips the rest of another", async () => {
    const stages = [long(10), long(25), long(50), { weight: 100, minSeconds: 2 }];
    const scene = await openScene(suite, { namespace: "promote", stages });
    await scene.push("2");
    await scene.untilTraffic(10);
    await scene.command("promote");
    await scene.untilTraffic(25);
    expect(await scene.serin("promote", "--full")).toMatchObject({ code: 0 });
    await expectAftermath(scene, {
      steps: [100, 0, 10, 25, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded PromotedByHand"],
      told: [
        "Initialized",
        "ReleaseStarted",
        "CommandDone",
        "CommandDone",
        ...passed(1),
        "Succeeded",
      ],
    });
  });

  it.concurrent("aborts a release, and tries it again", async () => {
    const scene = await openScene(suite, {
      namespace: "abort",
      stages: [{ weight: 10, minSeconds: 12 }, 100],
    });
    await scene.push("2");
    await scene.untilTraffic(10);
    await scene.kubectl(["annotate", "canary", "orders", "serin.dev/abort=wrong prices"]);
    const failed = await scene.shop.until("aborted", 30_000, ({ phase }) => phase === "Failed");
    expect(failed.release?.rollback).toMatchObject({ reason: "Aborted" });
    await scene.shop.until("off", 30_000, ({ drain }) => drain?.confirmedAt !== undefined);
    expect(await scene.serin("retry", "--reason=the prices are right now")).toMatchObject({
      code: 0,
    });
    await expectAftermath(scene, {
      steps: [100, 0, 10, 0, 10, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted", "Failed Aborted"],
      told: [
        ...([
          "Initialized",
          "ReleaseStarted",
          "CommandDone",
          "RollbackStarted",
          "RolledBack",
        ] as const),
        ...(["CommandDone", "ReleaseStarted", ...passed(2), "Succeeded"] as const),
      ],
    });
    expect((await scene.shop.canary()).metadata.annotations).not.toHaveProperty("serin.dev/abort");
  });

  it.concurrent("pauses a release and resumes it", async () => {
    const scene = await openScene(suite, {
      namespace: "pause",
      stages: [{ weight: 10, minSeconds: 12 }, 100],
    });
    await scene.push("2");
    await scene.untilTraffic(10);
    await scene.command("pause");
    const { waiting } = await untilWaiting(scene, "Paused");
    expect(waiting?.message).toContain("resume");
    expect(await scene.serin("resume")).toMatchObject({ code: 0 });
    await expectAftermath(scene, {
      steps: [100, 0, 10, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: [
        ...(["Initialized", "ReleaseStarted", "CommandDone", "Waiting", "CommandDone"] as const),
        ...([...passed(2), "Succeeded"] as const),
      ],
    });
  });

  it.concurrent("suspends a release, routes by hand, and lets it go on", async () => {
    const scene = await openScene(suite, {
      namespace: "suspend",
      stages: [{ weight: 10, minSeconds: 12 }, 100],
    });
    const suspend = (isSuspended: boolean) =>
      scene.kubectl([
        "patch",
        "canary",
        "orders",
        "--type=merge",
        "-p",
        JSON.stringify({ spec: { suspend: isSuspended } }),
      ]);
    await scene.push("2");
    await scene.untilTraffic(10);
    await suspend(true);
    await scene.shop.until("suspended", 30_000, ({ phase }) => phase === "Suspended");
    await scene.routeByHand(30);
    await scene.untilCalled(300);
    expect(await scene.shop.routedWeight()).toBe(30);
    await suspend(false);
    await expectAftermath(scene, {
      steps: [100, 0, 10, 30, 10, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: [
        ...(["Initialized", "ReleaseStarted", "Suspended", "SuspensionEnded"] as const),
        ...([...passed(2), "Succeeded"] as const),
      ],
    });
  });

  it.concurrent("waits for pushes in a pipeline, and is told how they ended", async () => {
    const scene = await openScene(suite, { namespace: "pipeline", stages: [10, 100] });
    await scene.belongings.edit("deployments", () =>
      scene.kubectl(["set", "image", "deployment/orders", "app=example.com/orders:2"]),
    );
    expect(await scene.serin("wait", "--timeout=2s")).toMatchObject({ code: 3 });
    expect(await scene.serin("wait", "--timeout=2m")).toMatchObject({ code: 0 });
    await scene.push("3", versions.errors);
    expect(await scene.serin("wait", "--timeout=2m")).toMatchObject({
      code: 1,
      output: expect.stringContaining("error-rate"),
    });
    await expectAftermath(scene, {
      steps: [100, 0, 10, 100, 0, 10, 0],
      phase: "Failed",
      serves: "2",
      releases: ["Failed MetricLimitExceeded", "Succeeded Promoted"],
      told: [
        ...(["Initialized", "ReleaseStarted", ...passed(2), "Succeeded"] as const),
        ...(["ReleaseStarted", "RollbackStarted", "RolledBack"] as const),
      ],
      isHarmed: true,
    });
  });
});
