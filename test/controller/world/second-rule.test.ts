/** A rule beside the managed one that sends to the canary too: the release holds, and whoever is asked names that rule. */
import { afterEach, describe, expect, it } from "vitest";
import { openShop, type RunningShop, untilRouted } from "../../support/running-shop.ts";

const share = (stable: number) => ({
  name: "testers",
  match: [{ headers: { "x-tester": { exact: "1" } } }],
  route: [
    { destination: { host: "orders", subset: "stable" }, weight: stable },
    { destination: { host: "orders", subset: "canary" }, weight: 100 - stable },
  ],
});

describe("a second rule that sends 30 % to the canary", () => {
  let open: RunningShop | undefined;
  afterEach(async () => {
    await open?.world.close();
    open = undefined;
  });

  /** All requests take the second rule, which at first sends the canary nothing. */
  async function atTen(): Promise<RunningShop> {
    open = await openShop({
      replicas: 2,
      otherRules: [share(100)],
      routeName: "main",
      requestClasses: [{ percent: 60, headers: { "x-tester": "1" } }],
      spec: {
        stages: [10, 100].map((weight) => ({ weight, minSeconds: 40 })),
        routing: {
          istio: { virtualServices: [{ name: "orders", routes: ["main"] }], propagationSeconds: 1 },
        },
      },
    });
    const { shop } = open;
    await shop.push("2");
    await untilRouted(open, 10, 60_000);
    const { spec } = await shop.virtualService();
    const http = spec.http.map((rule) => (rule.name === "testers" ? share(70) : rule));
    await shop.patch("virtualservice", { spec: { http } });
    return open;
  }

  const untilTold = ({ world, shop }: RunningShop, reason: string) =>
    world.until(reason, async () => (await shop.eventReasons()).includes(reason), 90_000);

  const named = /it is also reached by VirtualService shop\/orders, HTTP rule "testers" \(30 %\)/;

  it("holds the release, and is named", async () => {
    const bed = await atTen();
    await untilTold(bed, "TrafficSplitMismatch");
    await bed.world.advance(20_000);
    const { phase, message, canaryWeight } = await bed.shop.status();
    expect({ phase, canaryWeight }).toEqual({ phase: "Progressing", canaryWeight: 10 });
    expect(message).toMatch(named);
  });

  it("keeps a rollback unconfirmed, and is named", async () => {
    const bed = await atTen();
    const annotations = { "serin.dev/abort": "it is wrong" };
    await bed.shop.patch("canary", { metadata: { annotations } });
    await untilRouted(bed, 0, 5_000);
    await untilTold(bed, "RollbackUnconfirmed");
    const { drain, message } = await bed.shop.status();
    expect(drain).toMatchObject({ unconfirmed: true });
    expect(message).toMatch(named);
    expect((await bed.shop.deployment("target")).spec.replicas).toBeGreaterThan(0);
  });
});
