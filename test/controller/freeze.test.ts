/** What a release is held to, by what is kept, what is remembered and what the object says now. */
import { describe, expect, it } from "vitest";
import type { CanarySpec } from "../../src/api/canary-spec.ts";
import { observeFreeze, specInForce, templatesOf } from "../../src/controller/freeze.ts";
import { followMeasures } from "../../src/controller/measure.ts";
import { Memories } from "../../src/controller/memory.ts";
import { observe } from "../../src/controller/observe.ts";
import { Prober } from "../../src/controller/prober.ts";
import type { FrozenSpec } from "../../src/core/canary/freeze.ts";
import type { Snapshot } from "../../src/core/canary/snapshot.ts";
import { known, missing } from "../../src/core/fact.ts";
import { canarySpec, createFakePorts, errorRateTemplate } from "../support/fake-ports.ts";
import {
  ago,
  failed,
  initialized,
  progressing,
  suspendedFrom,
  terminating,
} from "../support/snapshots.ts";

const key = "shop/web";
const errors = { kind: "ClusterAnalysisTemplate", name: "errors" } as const;

function createBench() {
  const ports = createFakePorts();
  ports.cluster.templates.set("errors", errorRateTemplate());
  ports.workloads.put("web", {});
  ports.workloads.put("web-primary", {});
  ports.router.set(key, 25);
  const memories = new Memories();
  const memory = memories.of(key);
  const freeze = () => {
    const canary = ports.cluster.canary({ namespace: "shop", name: "web" });
    if (canary === undefined) throw new Error("the Canary is gone");
    return observeFreeze(canary, memory, ports);
  };
  const look = (): Snapshot => {
    const snapshot = observe(key, memory, ports);
    if (snapshot === undefined) throw new Error("the Canary is gone");
    return snapshot;
  };
  /** A release that is held to this spec, or to what is kept under the name. */
  const release = (specRevision?: string) =>
    progressing(1, "confirmed", {
      release: { id: "next-1", ...(specRevision !== undefined && { specRevision }) },
    });
  const keep = (name: string, spec: CanarySpec, releaseId = "next-1"): FrozenSpec => {
    const found = errorRateTemplate();
    if (found.kind !== "Known") throw new Error("no template");
    const content = { releaseId, spec, templates: [{ ...errors, ...found.value }] };
    ports.specRevisions.kept.set(name, content);
    return content;
  };
  return { ...ports, memories, memory, freeze, look, release, keep };
}

describe("the spec of a release", () => {
  it("is the object's while nothing runs", () => {
    const { cluster, freeze } = createBench();
    cluster.put(key, known(canarySpec("web")), initialized());
    expect(freeze()).toEqual({ kind: "None" });
  });

  it("still counts when its Canary is deleted in the middle of it: its routes are the ones to lower", () => {
    const { cluster, freeze, keep, look, release } = createBench();
    const content = keep("web-spec-1", canarySpec("web"));
    const edited = canarySpec("web", {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "other" },
    });
    const { release: running } = release("web-spec-1");
    const status = terminating("Serve", running === undefined ? {} : { release: running });
    cluster.put(key, known(edited), status);
    expect(freeze()).toMatchObject({ kind: "Held", content, isEdited: true });
    expect(look().target).toMatchObject({ kind: "Known", value: { name: "web" } });
    cluster.put(key, known(edited), suspendedFrom(release("web-spec-1")));
    expect(look().target).toMatchObject({ kind: "Known", value: { name: "web" } });
  });

  it("is to be kept with its templates once a release is begun, and known to be when it is", async () => {
    const { cluster, freeze, release, specRevisions } = createBench();
    cluster.put(key, known(canarySpec("web")), release());
    const due = freeze();
    expect(due).toMatchObject({
      kind: "Due",
      held: undefined,
      next: { value: { isSaved: false } },
    });
    if (due.kind !== "Due" || due.next.kind !== "Known") throw new Error("not due");
    expect(due.next.value.content.templates).toMatchObject([
      { ...errors, secretNamespace: "shop" },
    ]);
    const identity = cluster.canary({ namespace: "shop", name: "web" })?.identity;
    if (identity === undefined) throw new Error("the Canary is gone");
    await specRevisions.save(identity, due.next.value.content);
    expect(freeze()).toMatchObject({ kind: "Due", next: { value: { isSaved: true } } });
  });

  it.each([missing("Invalid", "spec.stages: too few"), undefined])(
    "cannot be kept while it or a template is missing: %j",
    (spec) => {
      const { cluster, freeze, release } = createBench();
      cluster.put(key, spec ?? known(canarySpec("web")), release());
      if (spec === undefined) cluster.templates.clear();
      expect(freeze()).toMatchObject({ kind: "Due", next: { kind: "Missing" } });
    },
  );

  it("is the one kept, and told to be edited once the object says something else", () => {
    const { cluster, freeze, release, keep } = createBench();
    keep("kept", canarySpec("web"));
    cluster.put(key, known(canarySpec("web")), release("kept"));
    expect(freeze()).toMatchObject({ kind: "Held", isSaved: true, isEdited: false });
    cluster.put(key, known(canarySpec("web", { progressDeadlineSeconds: 99 })), release("kept"));
    expect(freeze()).toMatchObject({ kind: "Held", isEdited: true });
    cluster.put(key, missing("Invalid", "spec.stages: too few"), release("kept"));
    expect(freeze()).toMatchObject({ kind: "Held", isEdited: true });
  });

  it("is not edited by what takes effect at once, and has that as it is now", () => {
    const { cluster, freeze, release, keep } = createBench();
    const content = keep("kept", canarySpec("web"));
    const alerts = [{ providerRef: { name: "slack" }, severity: "Info" as const }];
    const asked = known(canarySpec("web", { alerts }));
    cluster.put(key, asked, release("kept"));
    expect(freeze()).toMatchObject({ kind: "Held", isEdited: false });
    expect(specInForce(content, asked).alerts).toEqual(alerts);
    expect(specInForce(content, missing("Invalid", "")).alerts).toEqual([]);
  });

  it("is remembered when what is kept is deleted, and lost when nobody remembers", () => {
    const { cluster, freeze, release, keep, specRevisions, memory } = createBench();
    keep("kept", canarySpec("web"));
    cluster.put(key, known(canarySpec("web")), release("kept"));
    freeze();
    specRevisions.kept.clear();
    expect(freeze()).toMatchObject({ kind: "Held", isSaved: false });
    memory.held = undefined;
    expect(freeze()).toMatchObject({ kind: "Lost", because: "kept is gone" });
  });

  it("is unknown, and nothing with it known, until the cache is filled", () => {
    const { cluster, look, release, specRevisions } = createBench();
    specRevisions.hasSynced = false;
    cluster.put(key, known(canarySpec("web")), release("kept"));
    const snapshot = look();
    expect(snapshot.freeze.kind).toBe("Unknown");
    expect(snapshot.spec.kind).toBe("Unknown");
    expect(snapshot.routes.kind).toBe("Unknown");
    expect(snapshot.asked.kind).toBe("Known");
  });

  it("is that of the release before until a new one's own is kept", () => {
    const { cluster, freeze, release, keep, look } = createBench();
    const content = keep("before", canarySpec("web", { selectorLabel: "tier" }), "good-0");
    cluster.put(key, known(canarySpec("web")), release("before"));
    expect(freeze()).toMatchObject({ kind: "Due", held: content });
    expect(look().spec).toMatchObject({ value: { selectorLabel: "tier" } });
  });

  it.each([
    ["while traffic is on its way off", { startedAt: ago(9) }, "Held"],
    [
      "while the routes are not written, be it late",
      { startedAt: ago(9), unconfirmed: true },
      "Held",
    ],
    ["no longer once the traffic was seen to be off", drained({ confirmedAt: ago(1) }), "None"],
    ["no longer once nobody knows", drained({ unconfirmed: true }), "None"],
  ])("counts after a rollback %s", (_, drain, kind) => {
    const { cluster, freeze, keep } = createBench();
    keep("kept", canarySpec("web"));
    const { release, ...status } = failed({ drain });
    if (release === undefined) throw new Error("no release");
    const held = { ...status, release: { ...release, specRevision: "kept" } };
    cluster.put(key, known(canarySpec("web")), held);
    expect(freeze().kind).toBe(kind);
  });
});

describe("observe during a release", () => {
  it("sees the release by the spec kept when the object's is not accepted, and says why it is not", () => {
    const { cluster, look, release, keep } = createBench();
    keep("kept", canarySpec("web"));
    cluster.put(key, missing("Invalid", "spec.stages: too few"), release("kept"));
    const snapshot = look();
    expect(snapshot.refusal).toEqual({ reason: "Invalid", message: "spec.stages: too few" });
    expect(snapshot.spec).toEqual(known(canarySpec("web")));
    expect(snapshot.routes.kind).toBe("Known");
    expect(snapshot.metrics.kind).toBe("Known");
  });

  it("measures by the templates kept, and does not mind that they are gone", () => {
    const { cluster, look, release, keep, memories, memory, ...ports } = createBench();
    keep("kept", canarySpec("web"));
    cluster.put(key, known(canarySpec("web")), release("kept"));
    cluster.templates.clear();
    const snapshot = look();
    expect(snapshot.refusal).toBeUndefined();
    expect(snapshot.metrics.kind).toBe("Known");
    const prober = new Prober(ports, memories, () => undefined);
    followMeasures(key, snapshot, memory, { prober, ports: { ...ports, cluster } });
    ports.clock.step(60_000);
    expect(prober.inFlight).toBe(1);
    prober.stop();
  });

  it("refuses an edit for the template that it names anew, not for one that the release has", () => {
    const { cluster, look, release, keep } = createBench();
    keep("kept", canarySpec("web"));
    cluster.templates.clear();
    cluster.put(key, known(canarySpec("web", { progressDeadlineSeconds: 99 })), release("kept"));
    expect(look().refusal).toBeUndefined();
    const metrics = [{ name: "m", templateRef: { name: "other" }, limit: { max: 5 } }];
    cluster.put(key, known(canarySpec("web", { analysis: { metrics } })), release("kept"));
    expect(look().refusal).toMatchObject({ reason: "TemplateNotFound" });
  });

  it("takes templates from the cache where nothing is held", () => {
    const { cluster } = createBench();
    const find = templatesOf({ kind: "None" }, { namespace: "shop" }, cluster);
    expect(find(errors).kind).toBe("Known");
    expect(find({ ...errors, name: "other" }).kind).toBe("Missing");
  });
});

function drained(changes: { readonly confirmedAt?: string; readonly unconfirmed?: boolean }) {
  return { startedAt: ago(9), routedAt: ago(8), ...changes };
}
