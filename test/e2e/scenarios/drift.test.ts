/** Others who write what Serin routes by, on real servers: people, and tools that put back what is in git. */
import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/real-time.ts";
import { expectAftermath } from "../support/aftermath.ts";
import { startGitLoop } from "../support/git-loop.ts";
import { startGitOpsTool } from "../support/git-ops-tool.ts";
import { gitOf } from "../support/git-repository.ts";
import { isMissing } from "../support/is-missing.ts";
import { imageOf, openScene } from "../support/scene.ts";
import { openSuite, type Suite } from "../support/suite.ts";

const passed = (count: number) => Array.from({ length: count }, () => "StagePassed" as const);

describe.skipIf(isMissing())("the routes of a release on real servers", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await openSuite();
  });

  it.concurrent("are lowered at once, and lowered ones wait for who lowered them", async () => {
    const stages = [{ weight: 25, minSeconds: 12 }, 100];
    const scene = await openScene(suite, { namespace: "by-hand", stages });
    await scene.push("2");
    await scene.untilTraffic(25);
    await scene.routeByHand(60);
    await scene.untilRouted(25);
    await scene.routeByHand(5);
    await scene.shop.until("waits", 30_000, ({ waiting }) => waiting?.reason === "PausedByHand");
    expect(await scene.shop.routedWeight()).toBe(5);
    expect(await scene.serin("resume")).toMatchObject({ code: 0 });
    await expectAftermath(scene, {
      steps: [100, 0, 25, 60, 25, 5, 25, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: [
        ...(["Initialized", "ReleaseStarted", "Waiting", "CommandDone"] as const),
        ...([...passed(2), "Succeeded"] as const),
      ],
    });
    expect(await scene.shop.eventReasons()).toContain("WeightsRepaired");
  });

  it.concurrent("are their owner's in everything but the weights", async () => {
    const stages = [{ weight: 10, minSeconds: 12 }, 100];
    const scene = await openScene(suite, { namespace: "other-fields", stages });
    await scene.push("2");
    await scene.untilTraffic(10);
    await scene.belongings.edit("virtualservices", () =>
      scene.kubectl(["annotate", "virtualservice", "orders", "example.com/ticket=4711"]),
    );
    await scene.belongings.edit("virtualservices", () =>
      scene.kubectl([
        "patch",
        "virtualservice",
        "orders",
        "--type=json",
        "-p",
        JSON.stringify([
          { op: "replace", path: "/spec/http/1/timeout", value: "9s" },
          { op: "replace", path: "/spec/http/0/timeout", value: "2s" },
          {
            op: "add",
            path: "/spec/http/1/headers",
            value: { response: { set: { via: "serin" } } },
          },
        ]),
      ]),
    );
    await scene.belongings.edit("destinationrules", () =>
      scene.kubectl(["label", "destinationrule", "orders", "team=shop"]),
    );
    await scene.belongings.edit("services", () =>
      scene.kubectl(["annotate", "service", "orders", "example.com/ticket=4711"]),
    );
    await expectAftermath(scene, {
      steps: [100, 0, 10, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: ["Initialized", "ReleaseStarted", ...passed(2), "Succeeded"],
    });
    expect(await scene.shop.eventReasons()).not.toContain("WeightsRepaired");
  });

  it.concurrent("lead to the pods that they name, whoever changes the Services that Serin made", async () => {
    const scene = await openScene(suite, {
      namespace: "services-by-hand",
      form: "host",
      stages: [10, 100],
    });
    const ofCanary = ["service", "orders-canary"];
    const selector = () =>
      scene.kubectl(["get", ...ofCanary, "-o", "jsonpath={.spec.selector.app}"]);
    const wrong = JSON.stringify({ spec: { selector: { app: "nobody" } } });
    await scene.kubectl(["patch", ...ofCanary, "--type=merge", "-p", wrong]);
    const isMended = async () => (await selector()) === "orders";
    await eventually("the Service leads to the canary again", 30_000, isMended);
    await scene.push("2");
    await expectAftermath(scene, {
      steps: [100, 0, 10, 100, 0],
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: ["Initialized", "ReleaseStarted", ...passed(2), "Succeeded"],
      // In this form nobody was called before Serin had made the Services.
      isHarmed: true,
    });
  });

  it.concurrent.each(["Argo CD, client-side", "Argo CD, server-side", "Flux"] as const)(
    "are left alone by a tool that was told to: %s",
    async (tool) => {
      const namespace = `told-${tool.replaceAll(/\W+/g, "-").toLowerCase()}`;
      const scene = await openScene(suite, { namespace, stages: [10, 100] });
      // Git has them as on the day of the adoption: one write of them would be seen.
      const git = await gitOf(scene, { canaryWeight: 100, replicas: undefined });
      const loop = startGitLoop(scene, git, { tool, isTold: true, everyMs: 2_000 });
      await scene.belongings.edit("deployments", async () => {
        git.push("2");
        const hasImage = async () =>
          JSON.stringify(await scene.shop.deployment("target")).includes(imageOf("orders", "2"));
        await eventually("the tool applies the push", 30_000, hasImage);
      });
      await expectAftermath(scene, {
        steps: [100, 0, 10, 100, 0],
        phase: "Succeeded",
        serves: "2",
        releases: ["Succeeded Promoted"],
        told: ["Initialized", "ReleaseStarted", ...passed(2), "Succeeded"],
      });
      expect(await scene.shop.eventReasons()).not.toContain("WeightsRepaired");
      await loop.stop();
      expect(loop.applied()).toBeGreaterThan(0);
    },
  );

  it.concurrent("are fought over with a tool that applies git's every 5 s: people are asked", async () => {
    const stages = [{ weight: 10, minSeconds: 12 }, 100];
    const scene = await openScene(suite, { namespace: "git-ops", stages });
    const tool = await startGitOpsTool(scene, { manager: "argocd-controller", everyMs: 5_000 });
    await scene.push("2");
    const contested = await scene.shop.until(
      "contested",
      90_000,
      ({ waiting }) => waiting?.reason === "RoutesContested",
    );
    expect(contested.waiting?.message).toContain("ignoreDifferences");
    expect(contested.canaryWeight).toBe(0);
    await tool.stop();
    expect(await scene.serin("resume")).toMatchObject({ code: 0 });
    await expectAftermath(scene, {
      steps: /^100 0 (10 0 ){1,7}10 100 0$/,
      phase: "Succeeded",
      serves: "2",
      releases: ["Succeeded Promoted"],
      told: ["Initialized", "ReleaseStarted", "Stalled", "CommandDone", ...passed(2), "Succeeded"],
    });
  });
});
