/**
 * A cluster in which there is nothing but what the files say, observed by the controller's own eyes: so lint says of a
 * Canary what the controller would say of it. Runs no controller; nothing in it ever changes.
 */
import { isNotFound } from "../../adapters/kubernetes/api-error.ts";
import { createTransport, type Transport } from "../../adapters/kubernetes/transport.ts";
import { createWorkloads } from "../../adapters/kubernetes/workloads/workloads.ts";
import { createPrometheusMetrics } from "../../adapters/observability/prometheus-metrics.ts";
import type { ControllerPorts } from "../../controller/deps.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { createApiServer } from "../../sandbox/api-server/api-server.ts";
import {
  isObject,
  type JsonObject,
  listAt,
  objectAt,
  stringAt,
} from "../../sandbox/api-server/json.ts";
import { istioCrds } from "../../sandbox/crds/istio.ts";
import { composeCaches, composePorts, informersOf } from "../controller.ts";
import { serinCrds, shippedTemplates } from "../manifests.ts";
import { outboundBy } from "../outbound.ts";
import { inProcessAddress } from "../sandbox-world.ts";

export interface FileWorldDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface FileWorld {
  readonly ports: ControllerPorts;
  close(): Promise<void>;
}

/** Called with an object that the world does not take, and why. */
export type OnRefusal = (object: JsonObject, because: string) => void;

/** The shipped cluster templates are in it too, unless the files have others of their names. */
export async function openFileWorld(
  objects: readonly JsonObject[],
  deps: FileWorldDeps,
  onRefusal: OnRefusal,
): Promise<FileWorld> {
  const api = createApiServer(deps);
  const transport = createTransport({
    ...deps,
    baseUrl: inProcessAddress,
    fetch: async (url, { streaming: _streaming, ...init }) => api.fetch(new Request(url, init)),
    userAgent: "serin-lint",
    qps: 100_000,
    burst: 100_000,
  });
  const ignore = (): void => undefined;
  for (const definition of [...istioCrds, ...(await serinCrds())])
    await put(transport, definition, ignore);
  for (const object of objects) await put(transport, object, onRefusal);
  for (const template of await shippedTemplates()) await put(transport, template, ignore);
  const caches = composeCaches({ transport, ...deps });
  const workloads = createWorkloads({
    ...deps,
    transport,
    informers: { ...caches.workloads, services: caches.istio.services },
    onPodChange: ignore,
  });
  const ports = composePorts(
    {
      ...deps,
      outbound: outboundBy(() => Promise.reject(new Error("lint asks nobody"))),
      metrics: createPrometheusMetrics({ withProcess: false }),
      settings: {
        ownNamespace: "default",
        identity: "serin-lint",
        metricsServer: inProcessAddress,
      },
    },
    { transport, caches, workloads },
  );
  const informers = informersOf(caches);
  for (const informer of informers) informer.start();
  await Promise.all(informers.map((informer) => informer.whenSynced()));
  return {
    ports,
    async close() {
      await workloads.stop();
      await Promise.all(informers.map((informer) => informer.stop()));
      api.close();
    },
  };
}

async function put(transport: Transport, candidate: unknown, onRefusal: OnRefusal): Promise<void> {
  if (!isObject(candidate)) return;
  try {
    await post(transport, candidate);
  } catch (error) {
    onRefusal(candidate, error instanceof Error ? error.message : String(error));
  }
}

async function post(transport: Transport, object: JsonObject): Promise<void> {
  const apiVersion = stringAt(object, "apiVersion") ?? "";
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const kind = stringAt(object, "kind") ?? "";
  const served = await resourceOf(transport, root, kind);
  if (served === undefined) await define(transport, apiVersion, kind);
  const resource = served ?? (await resourceOf(transport, root, kind));
  if (resource === undefined) return;
  const namespace = stringAt(object, "metadata", "namespace");
  const isInside = resource.namespaced && namespace !== undefined;
  if (isInside) await ensureNamespace(transport, namespace);
  const within = isInside ? `${root}/namespaces/${encodeURIComponent(namespace)}` : root;
  await transport.request({
    method: "POST",
    path: `${within}/${resource.plural}`,
    query: { fieldValidation: "Ignore" },
    body: withoutServersFields(object),
  });
}

/** Of kinds that only some clusters have, such as KEDA's, the world knows no definition; lint does not judge them. */
async function define(transport: Transport, apiVersion: string, kind: string): Promise<void> {
  const [group = "", version = ""] = apiVersion.split("/");
  const plural = `${kind.toLowerCase()}s`;
  const schema = {
    openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  };
  const definition = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural },
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
  await put(transport, definition, () => undefined);
}

async function resourceOf(transport: Transport, root: string, kind: string) {
  try {
    const found = await transport.request({ method: "GET", path: root });
    if (!isObject(found)) return undefined;
    const resource = listAt(found, "resources").find(
      (one) => stringAt(one, "kind") === kind && stringAt(one, "name")?.includes("/") === false,
    );
    if (!isObject(resource)) return undefined;
    return {
      plural: stringAt(resource, "name") ?? "",
      namespaced: resource["namespaced"] === true,
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function ensureNamespace(transport: Transport, name: string): Promise<void> {
  await put(
    transport,
    { apiVersion: "v1", kind: "Namespace", metadata: { name } },
    () => undefined,
  );
}

/** What `kubectl get -o yaml` wrote is read as well as what a person wrote. */
function withoutServersFields(object: JsonObject): JsonObject {
  const {
    resourceVersion: _,
    uid: __,
    ownerReferences: ___,
    ...metadata
  } = objectAt(object, "metadata");
  return { ...object, metadata };
}
