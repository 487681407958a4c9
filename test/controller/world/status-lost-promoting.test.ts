/**
 * A status that is lost while the primary carries a version that is not promoted yet: it gets its earlier template
 * back, nobody is without an answer, and the version is promoted only by a release of its own.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import type { Interception, SeenRequest } from "../../support/controller-process.ts";
import { openShop, type RunningShop, untilPhase } from "../../support/running-shop.ts";
import { shopManifests } from "../../support/shop.ts";

const spec = { stages: [20, 100].map((weight) => ({ weight, minSeconds: 2 })) };
const canaries = "/apis/serin.dev/v1alpha1/namespaces/shop/canaries";
const primaryPath = "/deployments/orders-primary";

/** The write at which the controller dies. */
const deaths = {
  "after the copy, which nobody has recorded": ({ path, body }: SeenRequest): Interception =>
    path.includes(primaryPath) && body.includes("orders:2")
      ? { kind: "KillAfter" }
      : { kind: "Pass" },
  "while the primary's pods are replaced": ({ path, body }: SeenRequest): Interception =>
    path.includes("/canaries/orders/status") && body.includes('"step":"Available"')
      ? { kind: "KillAfter" }
      : { kind: "Pass" },
  "before the old template is written back": ({ path, body }: SeenRequest): Interception =>
    path.includes(primaryPath) && body.includes("orders:1")
      ? { kind: "KillBefore" }
      : { kind: "Pass" },
} as const;
type Moment = keyof typeof deaths;

/** Statuses of before, as a backup has them. */
interface Backups {
  readonly initialized: CanaryStatus;
  stage: CanaryStatus;
}

type Loss = (bed: RunningShop, backups: Backups) => Promise<void>;
const write =
  (statusOf: (backups: Backups) => CanaryStatus): Loss =>
  async ({ world }, backups) => {
    const body = [{ op: "replace", path: "/status", value: statusOf(backups) }];
    const path = `${canaries}/orders/status`;
    await world.sandbox.admin.request({ method: "PATCH", path, patch: "json", body });
  };

/** With its finalizer taken off by force, as people do at night. */
const recreate: Loss = async ({ world, shop }) => {
  const { admin } = world.sandbox;
  await shop.patch("canary", { metadata: { finalizers: null } });
  await admin.request({ method: "DELETE", path: `${canaries}/orders` });
  await world.settle();
  const manifest = shopManifests({ spec, replicas: 2 }).find(({ path }) => path === canaries);
  await admin.request({ method: "POST", path: canaries, body: manifest?.body });
};

const erased = write(() => ({}));
const cases: readonly (readonly [string, Moment, Loss])[] = [
  ["erased", "after the copy, which nobody has recorded", erased],
  ["erased", "while the primary's pods are replaced", erased],
  ["erased", "before the old template is written back", erased],
  ["one stage old", "while the primary's pods are replaced", write(({ stage }) => stage)],
  ["one release old", "while the primary's pods are replaced", write((b) => b.initialized)],
  ["of another Canary", "while the primary's pods are replaced", recreate],
  ["of another Canary", "before the old template is written back", recreate],
];

describe("a status that is lost in the middle of a promotion", () => {
  let bed: RunningShop;
  afterEach(() => bed.world.close());

  it.each(cases)("%s, %s: nothing unproven is promoted", async (_, moment, lose) => {
    bed = await openShop({
      replicas: 2,
      spec,
      podStartMs: { min: 3_000, max: 3_000 },
      controller: { intercept: deaths[moment] },
    });
    const { world, shop, process } = bed;
    const status = await shop.status();
    const backups: Backups = { initialized: status, stage: status };
    const clients = world.sandbox.mesh.countClients("orders.shop");
    await shop.push("2");
    await world.until("the moment", () => dieOrPushAgain(bed, backups), 120_000);
    expect(process.isDead()).toBe(true);
    expect(await primaryImage(bed)).toBe("example.com/orders:2");
    await lose(bed, backups);
    await world.startController();
    await world.until(
      "restored",
      async () => (await primaryImage(bed)) === "example.com/orders:1",
      30_000,
    );
    await untilPhase(bed, "Progressing", 60_000);
    expect(await shop.status()).toMatchObject({ release: { stage: { index: 0 } } });
    await untilPhase(bed, "Succeeded", 180_000);
    await world.advance(5_000);
    expect(clients.stats().failed).toBe(0);
    const image = (await shop.deployment("target")).spec.template.spec.containers[0]?.image;
    expect(await primaryImage(bed)).toBe(image);
    expect((await shop.deployment("primary")).metadata.labels).not.toHaveProperty([
      "serin.dev/restore-hash",
    ]);
    expect((await shop.status()).history?.[0]).toMatchObject({ outcome: "Succeeded" });
  });

  /** A push while the pods are replaced is what the old template is written back for. */
  async function dieOrPushAgain({ shop, process }: RunningShop, backups: Backups) {
    if (process.isDead()) return true;
    const status = await shop.status();
    const { stage, promotion } = status.release ?? {};
    if (stage?.index === 0 && stage.trafficConfirmedAt !== undefined) backups.stage = status;
    if (promotion?.step === "Available") await shop.push("3");
    return false;
  }
});

async function primaryImage({ shop }: RunningShop): Promise<string | undefined> {
  return (await shop.deployment("primary")).spec.template.spec.containers[0]?.image;
}
