/** Others who write what Serin writes: people who edit the weights of a release, and tools that set them again and again. */
import { afterEach, describe, expect, it } from "vitest";
import { editWeights, virtualServicePath, writeWeights } from "../../support/route-edits.ts";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../../support/running-shop.ts";

describe("weights that somebody else writes", () => {
  let open: RunningShop | undefined;
  afterEach(async () => {
    await open?.world.close();
    open = undefined;
  });

  /** A shop in its second stage, at 25 %. */
  async function atQuarter(minSeconds = 4): Promise<RunningShop> {
    const stages = [10, 25, 50, 100].map((weight) => ({ weight, minSeconds }));
    open = await openShop({ replicas: 2, requestsPerSecond: 100, spec: { stages } });
    await open.shop.push("2");
    await untilRouted(open, 25, 60_000);
    await open.world.until(
      "confirmed",
      async () => (await open?.shop.status())?.release?.stage?.trafficConfirmedAt !== undefined,
      30_000,
    );
    return open;
  }

  it.each([5, 0])(
    "by a person, down to %i, pause the release until it is resumed",
    async (weight) => {
      const bed = await atQuarter();
      const { world, shop } = bed;
      await editWeights(bed, weight, "kubectl-edit");
      await world.settle();
      expect(await shop.status()).toMatchObject({
        phase: "Waiting",
        waiting: { reason: "PausedByHand" },
        canaryWeight: weight,
      });
      await world.advance(60_000);
      expect(await shop.routedWeight()).toBe(weight);
      expect((await shop.status()).phase).toBe("Waiting");
      await resume(bed);
      await untilPhase(bed, "Succeeded", 150_000);
    },
  );

  it("by a person, up, are lowered at once, also while the release waits", async () => {
    const bed = await atQuarter();
    const { world, shop } = bed;
    await editWeights(bed, 5, "kubectl-edit");
    await world.settle();
    await editWeights(bed, 80, "kubectl-edit");
    await world.settle();
    expect(await shop.routedWeight()).toBe(5);
    expect((await shop.status()).drift?.repairedAt).toHaveLength(1);
  });

  it("are no reason to wait where only a timeout or an annotation is edited", async () => {
    const bed = await atQuarter();
    const { world, shop } = bed;
    const { spec } = await shop.virtualService();
    const http = spec.http.map((rule) => ({ ...rule, timeout: "9s" }));
    const query = { fieldManager: "kubectl-edit" };
    const body = { metadata: { annotations: { "example.com/note": "hello" } }, spec: { http } };
    const request = { method: "PATCH", path: virtualServicePath, patch: "merge", query } as const;
    await world.sandbox.admin.request({ ...request, body });
    await untilPhase(bed, "Succeeded", 150_000);
    expect((await shop.status()).drift).toBeUndefined();
    expect(JSON.stringify((await shop.virtualService()).spec.http)).toContain('"timeout":"9s"');
  });

  it("by a GitOps tool, once, are set again after a fresh check", async () => {
    const bed = await atQuarter();
    await editWeights(bed, 5, "argocd-controller");
    await untilRouted(bed, 25, 10_000);
    expect((await bed.shop.status()).drift).toMatchObject({ manager: "argocd-controller" });
    await untilPhase(bed, "Succeeded", 150_000);
  });

  it.each([
    ["good", "Apply", {}],
    ["good", "Update", {}],
    ["bad", "Apply", { "sandbox.serin.dev/error-percent": "50" }],
  ] as const)(
    "by a GitOps tool every 5 s (%s version, %s) end with the promoted version serving all",
    async (version, how, annotations) => {
      open = await openShop({ replicas: 2, requestsPerSecond: 100 });
      const bed = open;
      const { world, shop } = bed;
      await shop.push("2", annotations);
      for (let second = 0; second < 40; second += 5) {
        await world.advance(5_000);
        await writeWeights(bed, 0, { manager: "argocd-controller", how });
      }
      const clients = world.sandbox.mesh.countClients("orders.shop");
      await world.advance(20_000);
      const { byWorkload, requests, failed } = clients.stats();
      expect(byWorkload["orders-primary"]?.requests).toBe(requests);
      expect(failed).toBe(0);
      const status = await shop.status();
      const stalled = status.conditions?.find(({ type }) => type === "Stalled");
      expect(stalled?.status).toBe("True");
      expect([status.phase, stalled?.reason]).toEqual(
        version === "good" ? ["Waiting", "RoutesContested"] : ["Failed", "ReleaseFailed"],
      );
    },
  );

  it("go on once the tool leaves them alone and somebody resumes", async () => {
    const bed = await atQuarter(30);
    const { world, shop } = bed;
    for (let round = 0; round < 7; round += 1) {
      await writeWeights(bed, 60, { manager: "kustomize-controller", how: "Apply" });
      await world.advance(5_000);
    }
    const status = await shop.status();
    expect(status).toMatchObject({ phase: "Waiting", canaryWeight: 0 });
    expect(status.waiting?.message).toContain("in the Flux Kustomization, spec.ignore");
    expect(await shop.eventReasons()).toContain("Stalled");
    await resume(bed);
    await untilRouted(bed, 10, 30_000);
  });

  it("are fought over with the target idle: it never gets more than a moment's traffic", async () => {
    open = await openShop({ replicas: 2, requestsPerSecond: 100 });
    const bed = open;
    const { world, shop } = bed;
    for (let round = 0; round < 8; round += 1) {
      await writeWeights(bed, 100, { manager: "argocd-controller", how: "Apply" });
      await world.settle();
      expect(await shop.routedWeight()).toBe(0);
      await world.advance(5_000);
    }
    const stalled = (await shop.status()).conditions?.find(({ type }) => type === "Stalled");
    expect(stalled).toMatchObject({ status: "True", reason: "RoutesContested" });
    expect(stalled?.message).toContain("ignoreDifferences");
    await world.advance(640_000);
    const later = (await shop.status()).conditions?.find(({ type }) => type === "Stalled");
    expect(later?.status).toBe("False");
  });

  it("leave an idle target its pods after three corrections, and releases go on", async () => {
    open = await openShop({ replicas: 2, requestsPerSecond: 100 });
    const bed = open;
    const { world, shop } = bed;
    for (let round = 0; round < 4; round += 1) {
      await shop.patch("deployment", { spec: { replicas: 2 } });
      await world.advance(12_000);
    }
    expect((await shop.deployment("target")).spec.replicas).toBe(2);
    expect(await shop.eventReasons()).toContain("ReplicasContested");
    expect((await shop.status()).phase).toBe("Initialized");
    await shop.push("2");
    await untilPhase(bed, "Succeeded", 150_000);
    await world.advance(30_000);
    expect((await shop.deployment("target")).spec.replicas).toBe(0);
  });

  async function resume({ shop }: RunningShop): Promise<void> {
    const command = JSON.stringify({ id: "r-1", action: "resume", by: "anna", reason: "done" });
    await shop.patch("canary", { metadata: { annotations: { "serin.dev/command": command } } });
  }
});
