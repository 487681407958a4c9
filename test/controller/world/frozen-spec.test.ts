/** A release is held to the spec and the templates of its start; what is edited meanwhile acts with the next one. */
import { afterEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { command } from "../../support/commanding.ts";
import { decodeNames } from "../../support/decode.ts";
import {
  openShop,
  type RunningShop,
  untilPhase,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";
import { breakPods } from "../../support/shop-faults.ts";

const revisions = "/apis/apps/v1/namespaces/shop/controllerrevisions";
const templates = "/apis/serin.dev/v1alpha1/namespaces/shop/analysistemplates";
const stages = (...weights: readonly number[]) => ({
  stages: weights.map((weight) => ({ weight, minSeconds: 2 })),
});

describe("a release", () => {
  let bed: RunningShop;
  afterEach(() => bed.world.close());

  async function release(weight = 10): Promise<void> {
    bed = await openShop({ spec: stages(10, 50, 100) });
    await bed.shop.push("2");
    await untilRouted(bed, weight, 60_000);
  }

  const remove = (path: string) => bed.world.sandbox.admin.request({ method: "DELETE", path });
  const specsKept = async () =>
    decodeNames(await bed.world.sandbox.admin.request({ method: "GET", path: revisions })).filter(
      (name) => name.includes("-spec-"),
    );

  it("names the ControllerRevision that it is held to, which its Canary owns", async () => {
    await release();
    const { specRevision = "" } = (await bed.shop.status()).release ?? {};
    const path = `${revisions}/${specRevision}`;
    const found = JSON.stringify(await bed.world.sandbox.admin.request({ method: "GET", path }));
    expect(found).toContain('"serin.dev/revision-of":"spec"');
    expect(found).toContain('"kind":"Canary","name":"orders"');
    expect(found).toContain("istio_requests_total");
  });

  it("keeps its stages when they are edited, and the next one has the new ones", async () => {
    await release();
    await bed.shop.patch("canary", { spec: stages(20, 100) });
    await bed.world.settle();
    expect(accepted(await bed.shop.status())).toMatchObject({
      status: "True",
      message: expect.stringContaining("the edited spec takes effect with the next release"),
    });
    await untilRouted(bed, 50, 60_000);
    await untilPhase(bed, "Succeeded", 120_000);
    expect(await bed.shop.eventReasons()).toContain("SpecEditDeferred");
    await bed.shop.push("3");
    await untilRouted(bed, 20, 60_000);
    expect(accepted(await bed.shop.status())?.message).toMatch(
      /^a fault beyond a limit is rolled back within \d+ s$/,
    );
    await untilPhase(bed, "Succeeded", 120_000);
  });

  it("goes on as if nothing had happened when its templates are edited or deleted", async () => {
    await release();
    const body = { spec: { ratio: { total: "no_such_total", bad: "no_such_bad" } } };
    await bed.world.sandbox.admin.request({
      method: "PATCH",
      path: `${templates}/errors`,
      patch: "merge",
      body,
    });
    await remove(`${templates}/p99`);
    await bed.world.settle();
    expect(accepted(await bed.shop.status())?.status).toBe("True");
    await untilPhase(bed, "Succeeded", 120_000);
    // At rest the spec counts as it is now.
    await bed.world.advance(40_000);
    expect(accepted(await bed.shop.status())).toMatchObject({ reason: "TemplateInvalid" });
  });

  it("is rolled back by its own templates and limits, whatever is edited", async () => {
    await release(50);
    await bed.world.advance(2_000);
    await remove(`${templates}/errors`);
    await bed.shop.patch("canary", { spec: { rollback: { withinSeconds: 5 } } });
    await bed.world.settle();
    expect(accepted(await bed.shop.status())).toMatchObject({
      status: "False",
      message: expect.stringContaining("goes on under the spec of its start"),
    });
    await command(bed.shop, "promote");
    await bed.world.settle();
    expect(await bed.shop.status()).toMatchObject({
      lastCommand: { outcome: "Refused", message: expect.stringContaining("mend it first") },
    });
    await breakPods(bed.world, "2");
    await untilRouted(bed, 0, 20_000);
    await untilRolledBack(bed, 60_000);
  });

  it("is gone on with by whoever takes over, under the spec of its start", async () => {
    await release();
    bed.process.kill();
    await bed.shop.patch("canary", { spec: stages(30, 100) });
    await remove(`${templates}/errors`);
    await bed.world.startController({ identity: "next" });
    await untilRouted(bed, 50, 60_000);
    await untilPhase(bed, "Succeeded", 120_000);
    expect((await bed.shop.status()).history?.[0]?.outcome).toBe("Succeeded");
  });

  it("has its spec written down again when somebody deletes it", async () => {
    await release();
    const before = await specsKept();
    for (const name of before) await remove(`${revisions}/${name}`);
    await bed.world.settle();
    expect(await specsKept()).toEqual(before);
    await untilPhase(bed, "Succeeded", 120_000);
    expect(await bed.shop.eventReasons()).not.toContain("SpecRevisionLost");
  });

  it("starts again at its first stage when nobody knows its spec any more", async () => {
    await release(50);
    bed.process.kill();
    for (const name of await specsKept()) await remove(`${revisions}/${name}`);
    await bed.shop.patch("canary", { spec: stages(20, 100) });
    await bed.world.startController({ identity: "next" });
    await untilRouted(bed, 20, 60_000);
    await untilPhase(bed, "Succeeded", 120_000);
    expect(await bed.shop.eventReasons()).toContain("SpecRevisionLost");
  });

  it("that is superseded takes its traffic off the routes it had, whatever the spec names by now", async () => {
    await release(50);
    await bed.shop.patch("canary", {
      spec: { ...stages(30, 100), routing: { istio: { virtualServices: [{ name: "moved" }] } } },
    });
    await bed.world.settle();
    await bed.shop.push("3");
    await bed.world.settle();
    expect(await bed.shop.routedWeight()).toBe(0);
    expect(accepted(await bed.shop.status())).toMatchObject({ reason: "VirtualServiceNotFound" });
    await bed.world.advance(60_000);
    expect(await bed.shop.routedWeight()).toBe(0);
    await bed.shop.patch("canary", {
      spec: { routing: { istio: { virtualServices: [{ name: "orders" }] } } },
    });
    await untilRouted(bed, 30, 60_000);
    await untilPhase(bed, "Succeeded", 120_000);
  });
});

function accepted({ conditions }: CanaryStatus) {
  return conditions?.find(({ type }) => type === "Accepted");
}
