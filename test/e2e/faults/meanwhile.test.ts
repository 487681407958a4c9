/** Others who write at the very moment at which Serin does: what it was about to do no longer fits. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Fleet, isWeightPatch, openFleet } from "../support/fleet.ts";
import { isMissing } from "../support/is-missing.ts";
import type { Passing } from "../support/proxy.ts";
import { beginRelease } from "../support/release.ts";
import { createShop } from "../support/shop.ts";
import { openSuite, type Suite } from "../support/suite.ts";

const routes = "/apis/networking.istio.io/v1";

describe.skipIf(isMissing("pilot-discovery"))("at the very moment", () => {
  let suite: Suite;
  let fleet: Fleet;
  beforeAll(async () => {
    suite = await openSuite();
    fleet = await openFleet(suite);
  });
  beforeEach(() => fleet.whenWell());
  afterAll(() => fleet.close());

  it("when the owner puts a rule before the others a version is taken off by the rule that it has", async () => {
    const { api } = await fleet.leader();
    const bad = await beginRelease(suite, "errors");
    const { namespace } = bad.shop;
    const path = `${routes}/namespaces/${namespace}/virtualservices/orders`;
    const match = [{ uri: { prefix: "/news" } }];
    const rule = { name: "news", match, redirect: { uri: "/" } };
    const insert = JSON.stringify([{ op: "add", path: "/spec/http/0", value: rule }]);
    let late: Passing | undefined;
    api.before = async (request) => {
      if (!isWeightPatch(request, "lower") || !request.path.startsWith(path)) return true;
      api.before = () => true;
      late = request;
      await bad.scene.belongings.edit("virtualservices", () =>
        bad.scene.kubectl(["patch", "virtualservice", "orders", "--type=json", "-p", insert]),
      );
      return true;
    };
    await bad.expectRolledBack(60_000);
    const own = api.requests.filter((request) => request.path.startsWith(path));
    expect(late?.code).toBe(422);
    expect(own.filter(({ method }) => method === "PUT").map(({ code }) => code)).toEqual([200]);
  });

  it("when somebody makes the objects that Serin generates they are theirs, until they are gone", async () => {
    const { api } = await fleet.leader();
    const namespace = "meanwhile-generated";
    const theirs = objectsOf(namespace);
    const refused: Passing[] = [];
    api.before = async (request) => {
      const made = theirs.find(({ path }) => request.path.startsWith(`${path}?`));
      const isFirst = made !== undefined && !refused.some(({ path }) => path === request.path);
      if (request.method !== "PATCH" || !isFirst) return true;
      refused.push(request);
      await suite.admin.request({ method: "POST", path: made.collection, body: made.body });
      return true;
    };
    const shop = await createShop(suite.admin, {
      namespace,
      replicas: 1,
      form: "generate",
      hasService: false,
    });
    for (const { path, body } of theirs) {
      await shop.until(`the ${body.kind} is somebody else's`, 60_000, ({ conditions = [] }) =>
        conditions.some(
          ({ type, status, message }) =>
            type === "Accepted" && status === "False" && message.includes(body.kind),
        ),
      );
      await suite.admin.request({ method: "DELETE", path });
    }
    await shop.until("initialised", 60_000, ({ phase }) => phase === "Initialized");
    expect(refused.map(({ code }) => code)).toEqual([409, 409]);
    await shop.remove();
  });
});

/** Objects that are not as Serin would make them, in the order in which it makes its own. */
function objectsOf(namespace: string) {
  const metadata = { name: "orders", namespace };
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata,
    spec: { selector: { app: "orders" }, ports: [{ name: "http", port: 80, targetPort: 8081 }] },
  };
  const rule = {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata,
    spec: { host: "orders", subsets: [{ name: "blue", labels: { app: "orders" } }] },
  };
  const at = (prefix: string, plural: string, body: { readonly kind: string }) => {
    const collection = `${prefix}/namespaces/${namespace}/${plural}`;
    return { collection, path: `${collection}/orders` as const, body };
  };
  return [at("/api/v1", "services", service), at(routes, "destinationrules", rule)];
}
