/** Releases whose pods crash, hang or are taken back, on real servers. */
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/real-time.ts";
import { expectAftermath, expectRolledBackInTime } from "../support/aftermath.ts";
import { isMissing } from "../support/is-missing.ts";
import { imageOf, openScene, type Scene } from "../support/scene.ts";
import { versions } from "../support/shop.ts";
import { openSuite, type Suite } from "../support/suite.ts";

const bad = ["ReleaseStarted", "RollbackStarted", "RolledBack"] as const;
const inSecondStage = ["ReleaseStarted", "StagePassed", "RollbackStarted", "RolledBack"] as const;
const stages = [10, { weight: 25, minSeconds: 60 }, 100];

describe.skipIf(isMissing())("a release on real servers whose pods", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await openSuite();
  });

  it.concurrent("never start is given no traffic at all", async () => {
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

  it.concurrent("start and never become ready is given no traffic, and fails at its deadline", async () => {
    const spec = { progressDeadlineSeconds: 15 };
    const scene = await openScene(suite, { namespace: "hang-at-start", spec });
    await scene.push("2", { "sandbox.serin.dev/start-seconds": "600" });
    await expectAftermath(scene, {
      steps: [100, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed ProgressDeadlineExceeded"],
      told: ["Initialized", ...bad],
    });
  });

  it.concurrent("all begin to crash in a stage is rolled back", async () => {
    const scene = await openScene(suite, { namespace: "crash-all", stages });
    await scene.push("2");
    await scene.untilTraffic(25);
    const onsetAt = performance.now();
    await scene.kubectl(["annotate", "pods", "-l", "app=orders", "sandbox.serin.dev/crash=true"]);
    await expectAftermath(scene, {
      steps: [100, 0, 10, 25, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed CanaryUnready"],
      told: ["Initialized", ...inSecondStage],
      isHarmed: true,
    });
    await expectRolledBackInTime(scene, onsetAt);
  });

  it.concurrent("crash one by one in a stage is rolled back while the others still serve", async () => {
    const scene = await openScene(suite, { namespace: "crash-one", stages });
    await scene.push("2");
    await scene.untilTraffic(25);
    const onsetAt = performance.now();
    const pod = await onePod(scene);
    await scene.kubectl(["annotate", pod, "sandbox.serin.dev/crash=true"]);
    await expectAftermath(scene, {
      steps: [100, 0, 10, 25, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed CanaryCrashing"],
      told: ["Initialized", ...inSecondStage],
      isHarmed: true,
    });
    await expectRolledBackInTime(scene, onsetAt);
  });

  it.concurrent("hang one by one in a stage is rolled back once that has lasted", async () => {
    const scene = await openScene(suite, { namespace: "hang-one", stages });
    await scene.push("2");
    await scene.untilTraffic(25);
    const pod = await onePod(scene);
    await scene.kubectl(["annotate", pod, "sandbox.serin.dev/mishap=unready"]);
    await expectAftermath(scene, {
      steps: [100, 0, 10, 25, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed CanaryUnready"],
      told: ["Initialized", ...inSecondStage],
    });
    const { message = "" } = (await scene.shop.status()).release?.rollback ?? {};
    expect(message).toContain("more than 20 s");
  });

  it.concurrent("take long to become the primary's can be taken back meanwhile", async () => {
    const scene = await openScene(suite, { namespace: "taken-back", stages: [10, 100] });
    await scene.push("2", { "sandbox.serin.dev/start-seconds": "12" });
    await eventually("the primary is given the new template", 120_000, async () => {
      const { spec } = await scene.shop.deployment("primary");
      return spec.template.spec.containers[0]?.image === imageOf("orders", "2");
    });
    await scene.kubectl(["annotate", "canary", "orders", "serin.dev/abort=wrong prices"]);
    await expectAftermath(scene, {
      steps: [100, 0, 10, 100, 0],
      phase: "Failed",
      serves: "1",
      releases: ["Failed Aborted"],
      told: [
        ...(["Initialized", "ReleaseStarted", "StagePassed", "StagePassed"] as const),
        ...(["CommandDone", "RollbackStarted", "RolledBack"] as const),
      ],
    });
  });
});

async function onePod({ kubectl }: Scene): Promise<string> {
  const names = await kubectl(["get", "pods", "-l", "app=orders", "-o", "name"]);
  const [first] = names.split("\n");
  if (first === undefined || first === "") throw new Error("there is no pod of the canary");
  return first;
}
