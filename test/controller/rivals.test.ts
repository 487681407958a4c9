/** Which of two Canaries on one workload or route keeps it. */
import { describe, expect, it } from "vitest";
import type { CanarySpec } from "../../src/api/canary-spec.ts";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { Memories } from "../../src/controller/memory.ts";
import { observe } from "../../src/controller/observe.ts";
import { findRival, rivalsOf } from "../../src/controller/rivals.ts";
import { assessAcceptance } from "../../src/core/canary/acceptance.ts";
import { known, missing } from "../../src/core/fact.ts";
import { canarySpec, createFakePorts } from "../support/fake-ports.ts";
import { initialized, progressing } from "../support/snapshots.ts";

interface Rival {
  readonly spec?: CanarySpec;
  readonly status?: CanaryStatus;
  readonly createdAt?: string;
}

const onRule = (target: string, rule: string) =>
  canarySpec(target, {
    routing: { istio: { virtualServices: [{ name: "edge", routes: [rule] }] } },
  });
const older = "2026-11-20T00:00:00Z";

/** Canaries `shop/a` and `shop/b`, and which of them has to leave things alone. */
function createBench(a: Rival, b: Rival) {
  const ports = createFakePorts();
  for (const [name, rival] of Object.entries({ a, b })) {
    const key = `shop/${name}`;
    if (rival.createdAt !== undefined) ports.cluster.createdAt.set(key, rival.createdAt);
    ports.cluster.put(key, known(rival.spec ?? canarySpec("web")), rival.status ?? {});
  }
  const get = (name: string) => {
    const canary = ports.cluster.canary({ namespace: "shop", name });
    if (canary === undefined) throw new Error("the Canary is gone");
    return canary;
  };
  const losers = () =>
    ["a", "b"].filter((name) => findRival(get(name), ports.cluster) !== undefined);
  return { ...ports, get, losers };
}

describe("of two Canaries on one target", () => {
  it("the older keeps it, and of two of one age the first by name", () => {
    expect(createBench({}, {}).losers()).toEqual(["b"]);
    expect(createBench({}, { createdAt: older }).losers()).toEqual(["a"]);
    expect(createBench({ createdAt: older }, {}).losers()).toEqual(["b"]);
  });

  it("one in the middle of a release keeps it until that ends, also when an older one was restored", () => {
    const running = progressing(1, "confirmed");
    const bench = createBench({ createdAt: older }, { status: running });
    expect(bench.losers()).toEqual(["a"]);
    bench.cluster.put("shop/b", known(canarySpec("web")), initialized());
    expect(bench.losers()).toEqual(["b"]);
    expect(createBench({ status: running }, { status: running }).losers()).toEqual(["b"]);
  });

  it("the other takes it over once the first is gone, or wants something else", () => {
    const bench = createBench({}, {});
    bench.cluster.remove("shop/a");
    expect(findRival(bench.get("b"), bench.cluster)).toBeUndefined();
    expect(createBench({ spec: canarySpec("api") }, {}).losers()).toEqual([]);
  });

  it("one whose target is the other's primary has to leave it alone", () => {
    expect(createBench({}, { spec: canarySpec("web-primary") }).losers()).toEqual(["b"]);
  });

  it("one that cannot be read claims nothing", () => {
    const bench = createBench({}, {});
    bench.cluster.put("shop/a", missing("Invalid", "spec.stages: too few"));
    expect(bench.losers()).toEqual([]);
  });
});

describe("of two Canaries on one VirtualService", () => {
  it("both work on different rules, and one only on the same", () => {
    const different = createBench({ spec: onRule("web", "x") }, { spec: onRule("api", "y") });
    expect(different.losers()).toEqual([]);
    const same = createBench({ spec: onRule("web", "x") }, { spec: onRule("api", "x") });
    expect(same.losers()).toEqual(["b"]);
  });
});

describe("a release whose spec was edited meanwhile", () => {
  const onEdge = { key: "VirtualService/edge", rules: ["x"] };
  const held = progressing(1, "confirmed", { release: { claims: [onEdge] } });

  it("keeps the routes that it is held to, and says until when", () => {
    const bench = createBench(
      { spec: onRule("api", "x"), createdAt: older },
      { spec: onRule("web", "y"), status: held },
    );
    expect(bench.losers()).toEqual(["a"]);
    expect(findRival(bench.get("a"), bench.cluster)?.because).toContain(
      "Canary shop/b has VirtualService/edge (x) until its release ends",
    );
    expect([...rivalsOf(bench.get("b"), bench.cluster)]).toEqual(["shop/a"]);
    bench.cluster.put("shop/b", known(onRule("web", "y")), initialized());
    expect(bench.losers()).toEqual([]);
  });

  it("takes nothing from an older one before its own end", () => {
    const bench = createBench(
      { spec: onRule("api", "y"), createdAt: older },
      { spec: onRule("web", "y"), status: held },
    );
    expect(bench.losers()).toEqual(["b"]);
  });
});

describe("the Canary that has to leave things alone", () => {
  it("is told whose they are and what to do, and its routes are not even looked at", () => {
    const bench = createBench({}, { status: initialized() });
    bench.workloads.put("web", {});
    bench.router.set("shop/b", 25);
    const snapshot = observe("shop/b", new Memories().of("shop/b"), bench);
    if (snapshot === undefined) throw new Error("the Canary is gone");
    expect(snapshot.routes).toMatchObject({ kind: "Missing", reason: "Conflict" });
    expect(assessAcceptance(snapshot)).toMatchObject({
      reason: "Conflict",
      message:
        "Canary shop/a has Deployment/web already; delete one of the two, or name another here",
    });
  });

  it("looks again when the other changes, and the other when it does", () => {
    const { get, cluster } = createBench({}, {});
    expect([...rivalsOf(get("a"), cluster)]).toEqual(["shop/b"]);
    expect([...rivalsOf(get("b"), cluster)]).toEqual(["shop/a"]);
  });
});
