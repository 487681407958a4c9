import { beforeEach, describe, expect, it } from "vitest";
import type { RouteScope } from "../../../../src/ports/traffic-router.ts";
import {
  createMeshBed,
  destinationRule,
  hostRoute,
  istioPath,
  looseCrds,
  type MeshBed,
  scope,
  scopeWith,
  service,
  subsetRoute,
  virtualService,
} from "./mesh-bed.ts";

let bed: MeshBed;
beforeEach(async () => {
  bed = await createMeshBed();
});

/** What it is, the objects, the scope, the reason and words of the message. */
type RefusedRule = readonly [
  name: string,
  objects: readonly object[],
  asked: RouteScope,
  reason: string,
  words: string | readonly string[],
];

const both = { component: "orders" };

async function observed(objects: readonly object[], asked: RouteScope = scope) {
  await bed.create(...objects);
  return bed.router.observe(asked);
}

async function refused(objects: readonly object[], asked: RouteScope = scope) {
  const fact = await observed(objects, asked);
  return fact.kind === "Missing" ? fact : { reason: fact.kind, because: JSON.stringify(fact) };
}

describe("routes told apart by host", () => {
  it("are known with their weight, and the Services to create", async () => {
    const fact = await observed([
      service({ tier: "web" }),
      virtualService([{ route: hostRoute(90, 10) }]),
    ]);
    expect(fact).toMatchObject({
      kind: "Known",
      value: {
        canaryWeight: 10,
        isUniform: true,
        hasUnmanagedRules: false,
        missingObjects: ["orders-primary", "orders-canary"],
      },
    });
  });

  it("lack nothing once their Services select one version each, whoever made them", async () => {
    const fact = await observed([
      service({ tier: "web" }),
      service({ app: "orders-primary" }, "orders-primary"),
      service({ app: "orders", tier: "web" }, "orders-canary"),
      virtualService([{ route: hostRoute(90, 10) }]),
    ]);
    expect(fact).toMatchObject({ value: { missingObjects: [] } });
  });

  it("are refused when a Service of theirs is somebody else's and selects other pods", async () => {
    const { reason, because } = await refused([
      service({ tier: "web" }),
      service({ app: "orders" }, "orders-primary"),
      virtualService([{ route: hostRoute(90, 10) }]),
    ]);
    expect(reason).toBe("Unsupported");
    expect(because).toContain("Service shop/orders-primary exists");
    expect(because).toContain("app: orders-primary");
  });

  it("are found by full host names and in any order", async () => {
    const route = [
      { destination: { host: "orders-canary.shop.svc.cluster.local" }, weight: 25 },
      { destination: { host: "orders-primary", port: { number: 80 } }, weight: 75 },
    ];
    const fact = await observed([service({ tier: "web" }), virtualService([{ route }])]);
    expect(fact).toMatchObject({ kind: "Known", value: { canaryWeight: 25, isUniform: true } });
  });

  it("are refused when the Service selects one version, which callers outside the mesh would lose", async () => {
    const { reason, because } = await refused([
      service({ app: "orders" }),
      virtualService([{ route: hostRoute(100, 0) }]),
    ]);
    expect(reason).toBe("ServiceSelectsOneVersion");
    expect(because).toContain("selects app: orders, so it cannot select both versions");
  });

  it("are refused while another rule sends to the Service itself, which would lose its pods", async () => {
    const direct = { name: "direct", route: [{ destination: { host: "orders" } }] };
    const rules = [direct, { name: "primary", route: hostRoute(100, 0) }];
    const named = scopeWith({ virtualServices: [{ name: "orders", routes: ["primary"] }] });
    const { reason, because } = await refused(
      [service({ app: "orders" }), virtualService(rules)],
      named,
    );
    expect(reason).toBe("ServiceSelectsOneVersion");
    expect(because).toContain("selects app: orders, so it cannot select both versions");
    expect(because).toContain(
      "Let the rule of VirtualService shop/orders that sends here send to orders-primary; or: Give",
    );
  });
});

describe("routes told apart by subset", () => {
  it("are known when a DestinationRule and the Service fit", async () => {
    const fact = await observed([
      service(both),
      destinationRule(),
      virtualService([{ route: subsetRoute(75, 25) }]),
    ]);
    expect(fact).toMatchObject({
      kind: "Known",
      value: { canaryWeight: 25, isUniform: true, missingObjects: [] },
    });
  });

  it("may have subsets of other names, and a DestinationRule named in the spec", async () => {
    const rule = destinationRule(
      [
        { name: "v1", labels: { app: "orders-primary", ...both } },
        { name: "v2", labels: { app: "orders" }, trafficPolicy: { tls: { mode: "DISABLE" } } },
      ],
      "mine",
      { host: "orders.shop.svc.cluster.local" },
    );
    const route = [
      { destination: { host: "orders", subset: "v1" }, weight: 100 },
      { destination: { host: "orders", subset: "v2" } },
    ];
    const fact = await observed(
      [service(both), rule, virtualService([{ route }])],
      scopeWith({ destinationRule: { name: "mine", stableSubset: "v1", canarySubset: "v2" } }),
    );
    expect(fact).toMatchObject({ kind: "Known", value: { canaryWeight: 0, isUniform: false } });
  });

  const route = virtualService([{ route: subsetRoute(100, 0) }]);

  it("are refused when the Service selects one version, with both steps of the way out", async () => {
    const { reason, because } = await refused([
      service({ app: "orders", tier: "web" }),
      destinationRule(),
      route,
    ]);
    expect(reason).toBe("ServiceSelectsOneVersion");
    expect(because).toContain("service: orders");
  });

  it("are refused without a DestinationRule for the host, with a whole one", async () => {
    const { reason, because } = await refused([
      service(both),
      destinationRule([], "other", { host: "payments" }),
      route,
    ]);
    expect(reason).toBe("DestinationRuleNotFound");
    expect(because).toContain(
      "host: orders\n  subsets:\n    - name: stable\n      labels:\n        app: orders-primary",
    );
  });

  it.each([
    ["absent", [], "does not exist"],
    ["for another host", [destinationRule([], "mine", { host: "payments" })], "host payments"],
    [
      "for some clients only",
      [destinationRule([], "mine", { workloadSelector: { matchLabels: { app: "x" } } })],
      "workloadSelector",
    ],
  ])("are refused when the DestinationRule of the spec is %s", async (_, rules, words) => {
    const { reason, because } = await refused(
      [service(both), destinationRule(), ...rules, route],
      scopeWith({
        destinationRule: { name: "mine", stableSubset: "stable", canarySubset: "canary" },
      }),
    );
    expect(reason).toBe("DestinationRuleNotFound");
    expect(because).toContain(words);
  });

  it.each([
    ["is not there", [{ name: "stable", labels: { app: "orders-primary" } }], 'no subset "canary"'],
    [
      "selects the other version",
      [
        { name: "stable", labels: { app: "orders" } },
        { name: "canary", labels: { app: "orders" } },
      ],
      '"stable" must select app: orders-primary, it has app: orders',
    ],
    [
      "selects every version",
      [{ name: "stable", labels: { app: "orders-primary" } }, { name: "canary" }],
      '"canary" must select app: orders, it has none',
    ],
    [
      "asks for a label that releases change",
      [
        { name: "stable", labels: { app: "orders-primary", version: "v1" } },
        { name: "canary", labels: { app: "orders" } },
      ],
      '"stable" also asks for version: v1',
    ],
  ])("are refused when a subset %s", async (_, subsets, words) => {
    const { reason, because } = await refused([service(both), destinationRule(subsets), route]);
    expect(reason).toBe("SubsetMissing");
    expect(because).toContain(words);
    expect(because).toContain("name: canary\n    labels:\n      app: orders");
  });

  it("are refused when a second DestinationRule of the host says otherwise", async () => {
    const { reason, because } = await refused([
      service(both),
      destinationRule(),
      destinationRule([{ name: "canary", labels: { app: "x" } }], "second"),
      route,
    ]);
    expect(reason).toBe("SubsetMissing");
    expect(because).toContain("DestinationRule shop/second");
  });
});

describe("the managed rule", () => {
  const named = scopeWith({ virtualServices: [{ name: "orders", routes: ["primary"] }] });
  const rule = { name: "primary", route: hostRoute(90, 10) };

  it.each<RefusedRule>([
    ["no VirtualService", [], scope, "VirtualServiceNotFound", "shop/orders does not exist"],
    ["no HTTP rule", [virtualService([])], scope, "RouteNotFound", "has no rules"],
    [
      "TCP rules only",
      [virtualService([], "orders", { tcp: [{ route: [] }] })],
      scope,
      "RouteNotFound",
      "TLS and TCP rules only",
    ],
    [
      "several rules and no name",
      [virtualService([rule, { route: hostRoute(1, 1) }])],
      scope,
      "RouteNotFound",
      "routes:\n          - primary",
    ],
    [
      "no rule of the name",
      [virtualService([{ name: "other", route: hostRoute(1, 1) }])],
      named,
      "RouteNotFound",
      'no HTTP rule named "primary" (it has other)',
    ],
    [
      "two rules of the name",
      [virtualService([rule, rule])],
      named,
      "RouteNotFound",
      '2 HTTP rules named "primary"',
    ],
    [
      "a delegate",
      [virtualService([rule], "orders", { hosts: undefined })],
      named,
      "Unsupported",
      "it is a delegate",
    ],
    [
      "a delegating rule",
      [virtualService([{ name: "primary", delegate: { name: "x" } }])],
      named,
      "Unsupported",
      "delegates",
    ],
    [
      "a redirect",
      [virtualService([{ name: "primary", redirect: { uri: "/" } }])],
      named,
      "Unsupported",
      "redirect",
    ],
    [
      "a mirror of somebody else's",
      [virtualService([{ ...rule, mirror: { host: "shadow" } }])],
      named,
      "RouteMirrored",
      'VirtualService shop/orders, HTTP rule "primary" mirrors requests already',
    ],
    [
      "a mirror to the canary of every request",
      [virtualService([{ ...rule, route: hostRoute(100, 0), mirror: { host: "orders-canary" } }])],
      named,
      "RouteMirrored",
      "remove mirror",
    ],
    ...["mirrorPercent", "mirror_percent"].map(
      (field): RefusedRule => [
        `the deprecated ${field}`,
        [
          virtualService([
            {
              ...rule,
              route: hostRoute(100, 0),
              mirror: { host: "orders-canary" },
              mirrorPercentage: { value: 10 },
              [field]: 10,
            },
          ]),
        ],
        named,
        "RouteMirrored",
        "mirrorPercent",
      ],
    ),
    [
      "mirrors",
      [virtualService([{ ...rule, mirrors: [{ destination: { host: "shadow" } }] }])],
      named,
      "RouteMirrored",
      "remove mirror, mirrors",
    ],
    [
      "three destinations",
      [
        virtualService([
          { ...rule, route: [...hostRoute(90, 10), { destination: { host: "x" }, weight: 0 }] },
        ]),
      ],
      named,
      "Unsupported",
      "3 destinations",
    ],
    [
      "a destination elsewhere",
      [
        virtualService([
          { route: [{ destination: { host: "orders.elsewhere.svc.cluster.local" } }] },
        ]),
      ],
      scope,
      "Unsupported",
      "a Service of another namespace; let it send to Service orders of namespace shop",
    ],
    [
      "the Service as its only destination",
      [virtualService([{ route: [{ destination: { host: "orders", port: { number: 80 } } }] }])],
      scope,
      "DestinationMissing",
      [
        "route:",
        "  - destination:",
        "      host: orders-primary",
        "      port:",
        "        number: 80",
        "    weight: 0",
        "  - destination:",
        "      host: orders-canary",
        "      port:",
        "        number: 80",
        "    weight: 100",
      ].join("\n"),
    ],
    [
      "the primary's destination only",
      [virtualService([{ route: hostRoute(100).slice(0, 1) }])],
      scope,
      "DestinationMissing",
      "weight: 100\n  - destination:\n      host: orders-canary\n    weight: 0",
    ],
    [
      "the canary's subset only",
      [virtualService([{ route: subsetRoute(0, 100).slice(1) }])],
      scope,
      "DestinationMissing",
      "subset: stable\n    weight: 0\n  - destination:\n      host: orders\n      subset: canary\n    weight: 100",
    ],
    [
      "an abbreviated host",
      [virtualService([{ route: [{ destination: { host: "orders-primary.shop" } }] }])],
      scope,
      "DestinationMissing",
      'Istio does not expand "orders-primary.shop"',
    ],
    [
      "the subsets of another name",
      [virtualService([{ route: subsetRoute(1, 1) }])],
      scopeWith({ destinationRule: { stableSubset: "v1", canarySubset: "v2" } }),
      "DestinationMissing",
      "subset: v1",
    ],
  ])("is refused with the fix: %s", async (_, objects, asked, reason, words) => {
    const answer = await refused([service({ tier: "web" }), ...objects], asked);
    expect(answer.reason).toBe(reason);
    expect(answer.because).toContain(words);
  });

  it.each([
    ["is not there", [], "ServiceNotFound"],
    [
      "is a name elsewhere",
      [service({}, "orders", { type: "ExternalName", externalName: "a.b", ports: [] })],
      "Unsupported",
    ],
    ["selects nothing", [service({})], "Unsupported"],
  ])("is refused when the Service %s", async (_, services, reason) => {
    const objects = [...services, virtualService([rule])];
    expect((await refused(objects)).reason).toBe(reason);
  });

  it("is refused when the object cannot be read, and the rest goes on", async () => {
    bed = await createMeshBed({ crds: looseCrds });
    const broken = { ...virtualService([rule]), spec: { hosts: ["orders"], http: "none" } };
    const { reason, because } = await refused([service({ tier: "web" }), broken]);
    expect(reason).toBe("Unsupported");
    expect(because).toContain("cannot be read");
  });
});

describe("rules that Serin does not manage", () => {
  const named = scopeWith({ virtualServices: [{ name: "orders", routes: ["primary"] }] });
  const managed = { name: "primary", route: hostRoute(90, 10) };
  const primary = { destination: { host: "orders-primary" } };

  it.each([
    ["a second rule of the object", [virtualService([{ route: [primary] }, managed])], true],
    [
      "a rule to other Services",
      [virtualService([{ route: [{ destination: { host: "x" } }] }, managed])],
      false,
    ],
    [
      "another VirtualService",
      [virtualService([managed]), virtualService([{ route: [primary] }], "gateway")],
      true,
    ],
    [
      "another namespace's VirtualService",
      [
        virtualService([managed]),
        {
          ...virtualService([]),
          metadata: { name: "far", namespace: "elsewhere" },
          spec: {
            hosts: ["x"],
            http: [{ route: [{ destination: { host: "orders-canary.shop.svc.cluster.local" } }] }],
          },
        },
      ],
      true,
    ],
    [
      "a namesake in another namespace",
      [
        virtualService([managed]),
        {
          ...virtualService([{ route: [primary] }]),
          metadata: { name: "orders", namespace: "elsewhere" },
        },
      ],
      false,
    ],
    [
      "TCP connections",
      [virtualService([managed], "orders", { tcp: [{ route: [primary] }] })],
      true,
    ],
  ])("are seen: %s", async (_, objects, expected) => {
    const fact = await observed([service({ tier: "web" }), ...objects], named);
    expect(fact).toMatchObject({ kind: "Known", value: { hasUnmanagedRules: expected } });
  });
});

describe("what is told", () => {
  it("is unknown until everything has been read", async () => {
    const fresh = await createMeshBed({ isStarted: false });
    expect(fresh.router.observe(scope)).toEqual({
      kind: "Unknown",
      because: "the VirtualServices have not been read yet",
    });
  });

  it("says so when the cluster has no Istio", async () => {
    const bare = await createMeshBed({ crds: [] });
    expect(bare.router.observe(scope)).toMatchObject({
      kind: "Missing",
      reason: "VirtualServiceNotFound",
      because: expect.stringContaining("is Istio installed?"),
    });
  });

  it("follows every change", async () => {
    await bed.create(service({ tier: "web" }), virtualService([{ route: hostRoute(90, 10) }]));
    await bed.client.mergePatch(istioPath("virtualservices", "orders"), {
      spec: { http: [{ route: hostRoute(50, 50) }] },
    });
    await bed.settle();
    expect(bed.router.observe(scope)).toMatchObject({ value: { canaryWeight: 50 } });
    await bed.client.delete(istioPath("virtualservices", "orders"));
    await bed.settle();
    expect(bed.router.observe(scope)).toMatchObject({ reason: "VirtualServiceNotFound" });
  });

  it("is missing when the spec names no provider", () => {
    expect(bed.router.observe({ ...scope, routing: {} })).toMatchObject({ reason: "Invalid" });
  });
});
