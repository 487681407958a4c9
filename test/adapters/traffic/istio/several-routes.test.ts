import { beforeEach, describe, expect, it } from "vitest";
import {
  createMeshBed,
  destinationRule,
  hostRoute,
  istioPath,
  type MeshBed,
  scopeWith,
  service,
  subsetRoute,
  virtualService,
} from "./mesh-bed.ts";

const inside = istioPath("virtualservices", "orders");
const edge = istioPath("virtualservices", "edge");
const asked = scopeWith({
  virtualServices: [
    { name: "orders", routes: ["read", "write"] },
    { name: "edge", routes: ["api"] },
  ],
});

let bed: MeshBed;
beforeEach(async () => {
  bed = await createMeshBed();
  await bed.create(service({ tier: "web" }));
});

const rule = (name: string, stable: number, more: object = {}) => ({
  name,
  route: hostRoute(stable, 100 - stable),
  ...more,
});

async function start(read = 90, write = 90, api = 90, more: object = {}): Promise<void> {
  await bed.create(
    virtualService([rule("read", read, more), rule("admin", 100), rule("write", write, more)]),
    virtualService([rule("api", api, more)], "edge", { hosts: ["orders.example.com"] }),
  );
}

function versions(): Readonly<Record<string, string>> {
  const fact = bed.router.observe(asked);
  return fact.kind === "Known" ? fact.value.resourceVersions : {};
}

/** Weights of the canary by rule, over both objects. */
async function weights(): Promise<Readonly<Record<string, number>>> {
  const rules = [...(await bed.read(inside)).spec.http, ...(await bed.read(edge)).spec.http];
  return Object.fromEntries(
    rules.map(({ name, route }: { name: string; route: { weight: number }[] }) => [
      name,
      route[1]?.weight ?? 0,
    ]),
  );
}

const writes = () => bed.requests.filter((request) => !request.startsWith("GET"));
const failure = (code: number) =>
  new Response(JSON.stringify({ kind: "Status", status: "Failure", code, message: "no" }), {
    status: code,
  });
/** The API server fails for one object. */
const failFor = (path: string) =>
  bed.intercept((init, url) =>
    Promise.resolve(init.method !== "GET" && url.pathname === path ? failure(500) : undefined),
  );

describe("several rules and objects", () => {
  it("are raised with one patch for each object", async () => {
    await start();
    await bed.router.raise(asked, 25, versions());
    expect(writes()).toEqual([`PATCH ${inside}`, `PATCH ${edge}`]);
    expect(await weights()).toEqual({ read: 25, write: 25, admin: 0, api: 25 });
    expect(bed.router.observe(asked)).toMatchObject({
      value: { canaryWeight: 25, isUniform: true },
    });
  });

  it.each([
    ["two rules of one object differ", [90, 80, 90], 20],
    ["two objects differ", [90, 90, 75], 25],
  ] as const)("are not uniform when %s, and count as the largest", async (_, stable, weight) => {
    await start(...stable);
    expect(bed.router.observe(asked)).toMatchObject({
      value: { canaryWeight: weight, isUniform: false },
    });
  });

  it("are raised to the end after a raise that came to the first object only", async () => {
    await start();
    failFor(edge);
    await expect(bed.router.raise(asked, 25, versions())).rejects.toMatchObject({
      name: "RetryableError",
    });
    expect(bed.router.observe(asked)).toMatchObject({
      value: { canaryWeight: 25, isUniform: false },
    });
    bed.intercept(() => Promise.resolve(undefined));
    bed.requests.length = 0;
    await bed.router.raise(asked, 25, versions());
    expect(writes()).toEqual([`PATCH ${edge}`]);
    expect(await weights()).toEqual({ read: 25, write: 25, admin: 0, api: 25 });
  });

  it("are lowered after a raise that came to the first object only", async () => {
    await start(100, 100, 100);
    failFor(edge);
    await expect(bed.router.raise(asked, 25, versions())).rejects.toThrow("no");
    bed.intercept(() => Promise.resolve(undefined));
    await bed.router.lower(asked, 0);
    expect(await weights()).toEqual({ read: 0, write: 0, admin: 0, api: 0 });
  });

  it("change nothing in the second when somebody else has written the first since the look", async () => {
    await start();
    const seen = versions();
    await bed.client.mergePatch(inside, { metadata: { labels: { by: "hand" } } });
    await bed.settle();
    await expect(bed.router.raise(asked, 25, seen)).rejects.toMatchObject({ reason: "Conflict" });
    expect(writes()).toEqual([]);
  });

  it.each([inside, edge])("are all lowered but for the one that fails, %s", async (path) => {
    await start(50, 50, 50);
    failFor(path);
    await expect(bed.router.lower(asked, 0)).rejects.toMatchObject({ name: "RetryableError" });
    const left = path === inside ? { read: 50, write: 50, api: 0 } : { read: 0, write: 0, api: 50 };
    expect(await weights()).toEqual({ ...left, admin: 0 });
  });

  it("are refused by object and rule when one of them tells the versions apart otherwise", async () => {
    await bed.create(
      virtualService([rule("read", 90), { name: "write", route: subsetRoute(90, 10) }]),
      virtualService([rule("api", 90)], "edge"),
    );
    const fact = bed.router.observe(asked);
    expect(fact).toMatchObject({ kind: "Missing", reason: "Unsupported" });
    expect(fact.kind === "Missing" ? fact.because : "").toContain(
      'VirtualService shop/orders, HTTP rule "read" does it by host, VirtualService shop/orders, HTTP rule "write" by subset',
    );
  });

  it("are refused by object and rule when one lacks a destination", async () => {
    await bed.create(
      virtualService([rule("read", 90), rule("write", 90)]),
      virtualService([{ name: "api", route: hostRoute(100, 0).slice(0, 1) }], "edge"),
    );
    const fact = bed.router.observe(asked);
    expect(fact.kind === "Missing" ? fact.because : "").toContain(
      'VirtualService shop/edge, HTTP rule "api" must have the destinations of both versions',
    );
  });
});

describe("copies of requests", () => {
  const rulesOf = async (path: string) => (await bed.read(path)).spec.http;

  it("are asked for on every managed rule, and on no other", async () => {
    await start(100, 100, 100);
    expect(bed.router.observe(asked)).toMatchObject({ value: { mirror: undefined } });
    await bed.router.mirror(asked, 10, versions());
    const ours = { mirror: { host: "orders-canary" }, mirrorPercentage: { value: 10 } };
    expect(await rulesOf(inside)).toEqual([
      rule("read", 100, ours),
      rule("admin", 100),
      rule("write", 100, ours),
    ]);
    expect(await rulesOf(edge)).toEqual([rule("api", 100, ours)]);
    expect(bed.router.observe(asked)).toMatchObject({
      value: { canaryWeight: 0, mirror: { percentage: 10, isUniform: true } },
    });
  });

  it("are seen to be asked for on some rules only, and completed", async () => {
    await start(100, 100, 100);
    failFor(edge);
    await expect(bed.router.mirror(asked, 10, versions())).rejects.toThrow("no");
    expect(bed.router.observe(asked)).toMatchObject({
      value: { mirror: { percentage: 10, isUniform: false } },
    });
    bed.intercept(() => Promise.resolve(undefined));
    bed.requests.length = 0;
    await bed.router.mirror(asked, 10, versions());
    expect(writes()).toEqual([`PATCH ${edge}`]);
    expect(bed.router.observe(asked)).toMatchObject({ value: { mirror: { isUniform: true } } });
  });

  it("go with the weight, whatever else is in the rule", async () => {
    await start(90, 90, 90, { timeout: "3s" });
    await bed.router.mirror(asked, 10, versions());
    await bed.router.lower(asked, 0);
    expect(await rulesOf(inside)).toEqual([
      rule("read", 100, { timeout: "3s" }),
      rule("admin", 100),
      rule("write", 100, { timeout: "3s" }),
    ]);
    expect(bed.router.observe(asked)).toMatchObject({
      value: { canaryWeight: 0, mirror: undefined },
    });
  });

  it("go where the patch does not fit, too, because somebody moved the rules", async () => {
    await start(100, 100, 100);
    await bed.router.mirror(asked, 10, versions());
    await bed.freeze();
    const http = (await rulesOf(inside)).toReversed();
    await bed.client.mergePatch(inside, { spec: { http } });
    await bed.router.lower(asked, 0);
    expect(JSON.stringify(await rulesOf(inside))).not.toContain("mirror");
  });

  it("leave the weight as it is when it is no more than asked", async () => {
    await start(75, 75, 75);
    await bed.router.mirror(asked, 5, versions());
    await bed.router.lower(asked, 25);
    expect(await weights()).toEqual({ read: 25, write: 25, admin: 0, api: 25 });
    expect(bed.router.observe(asked)).toMatchObject({ value: { mirror: undefined } });
  });

  it("are not asked for where somebody else mirrors since the look", async () => {
    await start(100, 100, 100);
    const seen = versions();
    await bed.freeze();
    await bed.client.mergePatch(inside, {
      spec: { http: [rule("read", 100, { mirror: { host: "audit" } }), rule("write", 100)] },
    });
    await expect(bed.router.mirror(asked, 10, seen)).rejects.toMatchObject({ reason: "Conflict" });
    expect((await rulesOf(inside))[0].mirror).toEqual({ host: "audit" });
  });

  it("of somebody else stay when traffic is taken off", async () => {
    const mirror = { host: "audit" };
    await start(50, 50, 50, { mirror });
    await bed.router.lower(asked, 0);
    expect((await rulesOf(inside))[0]).toEqual(rule("read", 100, { mirror }));
  });

  it.each([0, 101, 2.5])("are never asked for at %d percent", async (percentage) => {
    await start(100, 100, 100);
    await expect(bed.router.mirror(asked, percentage, versions())).rejects.toMatchObject({
      name: "InvariantError",
    });
  });

  describe("where a subset is kept for copies", () => {
    const shadowed = scopeWith({
      virtualServices: [{ name: "orders" }],
      destinationRule: {
        stableSubset: "stable",
        canarySubset: "canary",
        shadowSubset: "shadow",
      },
    });
    const subsets = [
      { name: "stable", labels: { app: "orders-primary" } },
      { name: "canary", labels: { app: "orders" } },
    ];

    it("go to that", async () => {
      await bed.create(
        destinationRule([...subsets, { name: "shadow", labels: { app: "orders" } }]),
        virtualService([{ route: subsetRoute(100, 0) }]),
      );
      const fact = bed.router.observe(shadowed);
      await bed.router.mirror(
        shadowed,
        10,
        fact.kind === "Known" ? fact.value.resourceVersions : {},
      );
      expect((await rulesOf(inside))[0].mirror).toEqual({ host: "orders", subset: "shadow" });
      expect(bed.router.observe(shadowed)).toMatchObject({
        value: { mirror: { percentage: 10, isUniform: true } },
      });
      await bed.router.lower(shadowed, 0);
      expect((await rulesOf(inside))[0].mirror).toBeUndefined();
    });

    it.each([
      ["is not there", subsets, 'has no subset "shadow"'],
      [
        "selects other pods",
        [...subsets, { name: "shadow", labels: { app: "orders-shadow" } }],
        'subset "shadow" must select app: orders',
      ],
    ])("are refused while it %s", async (_, defined, words) => {
      await bed.create(destinationRule(defined), virtualService([{ route: subsetRoute(100, 0) }]));
      const fact = bed.router.observe(shadowed);
      expect(fact).toMatchObject({ kind: "Missing", reason: "SubsetMissing" });
      expect(fact.kind === "Missing" ? fact.because : "").toContain(words);
    });
  });
});
