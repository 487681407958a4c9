/** A release on real servers as somebody steers it in Argo CD: its health, its menu, and a click, by the shipped scripts. */
import { beforeAll, describe, expect, it } from "vitest";
import { luaProgram, readLuaResults } from "../../support/argocd/lua-program.ts";
import { type ActionName, readScript } from "../../support/argocd/scripts.ts";
import { eventually } from "../../support/real-time.ts";
import { expectAftermath } from "../support/aftermath.ts";
import { runGlua } from "../support/glua.ts";
import { isMissing } from "../support/is-missing.ts";
import { openScene } from "../support/scene.ts";
import type { Shop } from "../support/shop.ts";
import { openSuite, type Suite } from "../support/suite.ts";

const namespace = "by-argocd";
const path = `/apis/serin.dev/v1alpha1/namespaces/${namespace}/canaries/orders`;

/** Argo CD's side: it has the object as the API server gives it, and patches what a script has changed. */
function createArgocd({ api }: Shop) {
  const live = async (): Promise<object> => Object(await api.request({ method: "GET", path }));
  const run = async (script: string) => {
    const [result] = readLuaResults(await runGlua(luaProgram([{ script, object: await live() }])));
    if (result?.error !== undefined) throw new Error(result.error);
    return Object(result?.value);
  };
  return {
    health: async () => (await run(readScript("health.lua"))).status,
    async offers(): Promise<readonly string[]> {
      const entries = Object.entries(await run(readScript("actions/discovery.lua")));
      return entries
        .flatMap(([name, of]) => (Object(of).disabled === false ? [name] : []))
        .toSorted();
    },
    async click(action: ActionName) {
      const { metadata } = await run(readScript(`actions/${action}/action.lua`));
      const body = { metadata: { annotations: metadata.annotations } };
      await api.request({ method: "PATCH", path, patch: "merge", body });
    },
  };
}

describe.skipIf(isMissing("glua"))("a release that is steered in Argo CD", () => {
  let suite: Suite;
  beforeAll(async () => {
    suite = await openSuite();
  });

  it("shows its health, offers what would be obeyed, and goes on at a click, each counted once", async () => {
    const stages = [
      { weight: 10, minSeconds: 2 },
      { weight: 50, minSeconds: 2, approval: "Manual" },
      { weight: 100, minSeconds: 2, approval: "Manual" },
    ];
    const scene = await openScene(suite, { namespace, stages });
    const { shop } = scene;
    const argocd = createArgocd(shop);
    expect(await argocd.health()).toBe("Healthy");
    expect(await argocd.offers()).toEqual([]);

    await scene.push("2");
    await shop.until("progressing", 30_000, ({ phase }) => phase === "Progressing");
    expect(await argocd.health()).toBe("Progressing");
    for (const weight of [50, 100]) {
      const waits = ({ phase, release }: Awaited<ReturnType<Shop["status"]>>) =>
        phase === "Waiting" && release?.stage?.weight === weight;
      await shop.until(`waits before ${weight} %`, 90_000, waits);
      expect(await argocd.health()).toBe("Suspended");
      expect(await argocd.offers()).toEqual(["abort", "promote", "promoteFull"]);
      await argocd.click("promote");
      await shop.until(`enters ${weight} %`, 30_000, (status) => !waits(status));
    }
    const { commandIds } = await shop.until(
      "succeeded",
      120_000,
      ({ phase }) => phase === "Succeeded",
    );
    expect(await argocd.health()).toBe("Healthy");
    expect(commandIds).toHaveLength(2);

    await scene.push("3");
    await shop.until("waits again", 90_000, ({ phase }) => phase === "Waiting");
    await argocd.click("abort");
    const { lastCommand } = await shop.until("failed", 30_000, ({ phase }) => phase === "Failed");
    expect(lastCommand).toMatchObject({ action: "abort", outcome: "Done" });
    expect(await argocd.health()).toBe("Degraded");
    expect(await argocd.offers()).toEqual(["retry"]);
    await eventually("the abort is taken away", 15_000, async () => {
      const { metadata } = Object(await shop.api.request({ method: "GET", path }));
      return !Object.hasOwn(Object(metadata.annotations), "serin.dev/abort");
    });
    await expectAftermath(scene, {
      steps: [100, 0, 10, 50, 100, 0, 10, 0],
      phase: "Failed",
      serves: "2",
      releases: ["Failed Aborted", "Succeeded Promoted"],
      told: [
        ...(["Initialized", "ReleaseStarted", "StagePassed", "Waiting", "CommandDone"] as const),
        ...(["StagePassed", "Waiting", "CommandDone", "StagePassed", "Succeeded"] as const),
        ...(["ReleaseStarted", "StagePassed", "Waiting"] as const),
        ...(["CommandDone", "RollbackStarted", "RolledBack"] as const),
      ],
    });
  }, 300_000);
});
