/** What the schema refuses never reaches the controller: the API server names the field, and nothing changes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "../../../src/adapters/kubernetes/api-error.ts";
import { decodeCanary } from "../../support/decode.ts";
import { openShop, type RunningShop, untilPhase, untilRouted } from "../../support/running-shop.ts";

const path = "/apis/serin.dev/v1alpha1/namespaces/shop/canaries/orders";
const stages = (...weights: number[]) => ({ stages: weights.map((weight) => ({ weight })) });
const metric = (limit: object) => ({
  analysis: { metrics: [{ name: "error-rate", templateRef: { name: "x" }, limit }] },
});

const refused = [
  ["weights that fall", stages(25, 10, 100), /spec\.stages.*weights must rise/],
  ["a weight twice", stages(25, 25, 100), /spec\.stages.*weights must rise/],
  ["a last stage below 100", stages(10, 50), /spec\.stages.*last stage must have weight 100/],
  ["no stages", { stages: [] }, /spec\.stages/],
  ["a weight of 0", stages(0, 100), /spec\.stages\[0\]\.weight.*greater than or equal to 1/],
  ["a weight above 100", stages(50, 101), /spec\.stages\[1\]\.weight.*less than or equal to 100/],
  ["a fraction as weight", stages(12.5, 100), /spec\.stages\[0\]\.weight/],
  ["another target", { targetRef: { name: "mails" } }, /targetRef cannot be changed/],
  ["no routing provider", { routing: { istio: null } }, /name exactly one routing provider: istio/],
  ["a metric without a limit", metric({}), /spec\.analysis\.metrics\[0\]\.limit\.max.*Required/],
  ["a limit below 0", metric({ max: -1 }), /spec\.analysis\.metrics\[0\]\.limit\.max/],
  ["an interval of 0", { analysis: { intervalSeconds: 0 } }, /spec\.analysis\.intervalSeconds/],
  [
    "a rollback time beyond reason",
    { rollback: { withinSeconds: 601 } },
    /spec\.rollback\.withinSeconds.*less than or equal to 600/,
  ],
  ["a workload of another kind", { targetRef: { kind: "StatefulSet" } }, /spec\.targetRef\.kind/],
] as const;

describe("the schema", () => {
  let bed: RunningShop;
  beforeEach(async () => {
    bed = await openShop();
  });
  afterEach(() => bed.world.close());

  it("refuses every nonsense during a release, which goes on as if nothing had been asked", async () => {
    const { world, shop } = bed;
    await shop.push("2");
    await untilRouted(bed, 25, 60_000);
    const { metadata } = await read();
    for (const [what, spec, says] of refused) {
      const answer = { what, ...(await apply(spec)) };
      expect(answer).toEqual({ what, code: 422, message: expect.stringMatching(says) });
    }
    expect((await read()).metadata.resourceVersion).toBe(metadata.resourceVersion);
    await world.settle();
    await untilPhase(bed, "Succeeded", 150_000);
  });

  it("names an unknown field where people ask it to, as kubectl does, and drops it elsewhere", async () => {
    const { admin } = bed.world.sandbox;
    const body = { spec: { stages: [{ weigth: 10, weight: 100 }], withinSeconds: 30 } };
    const request = { method: "PATCH", path, patch: "merge", body } as const;
    const strict = admin.request({ ...request, query: { fieldValidation: "Strict" } });
    await expect(strict).rejects.toThrow(
      /unknown field "spec\.stages\[0\]\.weigth".*unknown field "spec\.withinSeconds"/,
    );
    await admin.request({ ...request, query: { fieldValidation: "Ignore" } });
    expect(JSON.stringify(await admin.request({ method: "GET", path }))).not.toMatch(
      /weigth|"withinSeconds":30/,
    );
  });

  async function read() {
    return decodeCanary(await bed.world.sandbox.admin.request({ method: "GET", path }));
  }

  async function apply(spec: object): Promise<{ readonly code: number; readonly message: string }> {
    try {
      await bed.world.sandbox.admin.request({
        method: "PATCH",
        path,
        patch: "merge",
        body: { spec },
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { code: error.code, message: error.message };
    }
    return { code: 200, message: "taken" };
  }
});
