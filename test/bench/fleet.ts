/**
 * Many services on one embedded API server, some idle and some in a release, and controllers to run them. All are in
 * one namespace: the hardest case for whoever looks for what concerns whom.
 */
import { isRawObject, type RawObject } from "../../src/adapters/kubernetes/raw-object.ts";
import { specRevisionName } from "../../src/adapters/kubernetes/spec-revisions/decode.ts";
import { createTransport, type Transport } from "../../src/adapters/kubernetes/transport.ts";
import { composeController, type RunningController } from "../../src/compose/controller.ts";
import { serinCrds, shippedTemplates } from "../../src/compose/manifests.ts";
import { outboundBy } from "../../src/compose/outbound.ts";
import { inProcessAddress } from "../../src/compose/sandbox-world.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { type ApiServer, createApiServer } from "../../src/sandbox/api-server/api-server.ts";
import { istioCrds } from "../../src/sandbox/crds/istio.ts";
import { fetchOf } from "../support/embedded-api.ts";
import { FakeMetrics } from "../support/fake-ports.ts";
import { createRecordingLog } from "../support/recording-log.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { shopNamespace } from "../support/shop.ts";
import { hashesOf, type RecordedObject, type RecordedShop, recordedName } from "./recorded-shop.ts";
import { createScriptedPrometheus, type ScriptedPrometheus } from "./scripted-prometheus.ts";

export interface Member {
  readonly name: string;
  readonly isRunning: boolean;
}

export interface FleetRequest {
  readonly method: string;
  readonly path: string;
  readonly isWatch: boolean;
  readonly body: string;
  /** Monotonic, ms; the end is that of the answer's head. */
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface Fleet {
  readonly api: ApiServer;
  readonly members: readonly Member[];
  readonly prometheus: ScriptedPrometheus;
  /** A controller of its own, with nothing started. */
  compose(): FleetController;
}

export interface FleetController {
  readonly controller: RunningController;
  readonly requests: FleetRequest[];
  readonly metrics: FakeMetrics;
}

export interface FleetOptions {
  readonly clock: Clock;
  readonly recorded: RecordedShop;
  readonly idle: number;
  readonly running: number;
}

export async function createFleet(options: FleetOptions): Promise<Fleet> {
  const { clock, idle, running } = options;
  const api = createApiServer({ clock });
  const admin = createTransport({
    baseUrl: inProcessAddress,
    fetch: fetchOf(api),
    clock,
    log: createRecordingLog(),
    random: () => 0,
    userAgent: "bench",
    qps: 1e6,
    burst: 1e6,
  });
  const post = (path: string, body: unknown) => admin.request({ method: "POST", path, body });
  for (const crd of [...istioCrds, ...(await serinCrds())])
    await post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd);
  for (const template of await shippedTemplates())
    await post("/apis/serin.dev/v1alpha1/clusteranalysistemplates", template);
  const members = Array.from({ length: idle + running }, (_, index) => ({
    name: `service-${index}`,
    isRunning: index < running,
  }));
  const metadata = { name: shopNamespace };
  await post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
  for (const member of members) await createMember(manifestsOf(member, options), admin);
  const prometheus = createScriptedPrometheus(
    () => clock.now(),
    members.flatMap(({ name }) => [workloadOf(name), workloadOf(`${name}-primary`)]),
  );
  return { api, members, prometheus, compose: () => composeOn(api, prometheus, clock) };
}

/**
 * What others know by its uid is written once this server has given it one: the specs and templates that are kept, by
 * names that follow from it, and every status.
 */
async function createMember(
  objects: readonly RecordedObject[],
  admin: Pick<Transport, "request">,
): Promise<void> {
  const renames = new Map<string, string>();
  const renamed = (value: unknown): RawObject => {
    let text = JSON.stringify(value);
    for (const [before, after] of renames) text = text.replaceAll(before, after);
    return rawObject(JSON.parse(text));
  };
  const create = async ({ prefix, plural, object }: RecordedObject) => {
    const path = `${prefix}namespaces/${shopNamespace}/${plural}`;
    const { uid, ...metadata } = object.metadata;
    const body = renamed({ ...object, metadata });
    const created = rawObject(await admin.request({ method: "POST", path, body }));
    if (uid !== undefined && created.metadata.uid !== undefined)
      renames.set(uid, created.metadata.uid);
  };
  const isKept = ({ plural }: RecordedObject) => plural === "controllerrevisions";
  for (const one of objects.filter((other) => !isKept(other))) await create(one);
  for (const one of objects.filter(isKept)) {
    const { data } = renamed(one.object);
    const { name } = one.object.metadata;
    if (name.includes("-spec-"))
      renames.set(name, specRevisionName(name.split("-spec-")[0] ?? "", data));
    await create(one);
  }
  for (const { prefix, plural, object } of objects) {
    if (object.status === undefined) continue;
    const path = `${prefix}namespaces/${shopNamespace}/${plural}/${object.metadata.name}/status`;
    const { status } = renamed(object);
    await admin.request({ method: "PATCH", path, patch: "merge", body: { status } });
  }
}

function rawObject(value: unknown): RawObject {
  if (!isRawObject(value)) throw new Error("this is no object of the API");
  return value;
}

/** As the scripted Prometheus calls a version. */
export function workloadOf(name: string): string {
  return `${shopNamespace}/${name}`;
}

/** The recorded objects under another name, as old as they were when recorded. */
function manifestsOf(
  { name, isRunning }: Member,
  { recorded, clock }: FleetOptions,
): readonly RecordedObject[] {
  const objects = isRunning ? recorded.running : recorded.idle;
  const shiftMs = clock.now() - recorded.at;
  const renamed = objects.map((recordedObject) => ({
    ...recordedObject,
    object: fresh(
      JSON.stringify(recordedObject.object)
        .replaceAll(recordedName, name)
        .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, (text) => shifted(text, shiftMs)),
    ),
  }));
  const before = hashesOf(objects);
  const after = hashesOf(renamed);
  return renamed.map((one) => {
    let text = JSON.stringify(one.object);
    for (const [index, hash] of before.entries())
      text = text.replaceAll(hash, after[index] ?? hash);
    return { ...one, object: fresh(text) };
  });
}

function shifted(quoted: string, byMs: number): string {
  return JSON.stringify(new Date(Date.parse(quoted.slice(1, -1)) + byMs).toISOString());
}

/** What the server gives an object is left to this server; generations begin anew. */
function fresh(text: string): RawObject {
  const object: unknown = JSON.parse(
    text.replaceAll(/"(observed(?:Target)?Generation|generation)":\d+/g, '"$1":1'),
  );
  if (!isRawObject(object)) throw new Error("what was recorded is no object");
  const { resourceVersion: _, ownerReferences: __, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function composeOn(api: ApiServer, prometheus: ScriptedPrometheus, clock: Clock): FleetController {
  const requests: FleetRequest[] = [];
  const metrics = new FakeMetrics();
  const controller = composeController({
    wire: {
      baseUrl: inProcessAddress,
      async fetch(url, { streaming: isWatch, ...init }) {
        const startedAt = performance.now();
        const response = await api.fetch(new Request(url, init));
        const { pathname: path } = new URL(url);
        const { method, body } = init;
        const sent = { method, path, isWatch, body: typeof body === "string" ? body : "" };
        requests.push({ ...sent, startedAt, endedAt: performance.now() });
        return response;
      },
    },
    outbound: outboundBy((url, init) => prometheus.fetch(url, init)),
    clock,
    log: createRecordingLog(),
    random: createSeededRandom(1),
    metrics,
    settings: {
      ownNamespace: "default",
      identity: `bench-${performance.now()}`,
      metricsServer: "http://prometheus.invalid",
    },
  });
  return { controller, requests, metrics };
}
