/**
 * Routes, the managed rule, the target and what the analysis asks by, deleted at each point of a release: no request of
 * a client fails for want of a pod, nothing unproven is promoted, and once all is back the next version is released.
 */
import { afterEach, describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { openShop, type RunningShop, untilPhase } from "../../support/running-shop.ts";
import { shopManifests } from "../../support/shop.ts";

const istio = "/apis/networking.istio.io/v1/namespaces/shop";
const paths = {
  virtualService: `${istio}/virtualservices`,
  target: "/apis/apps/v1/namespaces/shop/deployments",
  template: "/apis/serin.dev/v1alpha1/namespaces/shop/analysistemplates",
} as const;

interface Moment {
  readonly name: string;
  readonly bad?: true;
  /** The primary cannot be given the new template until it is there. */
  readonly isCopyRefused?: true;
  /** The release is as good as over: nobody is told that it ends by this. */
  readonly isLate?: true;
  readonly isNow: (status: CanaryStatus) => boolean;
}

const step = (is: string) => (s: CanaryStatus) => s.release?.promotion?.step === is;
const moments: readonly Moment[] = [
  { name: "when a release has just begun", isNow: (s) => s.release?.specRevision !== undefined },
  {
    name: "before the traffic is seen",
    isNow: (s) => s.release?.stage?.shiftedAt !== undefined,
  },
  { name: "while a stage waits for approval", isNow: (s) => s.waiting?.reason === "Approval" },
  {
    name: "at 100 %",
    isNow: (s) => s.release?.stage?.index === 1 && s.release.stage.trafficConfirmedAt !== undefined,
  },
  { name: "before the copy", isCopyRefused: true, isNow: step("Copy") },
  { name: "while the primary's pods are replaced", isNow: step("Available") },
  { name: "while the traffic returns", isLate: true, isNow: (s) => s.phase === "Finalising" },
  {
    name: "during a rollback",
    bad: true,
    isLate: true,
    isNow: (s) => s.phase === "Failed" && s.drain?.confirmedAt === undefined,
  },
];

describe.each(moments)("deleted $name", (moment) => {
  let bed: RunningShop;
  afterEach(() => bed.world.close());

  /** The second stage is approved at once where the moment is not that. */
  async function reach(): Promise<void> {
    const isApproval = moment.name.includes("approval");
    let isRefused = moment.isCopyRefused === true;
    bed = await openShop({
      controller: {
        intercept: ({ path, body }) => {
          const isCopy = path.includes("orders-primary") && body.includes("/spec/template");
          return { kind: isCopy && isRefused ? "CloseBefore" : "Pass" };
        },
      },
      replicas: 2,
      requestsPerSecond: 100,
      podStartMs: { min: 2_000, max: 2_000 },
      spec: {
        stages: [
          { weight: 50, minSeconds: 2 },
          { weight: 100, minSeconds: 2, ...(isApproval && { approval: "Manual" }) },
        ],
      },
    });
    await bed.shop.push(
      "2",
      moment.bad === true ? { "sandbox.serin.dev/error-percent": "50" } : {},
    );
    await bed.world.until("the moment", async () => moment.isNow(await bed.shop.status()), 90_000);
    isRefused = false;
  }
  const request = (method: "DELETE" | "POST", path: string, body?: object) =>
    bed.world.sandbox.admin.request({ method, path, ...(body !== undefined && { body }) });
  /** As its owner applies it again from git. */
  async function restore(what: keyof typeof paths): Promise<void> {
    for (const { path, body } of shopManifests({ replicas: 2, canaryWeight: 0 })) {
      const { metadata }: { readonly metadata?: { readonly name: string } } = body;
      if (path === paths[what] && metadata?.name !== "p99") await request("POST", path, body);
    }
  }
  /** What clients met from now on that was no answer of the bad version's own. */
  function countFailures(): () => readonly string[] {
    const clients = bed.world.sandbox.mesh.countClients("orders.shop");
    return () => Object.keys(clients.stats().failures).filter((seen) => seen !== "500 -");
  }
  const image = async (role: "target" | "primary") =>
    (await bed.shop.deployment(role)).spec.template.spec.containers[0]?.image;
  async function releaseNext(): Promise<void> {
    await bed.shop.push("3", { "sandbox.serin.dev/error-percent": "0" });
    await bed.world.until(
      "promoted",
      async () => {
        const { phase, waiting } = await bed.shop.status();
        if (waiting?.reason === "Approval") return true;
        return phase === "Succeeded" && (await image("primary")) === "example.com/orders:3";
      },
      150_000,
    );
  }

  it("the VirtualService", async () => {
    await reach();
    const failures = countFailures();
    await request("DELETE", `${paths.virtualService}/orders`);
    await bed.world.advance(12_000);
    const { conditions } = await bed.shop.status();
    expect(conditions?.find(({ type }) => type === "Stalled")).toMatchObject({
      status: "True",
      reason: "RouteMissing",
      message: expect.stringContaining("VirtualService shop/orders does not exist"),
    });
    expect((await bed.shop.eventReasons()).includes("Stalled")).toBe(moment.isLate !== true);
    await restore("virtualService");
    await bed.world.advance(10_000);
    expect(failures()).toEqual([]);
    expect(await bed.shop.routedWeight()).toBe(0);
    await releaseNext();
    expect(failures()).toEqual([]);
  });

  it("the target", async () => {
    await reach();
    const failures = countFailures();
    await request("DELETE", `${paths.target}/orders`);
    await bed.world.advance(12_000);
    expect(await bed.shop.routedWeight()).toBe(0);
    await restore("target");
    await bed.world.advance(10_000);
    await releaseNext();
    expect(failures()).toEqual([]);
  });

  it("a template: nothing is different", async () => {
    await reach();
    const failures = countFailures();
    await request("DELETE", `${paths.template}/errors`);
    await bed.world.advance(4_000);
    const { waiting } = await bed.shop.status();
    if (waiting === undefined)
      await untilPhase(bed, moment.bad === true ? "Failed" : "Succeeded", 90_000);
    await restore("template");
    await bed.world.advance(10_000);
    await releaseNext();
    expect(failures()).toEqual([]);
  });
});
