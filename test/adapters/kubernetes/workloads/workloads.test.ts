import { beforeEach, describe, expect, it } from "vitest";
import type { WorkloadScope } from "../../../../src/ports/workloads.ts";
import { kedaKind } from "../../../support/keda-kind.ts";
import {
  createWorkloadBed,
  deployment,
  deploymentPath,
  replicaSetPath,
  revisionPath,
  template,
  valueOf,
  type WorkloadBed,
} from "./workload-bed.ts";

let bed: WorkloadBed;
let scope: WorkloadScope;
beforeEach(async () => {
  bed = await createWorkloadBed();
  ({ scope } = bed);
});

const conflict = { name: "RetryableError", reason: "Conflict" };

describe("the target", () => {
  it("is missing until there is one", () => {
    const facts = bed.workloads.observe(scope);
    expect(facts.target).toMatchObject({ kind: "Missing", reason: "TargetNotFound" });
    expect(facts.selector).toMatchObject({ kind: "Missing", reason: "TargetNotFound" });
  });

  it("is unknown until the Deployments have been read", async () => {
    const fresh = await createWorkloadBed({ isStarted: false });
    const facts = fresh.workloads.observe(scope);
    const { target, primary, selector, autoscaler } = facts;
    expect([target, primary, selector, autoscaler].map(({ kind }) => kind)).toEqual(
      Array.from({ length: 4 }, () => "Unknown"),
    );
  });

  it("is rolled out when all of its pods are of its template and available", async () => {
    await bed.create(deploymentPath(), deployment());
    expect(bed.target()).toMatchObject({ replicas: 2, availableReplicas: 0, isRolledOut: false });
    await bed.run();
    expect(bed.target()).toMatchObject({
      name: "orders",
      images: ["orders:1"],
      replicas: 2,
      availableReplicas: 2,
      isRolledOut: true,
    });
  });

  it("counts no pods of another template as available", async () => {
    const still = await createWorkloadBed({ isSimulated: false });
    await still.create(deploymentPath(), deployment());
    const observed = () => valueOf(still.workloads.observe(scope).target);
    const { generation } = observed();
    const report = async (status: { availableReplicas: number; [count: string]: number }) => {
      const ready = { ...status, readyReplicas: status.availableReplicas };
      await still.merge(`${deploymentPath("orders")}/status`, { status: ready });
      return observed();
    };
    const counts = { replicas: 3, updatedReplicas: 1, availableReplicas: 2 };
    expect(await report({ ...counts, observedGeneration: generation })).toMatchObject({
      availableReplicas: 0,
      isRolledOut: false,
    });
    const both = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
    expect(await report({ ...both, observedGeneration: generation })).toMatchObject({
      availableReplicas: 2,
      isRolledOut: true,
    });
    expect(await report({ ...both, observedGeneration: generation - 1 })).toMatchObject({
      availableReplicas: 0,
      isRolledOut: false,
    });
    const surplus = { replicas: 3, updatedReplicas: 3, availableReplicas: 3 };
    expect(await report({ ...surplus, observedGeneration: generation })).toMatchObject({
      isRolledOut: false,
    });
  });
});

describe("the selector label", () => {
  it.each([
    [{ app: "a", name: "b" }, undefined, { label: "app", value: "a" }],
    [{ name: "b", "app.kubernetes.io/name": "c" }, undefined, { label: "name", value: "b" }],
    [{ "app.kubernetes.io/name": "c" }, undefined, { label: "app.kubernetes.io/name", value: "c" }],
    [{ app: "a", unit: "u" }, "unit", { label: "unit", value: "u" }],
    [{ app: "a".repeat(55) }, undefined, { label: "app", value: "a".repeat(55) }],
  ])("of %j, asked for %s, is %j", async (matchLabels, selectorLabel, expected) => {
    const spec = {
      selector: { matchLabels },
      template: { ...template("orders:1"), metadata: { labels: matchLabels } },
    };
    await bed.create(deploymentPath(), deployment("orders", spec));
    const shared = Object.fromEntries(
      Object.entries(matchLabels).filter(([name]) => name !== expected.label),
    );
    expect(bed.workloads.observe({ ...scope, selectorLabel }).selector).toEqual({
      kind: "Known",
      value: { ...expected, shared },
    });
  });

  it.each([
    [{ unit: "u" }, undefined, "selectorLabel: unit"],
    [{ app: "a" }, "unit", "selectorLabel: app"],
    [{ app: "a".repeat(56) }, undefined, "too long"],
  ])("of %j, asked for %s, is refused with the fix", async (matchLabels, selectorLabel, words) => {
    const spec = {
      selector: { matchLabels },
      template: { ...template("orders:1"), metadata: { labels: matchLabels } },
    };
    await bed.create(deploymentPath(), deployment("orders", spec));
    const { selector } = bed.workloads.observe({ ...scope, selectorLabel });
    expect(selector).toMatchObject({ kind: "Missing", reason: "SelectorLabelMissing" });
    expect(selector.kind === "Missing" ? selector.because : "").toContain(words);
  });

  it("is still known by the primary when the target is gone", async () => {
    await bed.start();
    await bed.remove(deploymentPath("orders"));
    const facts = bed.workloads.observe(scope);
    expect(facts.target).toMatchObject({ reason: "TargetNotFound" });
    expect(facts.selector).toMatchObject({
      kind: "Known",
      value: { label: "app", value: "orders" },
    });
    expect(facts.primary.kind).toBe("Known");
  });
});

describe("creating the primary", () => {
  it("copies the target but for one label's value, tracking metadata and the replicas", async () => {
    await bed.create(deploymentPath(), deployment("orders", { paused: true }));
    await bed.workloads.createPrimary(scope, 7, bed.target().templateHash);
    const original = await bed.read(deploymentPath("orders"));
    const copy = await bed.read(deploymentPath("orders-primary"));
    const { paused: _, ...spec } = original.spec;
    expect(copy.spec).toEqual({
      ...spec,
      replicas: 7,
      selector: { matchLabels: { app: "orders-primary", tier: "web" } },
      template: {
        ...spec.template,
        metadata: {
          ...spec.template.metadata,
          labels: { ...spec.template.metadata.labels, app: "orders-primary" },
        },
      },
    });
    expect(copy.metadata.labels).toEqual({ team: "shop", "serin.dev/canary": "orders" });
    // Where Deployments are looked after, their controller may have been here already.
    const { "deployment.kubernetes.io/revision": __, ...annotations } = copy.metadata.annotations;
    expect(annotations).toEqual({
      "example.com/note": "mine",
      "serin.dev/promoted-hash": bed.target().templateHash,
    });
    expect(copy.metadata.ownerReferences).toBeUndefined();
  });

  it("makes one that keeps its pods while they are replaced, also of a target that does not", async () => {
    await bed.create(deploymentPath(), deployment("orders", { strategy: { type: "Recreate" } }));
    await bed.workloads.createPrimary(scope, 2, bed.target().templateHash);
    expect((await bed.read(deploymentPath("orders-primary"))).spec.strategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" },
    });
    expect((await bed.read(deploymentPath("orders"))).spec.strategy.type).toBe("Recreate");
  });

  it("makes one that has the target's hash and rolls out by itself", async () => {
    await bed.start();
    expect(bed.primary()).toMatchObject({
      name: "orders-primary",
      templateHash: bed.target().templateHash,
      availableReplicas: 2,
      isRolledOut: true,
    });
  });

  it("leaves one that is there as it is, even when the cache does not know of it", async () => {
    await bed.start();
    await bed.workloads.createPrimary(scope, 9, bed.target().templateHash);
    expect(bed.requests).toEqual([`POST ${deploymentPath()}`]);
    await bed.remove(deploymentPath("orders-primary"));
    const hash = bed.target().templateHash;
    await bed.freeze();
    await bed.create(deploymentPath(), {
      ...deployment("orders-primary"),
      metadata: {
        name: "orders-primary",
        labels: { "serin.dev/canary": "orders" },
      },
    });
    await bed.workloads.createPrimary(scope, 9, hash);
    expect(bed.primary().replicas).toBe(2);
  });

  it("takes the template from a ReplicaSet when the target has another by now", async () => {
    await bed.start();
    const before = bed.target().templateHash;
    await bed.remove(deploymentPath("orders-primary"));
    await bed.push("orders:2");
    await bed.workloads.createPrimary(scope, 3, before);
    expect(bed.primary()).toMatchObject({
      templateHash: before,
      images: ["orders:1"],
      replicas: 3,
    });
  });

  it("is refused when nothing holds the template any more", async () => {
    await bed.create(deploymentPath(), deployment());
    await expect(bed.workloads.createPrimary(scope, 2, "other")).rejects.toMatchObject(conflict);
    expect(bed.requests).toEqual([]);
  });

  it("never touches a Deployment of that name that is not Serin's", async () => {
    await bed.create(deploymentPath(), deployment());
    await bed.create(deploymentPath(), deployment("orders-primary"));
    expect(bed.workloads.observe(scope).primary).toMatchObject({
      kind: "Missing",
      reason: "PrimaryNameTaken",
    });
    const before = await bed.read(deploymentPath("orders-primary"));
    await bed.workloads.createPrimary(scope, 9, bed.target().templateHash);
    expect(await bed.read(deploymentPath("orders-primary"))).toEqual(before);
  });

  it("never advises to delete a primary that another Canary serves from", async () => {
    await bed.create(deploymentPath(), deployment());
    await bed.workloads.createPrimary(scope, 2, bed.target().templateHash);
    const { primary } = bed.workloads.observe({ ...scope, canary: "newcomer" });
    expect(primary).toMatchObject({ kind: "Missing", reason: "PrimaryNameTaken" });
    const because = primary.kind === "Missing" ? primary.because : "";
    expect(because).toContain(`the primary of Canary ${scope.canary} and may be serving`);
    expect(because).toContain(
      "label deployment orders-primary serin.dev/canary=newcomer --overwrite",
    );
    expect(because).not.toContain("rename");
  });
});

describe("scaling", () => {
  it("sets the replicas of either role and nothing else", async () => {
    await bed.start();
    const before = await bed.read(deploymentPath("orders"));
    await bed.workloads.scale(scope, "Target", 0, bed.target().resourceVersion);
    await bed.workloads.scale(scope, "Primary", 5, bed.primary().resourceVersion);
    const after = await bed.read(deploymentPath("orders"));
    expect(after.spec).toEqual({ ...before.spec, replicas: 0 });
    expect(bed.primary().replicas).toBe(5);
  });

  it("is seen by the next look, before any watch event", async () => {
    await bed.start();
    await bed.freeze();
    await bed.workloads.scale(scope, "Target", 0, bed.target().resourceVersion);
    expect(bed.target().replicas).toBe(0);
  });

  it("changes nothing when somebody else wrote since the look", async () => {
    await bed.start();
    const { resourceVersion } = bed.target();
    await bed.freeze();
    await bed.merge(deploymentPath("orders"), { spec: { replicas: 4 } });
    const scaling = bed.workloads.scale(scope, "Target", 0, resourceVersion);
    await expect(scaling).rejects.toMatchObject(conflict);
    expect((await bed.read(deploymentPath("orders"))).spec.replicas).toBe(4);
  });
});

describe("copying the template under release", () => {
  const hashesFor = (templateHash: string) => ({
    templateHash,
    savedHash: bed.primary().templateHash,
  });

  it("gives the primary the target's template and keeps what people put on it", async () => {
    await bed.start();
    await bed.merge(deploymentPath("orders-primary"), {
      metadata: { annotations: { "example.com/by": "hand" }, labels: { extra: "yes" } },
    });
    const hash = await bed.push("orders:2");
    const before = await bed.read(deploymentPath("orders-primary"));
    await bed.workloads.copyTemplate(scope, hashesFor(hash), bed.primary().resourceVersion);
    const after = await bed.read(deploymentPath("orders-primary"));
    const original = await bed.read(deploymentPath("orders"));
    expect(after.spec).toEqual({
      ...before.spec,
      template: {
        ...original.spec.template,
        metadata: {
          ...original.spec.template.metadata,
          labels: { ...original.spec.template.metadata.labels, app: "orders-primary" },
        },
      },
    });
    const { "serin.dev/restore-hash": restored, ...labels } = after.metadata.labels;
    expect(labels).toEqual(before.metadata.labels);
    expect(restored).toBe(before.metadata.annotations["serin.dev/promoted-hash"]);
    expect(after.metadata.annotations).toMatchObject({
      "example.com/by": "hand",
      "serin.dev/promoted-hash": hash,
    });
    expect(bed.primary().templateHash).toBe(hash);
    await bed.run();
    expect(bed.primary().isRolledOut).toBe(true);
  });

  it("takes it from the ReplicaSet when the target has moved on, with what nobody decodes", async () => {
    await bed.start();
    const hash = await bed.push("orders:2");
    await bed.push("orders:3");
    await bed.workloads.copyTemplate(scope, hashesFor(hash), bed.primary().resourceVersion);
    const { spec } = await bed.read(deploymentPath("orders-primary"));
    expect(spec.template.spec.containers[0].image).toBe("orders:2");
    expect(spec.template.metadata.labels).toEqual({
      ...template("").metadata.labels,
      app: "orders-primary",
    });
    expect(bed.primary().templateHash).toBe(hash);
  });

  it("stalls when that ReplicaSet is gone", async () => {
    await bed.start();
    const hash = await bed.push("orders:2");
    await bed.push("orders:3");
    for (const { metadata } of await bed.list(replicaSetPath())) {
      await bed.remove(replicaSetPath(metadata.name));
    }
    const copying = bed.workloads.copyTemplate(
      scope,
      hashesFor(hash),
      bed.primary().resourceVersion,
    );
    await expect(copying).rejects.toMatchObject({ name: "StallError", reason: "TemplateMissing" });
  });

  it("saves the earlier template first, once, owned by the primary", async () => {
    await bed.start();
    const saved = bed.primary().templateHash;
    const old = await bed.read(deploymentPath("orders-primary"));
    const hash = await bed.push("orders:2");
    const { resourceVersion } = bed.primary();
    await bed.workloads.copyTemplate(scope, hashesFor(hash), resourceVersion);
    expect(bed.requests.slice(-2)).toEqual([
      `POST ${revisionPath()}`,
      `PATCH ${deploymentPath("orders-primary")}`,
    ]);
    const [revision, ...others] = await bed.list(revisionPath());
    expect(others).toEqual([]);
    expect(revision).toMatchObject({
      metadata: {
        name: `orders-primary-${saved}`,
        labels: { "serin.dev/canary": "orders" },
        annotations: { "serin.dev/template-hash": saved },
        ownerReferences: [
          {
            apiVersion: "apps/v1",
            kind: "Deployment",
            name: "orders-primary",
            uid: old.metadata.uid,
          },
        ],
      },
      data: { spec: { template: old.spec.template } },
      revision: old.metadata.generation,
    });
    await bed.workloads.copyTemplate(
      scope,
      { templateHash: hash, savedHash: saved },
      resourceVersion,
    );
    expect(bed.requests.filter((request) => request.startsWith("PATCH"))).toHaveLength(1);
  });

  it("saves the earlier template anew where the saved one goes with another owner", async () => {
    await bed.start();
    const hash = await bed.push("orders:2");
    const hashes = hashesFor(hash);
    const { metadata, spec } = await bed.read(deploymentPath("orders-primary"));
    await bed.create(revisionPath(), {
      apiVersion: "apps/v1",
      kind: "ControllerRevision",
      metadata: {
        name: `orders-primary-${hashes.savedHash}`,
        labels: { "serin.dev/canary": "orders" },
        annotations: { "serin.dev/template-hash": hashes.savedHash },
        ownerReferences: [
          {
            apiVersion: "serin.dev/v1alpha1",
            kind: "Canary",
            name: "orders",
            uid: scope.canaryUid,
          },
        ],
      },
      data: { spec: { template: spec.template } },
      revision: 1,
    });
    await bed.workloads.copyTemplate(scope, hashes, bed.primary().resourceVersion);
    const [revision, ...others] = await bed.list(revisionPath());
    expect(others).toEqual([]);
    expect(revision.metadata.ownerReferences).toMatchObject([{ uid: metadata.uid }]);
    expect(bed.primary()).toMatchObject({ templateHash: hash, restoreHash: hashes.savedHash });
  });

  it("goes on where it stopped after the earlier template was saved", async () => {
    await bed.start();
    const hash = await bed.push("orders:2");
    bed.intercept((request) =>
      request.startsWith("PATCH") ? Promise.reject(new Error("cut")) : Promise.resolve(),
    );
    const hashes = hashesFor(hash);
    await expect(
      bed.workloads.copyTemplate(scope, hashes, bed.primary().resourceVersion),
    ).rejects.toMatchObject({ name: "RetryableError" });
    bed.intercept(() => Promise.resolve());
    await bed.workloads.copyTemplate(scope, hashes, bed.primary().resourceVersion);
    expect(bed.primary().templateHash).toBe(hash);
    expect(await bed.list(revisionPath())).toHaveLength(1);
  });

  it("changes nothing when the primary changed since the look", async () => {
    await bed.start();
    const hash = await bed.push("orders:2");
    const { resourceVersion } = bed.primary();
    const hashes = hashesFor(hash);
    await bed.freeze();
    await bed.merge(deploymentPath("orders-primary"), { metadata: { labels: { touched: "yes" } } });
    await expect(bed.workloads.copyTemplate(scope, hashes, resourceVersion)).rejects.toMatchObject(
      conflict,
    );
    const { spec } = await bed.read(deploymentPath("orders-primary"));
    expect(spec.template.spec.containers[0].image).toBe("orders:1");
  });

  it("does not save a template under another one's hash", async () => {
    await bed.start();
    const hash = await bed.push("orders:2");
    const hashes = hashesFor(hash);
    await bed.merge(deploymentPath("orders-primary"), {
      spec: { template: { spec: { terminationGracePeriodSeconds: 7 } } },
    });
    expect(bed.primary().templateHash).not.toBe(hashes.savedHash);
    await expect(
      bed.workloads.copyTemplate(scope, hashes, bed.primary().resourceVersion),
    ).rejects.toMatchObject(conflict);
    expect(await bed.list(revisionPath())).toEqual([]);
  });

  it("keeps a bounded number of earlier templates, the latest", async () => {
    await bed.start();
    for (let version = 2; version <= 8; version += 1) {
      const hash = await bed.push(`orders:${version}`);
      await bed.workloads.copyTemplate(scope, hashesFor(hash), bed.primary().resourceVersion);
    }
    const images = (await bed.list(revisionPath()))
      .sort((one, other) => one.revision - other.revision)
      .map(({ data }) => data.spec.template.spec.containers[0].image);
    expect(images).toEqual(["orders:3", "orders:4", "orders:5", "orders:6", "orders:7"]);
  });

  it("is done even when old templates cannot be deleted", async () => {
    await bed.start();
    bed.intercept((request) =>
      request.startsWith("DELETE") ? Promise.reject(new Error("cut")) : Promise.resolve(),
    );
    for (let version = 2; version <= 7; version += 1) {
      const hash = await bed.push(`orders:${version}`);
      await bed.workloads.copyTemplate(scope, hashesFor(hash), bed.primary().resourceVersion);
    }
    expect(bed.primary().images).toEqual(["orders:7"]);
    expect(bed.log.lines.at(-1)?.message).toBe("old saved templates could not be deleted");
  });
});

describe("restoring the earlier template", () => {
  it("makes the primary's template what it was", async () => {
    await bed.start();
    const old = await bed.read(deploymentPath("orders-primary"));
    const savedHash = bed.primary().templateHash;
    const templateHash = await bed.push("orders:2");
    const { resourceVersion } = bed.primary();
    await bed.workloads.copyTemplate(scope, { templateHash, savedHash }, resourceVersion);
    await bed.run();
    expect(bed.primary().restoreHash).toBe(savedHash);
    await bed.workloads.restoreTemplate(scope, savedHash, bed.primary().resourceVersion);
    expect(bed.primary().restoreHash).toBeUndefined();
    const now = await bed.read(deploymentPath("orders-primary"));
    expect(now.spec).toEqual(old.spec);
    expect(now.metadata.annotations["serin.dev/promoted-hash"]).toBe(savedHash);
    expect(bed.primary().templateHash).toBe(savedHash);
    const writes = bed.requests.length;
    await bed.workloads.restoreTemplate(scope, savedHash, bed.primary().resourceVersion);
    expect(bed.requests).toHaveLength(writes);
  });

  it("stalls when the saved template is gone", async () => {
    await bed.start();
    const restoring = bed.workloads.restoreTemplate(scope, "gone", bed.primary().resourceVersion);
    await expect(restoring).rejects.toMatchObject({
      name: "StallError",
      reason: "SavedTemplateMissing",
      message: expect.stringContaining("rollout undo deployment/orders-primary"),
    });
  });

  it("only says so where somebody gave the primary its earlier template already", async () => {
    await bed.start();
    const { template } = (await bed.read(deploymentPath("orders-primary"))).spec;
    const savedHash = bed.primary().templateHash;
    const templateHash = await bed.push("orders:2");
    const { resourceVersion } = bed.primary();
    await bed.workloads.copyTemplate(scope, { templateHash, savedHash }, resourceVersion);
    const [revision] = await bed.list(revisionPath());
    await bed.remove(`${revisionPath()}/${revision.metadata.name}`);
    await bed.merge(deploymentPath("orders-primary"), { spec: { template } });
    expect(bed.primary()).toMatchObject({ templateHash: savedHash, restoreHash: savedHash });
    await bed.workloads.restoreTemplate(scope, savedHash, bed.primary().resourceVersion);
    expect(bed.primary()).toMatchObject({ templateHash: savedHash, restoreHash: undefined });
  });
});

describe("confirming the template under release", () => {
  it("leaves it, and takes off what was to be restored, once, over what was read", async () => {
    await bed.start();
    const savedHash = bed.primary().templateHash;
    const templateHash = await bed.push("orders:2");
    const before = bed.primary().resourceVersion;
    await bed.workloads.copyTemplate(scope, { templateHash, savedHash }, before);
    await bed.settle();
    await expect(bed.workloads.confirmTemplate(scope, before)).rejects.toMatchObject(conflict);
    await bed.workloads.confirmTemplate(scope, bed.primary().resourceVersion);
    expect(bed.primary()).toMatchObject({ templateHash, restoreHash: undefined });
    const writes = bed.requests.length;
    await bed.workloads.confirmTemplate(scope, bed.primary().resourceVersion);
    expect(bed.requests).toHaveLength(writes);
  });
});

describe("an autoscaler", () => {
  const autoscaler = (kind: string, name: string) => ({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "scaler" },
    spec: {
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: "apps/v1", kind, name },
    },
  });
  const path = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers";

  it.each([
    ["Deployment", "orders", "HorizontalPodAutoscaler scaler"],
    ["Deployment", "orders-primary", "HorizontalPodAutoscaler scaler"],
    ["Deployment", "payments", undefined],
    ["StatefulSet", "orders", undefined],
  ])("of %s %s is %s", async (kind, name, expected) => {
    await bed.create(path, autoscaler(kind, name));
    expect(bed.workloads.observe(scope).autoscaler).toEqual({ kind: "Known", value: expected });
  });

  it("may be KEDA's, once the cluster has the kind", async () => {
    expect(bed.workloads.observe(scope).autoscaler).toEqual({ kind: "Known", value: undefined });
    await bed.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", kedaKind);
    await bed.create("/apis/keda.sh/v1alpha1/namespaces/shop/scaledobjects", {
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "events" },
      spec: { scaleTargetRef: { name: "orders" } },
    });
    await bed.run();
    expect(bed.workloads.observe(scope).autoscaler).toEqual({
      kind: "Known",
      value: "ScaledObject events",
    });
  });
});
