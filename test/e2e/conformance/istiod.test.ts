/** That the real webhook of Istio, which judges what Serin writes, refuses what is wrong and would be refused in a cluster. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isMissing } from "../support/is-missing.ts";
import { type Istiod, startIstiod } from "../support/istiod.ts";
import { openBareServer } from "./bare-server.ts";

const stable = { destination: { host: "orders", subset: "stable" } };
const canary = { destination: { host: "orders", subset: "canary" } };

const virtualService = (rule: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name: "orders", namespace: "shop" },
  spec: { hosts: ["orders"], http: [rule] },
});

const destinationRule = (spec: object) => ({
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name: "orders", namespace: "shop" },
  spec: { host: "orders", ...spec },
});

const refused: readonly { what: string; object: object; says: string }[] = [
  {
    what: "weights that are all 0",
    object: virtualService({
      route: [
        { ...stable, weight: 0 },
        { ...canary, weight: 0 },
      ],
    }),
    says: "total destination weight = 0",
  },
  {
    what: "a weight below 0",
    object: virtualService({
      route: [
        { ...stable, weight: 101 },
        { ...canary, weight: -1 },
      ],
    }),
    says: "weight -1 < 0",
  },
  {
    what: "a mirror of more than everything",
    object: virtualService({
      route: [stable],
      mirror: canary.destination,
      mirrorPercentage: { value: 101 },
    }),
    says: "must have a max value of 100",
  },
  {
    what: "a rule that leads nowhere",
    object: virtualService({ timeout: "1s" }),
    says: "HTTP route, redirect or direct_response is required",
  },
  {
    what: "two subsets of one name",
    object: destinationRule({ subsets: [{ name: "canary" }, { name: "canary" }] }),
    says: "duplicate subset",
  },
  {
    what: "a subset that is no name",
    object: destinationRule({ subsets: [{ name: "The Canary", labels: { app: "orders" } }] }),
    says: "subset name is invalid",
  },
];

describe.skipIf(isMissing("pilot-discovery"))("the webhook of a real istiod", () => {
  let istiod: Istiod;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "serin-istiod-"));
    const { adminKubeconfig } = await openBareServer();
    istiod = await startIstiod({ folder, kubeconfig: adminKubeconfig });
  });
  afterAll(async () => {
    await istiod?.child.stop();
  });

  it("allows weights and a mirror", async () => {
    const route = [
      { ...stable, weight: 90 },
      { ...canary, weight: 10 },
    ];
    const mirror = { mirror: canary.destination, mirrorPercentage: { value: 10 } };
    const answer = await istiod.validate(virtualService({ route, ...mirror }));
    expect(answer).toEqual({ isAllowed: true, warnings: [] });
  });

  it.each(refused)("refuses $what", async ({ object, says }) => {
    const answer = await istiod.validate(object);
    expect(answer.isAllowed ? "allowed" : answer.message).toContain(says);
  });
});
