/** A spec that stops being accepted during a release: what was accepted before is gone on with. */
import { describe, expect, it } from "vitest";
import { followMeasures } from "../../src/controller/measure.ts";
import { Memories } from "../../src/controller/memory.ts";
import { observe } from "../../src/controller/observe.ts";
import { Prober } from "../../src/controller/prober.ts";
import type { Snapshot } from "../../src/core/canary/snapshot.ts";
import { known, missing } from "../../src/core/fact.ts";
import { canarySpec, createFakePorts, errorRateTemplate } from "../support/fake-ports.ts";
import { initialized, progressing } from "../support/snapshots.ts";

const key = "shop/web";

function createBench() {
  const ports = createFakePorts();
  ports.cluster.templates.set("errors", errorRateTemplate());
  ports.workloads.put("web", {});
  ports.workloads.put("web-primary", {});
  ports.router.set(key, 25);
  const memories = new Memories();
  const memory = memories.of(key);
  const look = (): Snapshot => {
    const snapshot = observe(key, memory, ports);
    if (snapshot === undefined) throw new Error("the Canary is gone");
    return snapshot;
  };
  return { ...ports, memories, memory, look };
}

describe("a spec that is no longer accepted", () => {
  it("is refused, and the release seen under the one before", () => {
    const { cluster, look } = createBench();
    const spec = canarySpec("web");
    cluster.put(key, known(spec), progressing(1, "confirmed"));
    expect(look().refusal).toBeUndefined();
    cluster.put(key, missing("Invalid", "spec.stages: too few"), progressing(1, "confirmed"));
    const snapshot = look();
    expect(snapshot.refusal).toEqual({ reason: "Invalid", message: "spec.stages: too few" });
    expect(snapshot.spec).toEqual(known(spec));
    expect(snapshot.routes.kind).toBe("Known");
    expect(snapshot.metrics.kind).toBe("Known");
  });

  it("is measured by the templates of the one before", () => {
    const { cluster, look, memories, memory, ...ports } = createBench();
    cluster.put(key, known(canarySpec("web")), progressing(1, "confirmed"));
    look();
    cluster.templates.clear();
    const snapshot = look();
    expect(snapshot.refusal?.reason).toBe("TemplateNotFound");
    const prober = new Prober(ports, memories, () => undefined);
    followMeasures(key, snapshot, memory, { prober, ports: { ...ports, cluster } });
    ports.clock.step(60_000);
    expect(prober.inFlight).toBe(1);
    prober.stop();
  });

  it("is taken as it is where nothing runs, and after a restart", () => {
    const { cluster, look, memory } = createBench();
    cluster.put(key, known(canarySpec("web")), initialized());
    look();
    expect(memory.accepted).toBeUndefined();
    cluster.templates.clear();
    expect(look().metrics).toMatchObject({ kind: "Missing", reason: "TemplateNotFound" });
    cluster.put(key, known(canarySpec("web")), progressing(1, "confirmed"));
    expect(look().refusal).toBeUndefined();
    expect(look().metrics).toMatchObject({ kind: "Missing", reason: "TemplateNotFound" });
  });
});
