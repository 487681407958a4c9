/** Kept specs on the embedded API server: what is read is what was written, by its name, and not too many stay. */
import { afterEach, describe, expect, it } from "vitest";
import { ApiError } from "../../../../src/adapters/kubernetes/api-error.ts";
import { isRawObject } from "../../../../src/adapters/kubernetes/raw-object.ts";
import { specRevisionInformers } from "../../../../src/adapters/kubernetes/spec-revisions/informers.ts";
import { createSpecRevisions } from "../../../../src/adapters/kubernetes/spec-revisions/spec-revisions.ts";
import { createTransport } from "../../../../src/adapters/kubernetes/transport.ts";
import { AnalysisTemplateSpec } from "../../../../src/api/analysis-template.ts";
import { customResourceDefinition } from "../../../../src/codegen/custom-resource-definition.ts";
import { kinds } from "../../../../src/codegen/kinds.ts";
import type { FrozenSpec } from "../../../../src/core/canary/freeze.ts";
import { createContractServer } from "../../../support/contract-server.ts";
import { decodeNames } from "../../../support/decode.ts";
import { fetchOf } from "../../../support/embedded-api.ts";
import { canarySpec } from "../../../support/fake-ports.ts";
import { createManualClock, settleTasks } from "../../../support/manual-clock.ts";
import { createRecordingLog } from "../../../support/recording-log.ts";

let canary = { namespace: "shop", name: "web", uid: "", generation: 1, resourceVersion: "1" };
const path = "/apis/apps/v1/namespaces/shop/controllerrevisions";

function unlessThere(error: unknown): void {
  if (!(error instanceof ApiError && error.code === 409)) throw error;
}

async function createBed() {
  const clock = createManualClock();
  const server = createContractServer({ clock });
  const log = createRecordingLog();
  const common = {
    clock,
    log,
    random: () => 0.5,
    baseUrl: "http://api.test",
    qps: 1e6,
    burst: 1e6,
  };
  const others = createTransport({ ...common, fetch: fetchOf(server), userAgent: "others" });
  const post = (to: string, body: object) => others.request({ method: "POST", path: to, body });
  await post("/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "shop" },
  });
  const crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  // A real server may have them already.
  for (const kind of kinds) await post(crds, customResourceDefinition(kind)).catch(unlessThere);
  const owner = await post("/apis/serin.dev/v1alpha1/namespaces/shop/canaries", {
    apiVersion: "serin.dev/v1alpha1",
    kind: "Canary",
    metadata: { name: "web" },
    spec: canarySpec("web"),
  });
  if (!isRawObject(owner)) throw new Error("no Canary");
  canary = { ...canary, uid: owner.metadata.uid ?? "" };
  const writes: string[] = [];
  let refuseDeletes = false;
  const served = fetchOf(server);
  const transport = createTransport({
    ...common,
    userAgent: "serin",
    fetch: (url, init) => {
      if (init.method !== "GET") writes.push(init.method);
      if (refuseDeletes && init.method === "DELETE")
        return Promise.resolve(new Response("{}", { status: 500 }));
      return served(url, init);
    },
  });
  const { specRevisions: reads } = specRevisionInformers({ ...common, transport });
  const start = async () => {
    reads.start();
    await settleTasks(30);
  };
  const revisions = createSpecRevisions({ transport, log, reads, ownNamespace: "serin-system" });
  /** The adapter of another process, whose watch has told it nothing yet. */
  const another = () => {
    const informers = specRevisionInformers({ ...common, transport });
    return createSpecRevisions({
      transport,
      log,
      reads: informers.specRevisions,
      ownNamespace: "serin-system",
    });
  };
  const names = async () => decodeNames(await others.request({ method: "GET", path }));
  const failDeletes = () => {
    refuseDeletes = true;
  };
  return { revisions, reads, start, others, names, writes, log, failDeletes, another };
}

const template = AnalysisTemplateSpec.parse({
  provider: { prometheus: { secretRef: { name: "token" } } },
  ratio: { total: "requests_total", bad: 'requests_total{code=~"5.."}' },
});

function content(releaseId: string, changes = {}): FrozenSpec {
  const common = { name: "errors", spec: template };
  return {
    releaseId,
    spec: canarySpec("web", { selectorLabel: "app", ...changes }),
    templates: [
      { ...common, kind: "AnalysisTemplate", secretNamespace: "shop" },
      { ...common, kind: "ClusterAnalysisTemplate", secretNamespace: "serin-system" },
    ],
  };
}

describe("a spec", () => {
  let bed: Awaited<ReturnType<typeof createBed>>;
  afterEach(() => bed.reads.stop());

  it("is unknown until somebody has looked for it, and then missing", async () => {
    bed = await createBed();
    expect(bed.revisions.find(canary, "web-spec-1").kind).toBe("Unknown");
    await bed.start();
    expect(bed.revisions.find(canary, "web-spec-1").kind).toBe("Unknown");
    await bed.revisions.look(canary, "web-spec-1");
    expect(bed.revisions.find(canary, "web-spec-1")).toMatchObject({
      kind: "Missing",
      reason: "SpecRevisionMissing",
      because: expect.stringContaining("ControllerRevision shop/web-spec-1"),
    });
  });

  it("is found as it was saved, at once, by whoever reads it", async () => {
    bed = await createBed();
    await bed.start();
    const saved = content("a-1");
    const name = bed.revisions.nameOf(canary, saved);
    expect(name).toMatch(/^web-spec-[0-9a-f]{32}$/);
    await bed.revisions.save(canary, saved, undefined);
    expect(bed.revisions.find(canary, name)).toEqual({ kind: "Known", value: saved });
    await bed.revisions.save(canary, saved, name);
    expect(await bed.names()).toEqual([name]);
  });

  it("that another process kept is found by looking, before the watch tells of it", async () => {
    bed = await createBed();
    const saved = content("a-1");
    const name = bed.revisions.nameOf(canary, saved);
    await bed.start();
    await bed.revisions.save(canary, saved, undefined);
    const late = bed.another();
    expect(late.find(canary, name).kind).toBe("Unknown");
    await late.look(canary, name);
    expect(late.find(canary, name)).toEqual({ kind: "Known", value: saved });
  });

  it("has another name for other content, another release, and another Canary of the name", async () => {
    bed = await createBed();
    const { nameOf } = bed.revisions;
    const names = [
      nameOf(canary, content("a-1")),
      nameOf(canary, content("b-2")),
      nameOf(canary, content("a-1", { selectorLabel: "tier" })),
      nameOf({ ...canary, uid: "another" }, content("a-1")),
    ];
    expect(new Set(names).size).toBe(4);
    expect(nameOf({ ...canary, resourceVersion: "9" }, content("a-1"))).toBe(names[0]);
    const long = nameOf({ ...canary, name: "w".repeat(253) }, content("a-1"));
    expect(long.length).toBe(253);
  });

  it("of another object with the Canary's name is none of its own", async () => {
    bed = await createBed();
    await bed.start();
    const saved = content("a-1");
    await bed.revisions.save(canary, saved, undefined);
    const name = bed.revisions.nameOf(canary, saved);
    expect(bed.revisions.find({ ...canary, uid: "another" }, name).kind).toBe("Missing");
  });

  it("that somebody put in its place under its name is not taken, and people are told", async () => {
    bed = await createBed();
    await bed.start();
    const saved = content("a-1");
    const name = bed.revisions.nameOf(canary, saved);
    const { releaseId: release, spec } = content("a-1", { progressDeadlineSeconds: 9_999 });
    const data = { canary: { name: canary.name, uid: canary.uid }, release, spec, templates: [] };
    const labels = { "serin.dev/canary": "web", "serin.dev/revision-of": "spec" };
    await bed.others.request({
      method: "POST",
      path,
      body: {
        apiVersion: "apps/v1",
        kind: "ControllerRevision",
        metadata: { name, namespace: "shop", labels },
        data,
        revision: 1,
      },
    });
    await settleTasks(30);
    expect(bed.revisions.find(canary, name).kind).toBe("Missing");
    await expect(bed.revisions.save(canary, saved, undefined)).rejects.toMatchObject({
      reason: "Rejected",
      message: expect.stringContaining(`${name} is not the spec that its name says; delete it`),
    });
  });

  it("reads a cluster template's Secrets in Serin's namespace alone, whatever is written in it", async () => {
    bed = await createBed();
    await bed.start();
    const [own, cluster] = content("a-1").templates;
    if (own === undefined || cluster === undefined) throw new Error("no templates");
    const forged = {
      ...content("a-1"),
      templates: [
        { ...own, secretNamespace: "bank" },
        { ...cluster, secretNamespace: "bank" },
      ],
    };
    await bed.revisions.save(canary, forged, undefined);
    const found = bed.revisions.find(canary, bed.revisions.nameOf(canary, forged));
    if (found.kind !== "Known") throw new Error("not found");
    expect(found.value.templates.map(({ secretNamespace }) => secretNamespace)).toEqual([
      "shop",
      "serin-system",
    ]);
  });

  it("goes when newer ones have come, but not while it is in use", async () => {
    bed = await createBed();
    await bed.start();
    const inUse = bed.revisions.nameOf(canary, content("a-1"));
    const ids = ["a-1", "b-2", "c-3", "d-4", "e-5"];
    for (const id of ids) await bed.revisions.save(canary, content(id), inUse);
    const kept = ["a-1", "d-4", "e-5"].map((id) => bed.revisions.nameOf(canary, content(id)));
    expect((await bed.names()).toSorted()).toEqual(kept.toSorted());
  });

  it("is saved also when an old one cannot be deleted", async () => {
    bed = await createBed();
    await bed.start();
    bed.failDeletes();
    for (const id of ["a-1", "b-2", "c-3", "d-4"])
      await bed.revisions.save(canary, content(id), undefined);
    const name = bed.revisions.nameOf(canary, content("d-4"));
    expect(bed.revisions.find(canary, name).kind).toBe("Known");
    expect(JSON.stringify(bed.log)).toContain("an old spec could not be deleted");
  });

  it("of a size that no server takes is refused with what to shorten", async () => {
    bed = await createBed();
    await bed.start();
    const big = { ...template, args: [{ name: "a", default: "x".repeat(1e6), required: false }] };
    const templates = [
      { kind: "AnalysisTemplate", name: "big", spec: big, secretNamespace: "shop" } as const,
    ];
    const before = bed.writes.length;
    await expect(
      bed.revisions.save(canary, { ...content("a-1"), templates }, undefined),
    ).rejects.toMatchObject({
      reason: "Rejected",
      message: expect.stringContaining("shorten the templates' queries"),
    });
    expect(bed.writes.length).toBe(before);
  });
});
