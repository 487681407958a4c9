import { beforeEach, describe, expect, it } from "vitest";
import type { RouteScope } from "../../../../src/ports/traffic-router.ts";
import {
  createMeshBed,
  destinationRule,
  hostRoute,
  type MeshBed,
  scopeWith,
  service,
  subsetRoute,
  virtualService,
} from "./mesh-bed.ts";

let bed: MeshBed;
beforeEach(async () => {
  bed = await createMeshBed();
});

const named = scopeWith({ virtualServices: [{ name: "orders", routes: ["primary"] }] });
const to = (host: string, weight?: number, subset?: string) => ({
  destination: { host, ...(subset !== undefined && { subset }) },
  ...(weight !== undefined && { weight }),
});

async function otherRoutes(objects: readonly object[], asked: RouteScope = named) {
  await bed.create(...objects);
  const fact = bed.router.observe(asked);
  return fact.kind === "Known" ? fact.value.otherRoutes : fact.because;
}

describe("rules that lead to the canary beside the managed ones", () => {
  const managed = { name: "primary", route: hostRoute(90, 10) };
  const apart = (host: string, weight: number) =>
    virtualService([{ route: [to("orders-primary", 100 - weight), to(host, weight)] }], "beside");

  it.each<[string, readonly object[], readonly string[]]>([
    ["none", [virtualService([managed])], []],
    [
      "a share in another VirtualService",
      [virtualService([managed]), apart("orders-canary", 30)],
      ["VirtualService shop/beside, its HTTP rule (30 %)"],
    ],
    ["a share of nothing", [virtualService([managed]), apart("orders-canary", 0)], []],
    ["a share to others", [virtualService([managed]), apart("payments", 30)], []],
    [
      "another rule of the same object, by its full name",
      [
        virtualService([
          { name: "testers", route: [to("orders-canary.shop.svc.cluster.local")] },
          managed,
        ]),
      ],
      ['VirtualService shop/orders, HTTP rule "testers"'],
    ],
    [
      "the Service of both versions, as a delegate may send to it",
      [
        virtualService([managed]),
        virtualService([{ name: "all", route: [to("orders")] }], "part", { hosts: [] }),
      ],
      ['VirtualService shop/part, HTTP rule "all"'],
    ],
    [
      "TCP connections",
      [virtualService([managed], "orders", { tcp: [{ route: [to("orders-canary")] }] })],
      ["VirtualService shop/orders, a TLS or TCP rule"],
    ],
  ])("are named: %s", async (_, objects, expected) => {
    expect(await otherRoutes([service({ tier: "web" }), ...objects])).toEqual(expected);
  });

  it("are told apart by subset where the versions are", async () => {
    const objects = [
      service({ tier: "web" }),
      destinationRule(),
      virtualService([{ name: "primary", route: subsetRoute(90, 10) }]),
      virtualService([{ name: "old", route: [to("orders", 100, "stable")] }], "old"),
      virtualService([{ name: "new", route: [to("orders", 100, "canary")] }], "new"),
    ];
    expect(await otherRoutes(objects)).toEqual(['VirtualService shop/new, HTTP rule "new"']);
  });

  it("are a few, however many there are", async () => {
    const many = ["a", "b", "c", "d"].map((name) =>
      virtualService([{ name, route: [to("orders-canary")] }], name),
    );
    const found = await otherRoutes([service({ tier: "web" }), virtualService([managed]), ...many]);
    expect(found).toHaveLength(3);
  });
});
