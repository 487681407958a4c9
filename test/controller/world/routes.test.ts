/** Routes that their owners wrote: every form is driven, nothing but the managed weights changes, hands are corrected. */
import { afterEach, describe, expect, it } from "vitest";
import { decodeRoutes, type RoutesView } from "../../support/decode.ts";
import {
  openShop,
  type RunningShop,
  type RunningShopOptions,
  untilPhase,
  untilRolledBack,
  untilRouted,
} from "../../support/running-shop.ts";

const path = "/apis/networking.istio.io/v1/namespaces/shop/virtualservices/orders";

const metadata = {
  labels: { team: "shop", "argocd.argoproj.io/instance": "shop" },
  annotations: {
    "kubectl.kubernetes.io/last-applied-configuration": '{"kind":"VirtualService"}',
    "example.com/owner": "orders@example.com",
  },
};

/** Beta testers stay on the stable version, with limits and a game day of their own. */
const betaTesters = {
  name: "beta",
  match: [{ headers: { "x-beta": { exact: "1" } }, uri: { prefix: "/" } }],
  timeout: "3s",
  retries: { attempts: 2, perTryTimeout: "1s", retryOn: "connect-failure,refused-stream" },
  fault: { delay: { percentage: { value: 5 }, fixedDelay: "100ms" } },
  headers: { response: { add: { "x-served-by": "beta" } } },
};

const thirdOfBetaTesters = [{ percent: 30, headers: { "x-beta": "1" } }];

interface RouteCase extends RunningShopOptions {
  readonly what: string;
}

const cases: readonly RouteCase[] = [
  { what: "subsets in the only rule, without a name", form: "subset" },
  { what: "hosts in the only rule, without a name", form: "host" },
  { what: "subsets in a named rule behind another", ...named("subset") },
  { what: "hosts in a named rule behind another", ...named("host") },
];

function named(form: "subset" | "host") {
  const stable =
    form === "subset" ? { host: "orders", subset: "stable" } : { host: "orders-primary" };
  return {
    form,
    routeName: "main",
    otherRules: [{ ...betaTesters, route: [{ destination: stable }] }],
    requestClasses: thirdOfBetaTesters,
    spec: {
      routing: {
        istio: {
          virtualServices: [{ name: "orders", routes: ["main"] }],
          propagationSeconds: 1,
        },
      },
    },
  };
}

describe("a VirtualService of the user's", () => {
  let open: RunningShop | undefined;
  afterEach(async () => {
    await open?.world.close();
    open = undefined;
  });

  async function start(options: RunningShopOptions): Promise<RunningShop> {
    open = await openShop(options);
    return open;
  }

  async function read({ world }: RunningShop): Promise<RoutesView> {
    return decodeRoutes(await world.sandbox.admin.request({ method: "GET", path }));
  }

  describe.each(cases)("with $what", (options) => {
    it("keeps all but its managed weights through initialisation, a good and a bad release", async () => {
      let owners: RoutesView | undefined;
      const bed = await start({
        ...options,
        routeMetadata: metadata,
        // The controller comes later: this is what the owner wrote, with the server's defaults.
        beforeController: async (world) => {
          owners = decodeRoutes(await world.sandbox.admin.request({ method: "GET", path }));
        },
      });
      expect(withoutManagedWeights(await read(bed))).toEqual(withoutManagedWeights(owners));
      await bed.shop.push("2");
      await untilPhase(bed, "Succeeded", 150_000);
      expect(withoutManagedWeights(await read(bed))).toEqual(withoutManagedWeights(owners));
      const clients = bed.world.sandbox.mesh.countClients("orders.shop");
      await bed.shop.push("3", { "sandbox.serin.dev/error-percent": "20" });
      await untilRolledBack(bed, 150_000);
      await bed.world.advance(20_000);
      const after = await read(bed);
      expect(withoutManagedWeights(after)).toEqual(withoutManagedWeights(owners));
      expect(after.metadata.labels).toEqual(metadata.labels);
      expect(after.metadata.annotations).toEqual(metadata.annotations);
      expect(await bed.shop.routedWeight()).toBe(0);
      expect(Object.keys(clients.stats().failures)).toEqual(["500 -"]);
    });
  });

  it("has its byte order kept in the rules that Serin does not manage", async () => {
    const bed = await start(named("subset"));
    const before = JSON.stringify((await read(bed)).spec.http[0]);
    await bed.shop.push("2");
    await untilPhase(bed, "Succeeded", 150_000);
    expect(JSON.stringify((await read(bed)).spec.http[0])).toBe(before);
  });

  describe("whose weights somebody edits", () => {
    it("is lowered at once when they are raised during a release", async () => {
      const bed = await start({});
      await bed.shop.push("2");
      await untilRouted(bed, 25, 60_000);
      await editWeights(bed, 60);
      await bed.world.settle();
      expect(await bed.shop.routedWeight()).toBe(25);
      await untilPhase(bed, "Succeeded", 150_000);
    });

    it("is raised again only after a fresh check when they are lowered during a release", async () => {
      const bed = await start({});
      await bed.shop.push("2");
      await untilRouted(bed, 25, 60_000);
      bed.world.sandbox.prometheus.setFault({ kind: "Down" });
      await bed.world.advance(10_000);
      await editWeights(bed, 5);
      await bed.world.advance(60_000);
      expect(await bed.shop.routedWeight()).toBe(5);
      bed.world.sandbox.prometheus.setFault(undefined);
      await untilRouted(bed, 25, 10_000);
      await untilPhase(bed, "Succeeded", 150_000);
    });

    it.each(["Initialized", "Succeeded", "Failed"] as const)(
      "gives the target nothing while nothing is released (%s)",
      async (phase) => {
        const bed = await start({});
        if (phase === "Succeeded") await bed.shop.push("2");
        if (phase === "Failed") await bed.shop.push("2", { "sandbox.serin.dev/crash": "true" });
        await untilPhase(bed, phase, 150_000);
        await bed.world.advance(30_000);
        await editWeights(bed, 30);
        await bed.world.settle();
        expect(await bed.shop.routedWeight()).toBe(0);
        expect((await bed.shop.status()).phase).toBe(phase);
        expect((await bed.shop.deployment("target")).spec.replicas).toBe(0);
      },
    );

    it("is set right while the target's pods are being drained", async () => {
      const bed = await start({ spec: { rollback: { canaryScaleDownDelaySeconds: 30 } } });
      await bed.shop.push("2", { "sandbox.serin.dev/error-percent": "20" });
      await untilRolledBack(bed, 150_000);
      await editWeights(bed, 30);
      await bed.world.settle();
      expect(await bed.shop.routedWeight()).toBe(0);
    });
  });

  async function editWeights({ shop }: RunningShop, canary: number): Promise<void> {
    const { spec } = await shop.virtualService();
    const http = spec.http.map((rule) => ({
      ...rule,
      route: rule.route?.map((entry) => ({
        ...entry,
        weight: entry.destination.subset === "canary" ? canary : 100 - canary,
      })),
    }));
    await shop.patch("virtualservice", { spec: { http } });
  }
});

/** Everything that is the owner's: without the weights of the managed rule, and without what the server writes. */
function withoutManagedWeights(object: RoutesView | undefined): unknown {
  if (object === undefined) throw new Error("the owner's object was not read");
  const { metadata: meta, spec } = object;
  const managed = spec.http.length - 1;
  const http = spec.http.map((rule, index) =>
    index === managed
      ? { ...rule, route: rule.route.map((entry) => ({ ...entry, weight: undefined })) }
      : rule,
  );
  return {
    metadata: { name: meta.name, labels: meta.labels, annotations: meta.annotations },
    spec: { ...spec, http },
  };
}
