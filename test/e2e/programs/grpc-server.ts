/**
 * The machine on which the pods of one version run as real gRPC servers: every ready pod of the image listens on
 * loopback, and a WorkloadEntry with its labels tells istiod where. (The API server takes no loopback address in an
 * EndpointSlice.) Arguments: kubeconfig, namespace, image, percent of calls that end with INTERNAL, port of /calls.
 */
import {
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { z } from "zod";
import { createInformer } from "../../../src/adapters/kubernetes/informer.ts";
import { listenLoopback } from "../../../src/sandbox/api-server/listen.ts";
import { statusOf } from "../../../src/sandbox/workloads/cluster.ts";
import { createKeyLoop } from "../../../src/sandbox/workloads/key-loop.ts";
import { parseKey, resources } from "../../../src/sandbox/workloads/resources.ts";
import { connectProgram, untilStopped } from "./connect.ts";
import { asBytes, echoPath, workloadTrailer } from "./echo-service.ts";

const [kubeconfig = "", namespace = "", image = "", errorPercent = "0", port = "0"] =
  process.argv.slice(2);
const entries = `/apis/networking.istio.io/v1/namespaces/${namespace}/workloadentries`;
/** How long a pod still answers those who have not heard yet that it is gone: what a preStop hook is for. */
const drainMs = 3_000;
/** More than a test makes. */
const maxCallsKept = 200_000;

const Pod = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({ containers: z.array(z.object({ image: z.string() })) }),
  status: z.object({
    conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
  }),
});
type Pod = z.infer<typeof Pod>;

interface Call {
  readonly workload: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const deps = await connectProgram(kubeconfig, "grpc-node");
const listening = new Map<string, Server>();
const calls: Call[] = [];
const pods = createInformer({
  ...deps,
  resource: resources.pods,
  namespace,
  decode: (raw) => Pod.parse(raw),
});
const loop = createKeyLoop({ ...deps, reconcile });
pods.onChange(({ key }) => loop.enqueue(key));
const counts = await listenLoopback(answer, Number(port));
pods.start();
await pods.whenSynced();
loop.start();
await untilStopped();
await loop.stop();
await pods.stop();
for (const server of listening.values()) server.forceShutdown();
await counts.close();
process.exit();

async function reconcile(key: string): Promise<undefined> {
  const { name } = parseKey(key);
  const pod = pods.get(namespace, name)?.view;
  const server = listening.get(key);
  if (pod !== undefined && isServing(pod)) {
    if (server === undefined) await open(key, pod);
    return;
  }
  if (server === undefined) return;
  listening.delete(key);
  await withdraw(name);
  deps.clock.setTimer(drainMs, () => server.forceShutdown());
}

function isServing({ metadata, spec, status: { conditions } }: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    spec.containers.some((container) => container.image === image) &&
    conditions.some((condition) => condition.type === "Ready" && condition.status === "True")
  );
}

async function open(key: string, pod: Pod): Promise<void> {
  const server = new Server();
  const workload = pod.metadata.labels["app"] ?? "";
  server.addService(
    {
      Say: {
        path: echoPath,
        requestStream: false,
        responseStream: false,
        requestSerialize: asBytes,
        requestDeserialize: asBytes,
        responseSerialize: asBytes,
        responseDeserialize: asBytes,
      },
    },
    {
      Say: (call: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
        say(workload, call, reply);
      },
    },
  );
  await announce(pod, await bind(server));
  listening.set(key, server);
}

function say(
  workload: string,
  { request }: ServerUnaryCall<Buffer, Buffer>,
  reply: sendUnaryData<Buffer>,
): void {
  calls.push({ workload, at: Date.now() });
  if (calls.length > maxCallsKept) calls.shift();
  const metadata = new Metadata();
  metadata.set(workloadTrailer, workload);
  if (deps.random() * 100 < Number(errorPercent)) {
    reply({ code: status.INTERNAL, details: "a fault of this version", metadata });
  } else reply(null, request, metadata);
}

function bind(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
}

async function announce({ metadata }: Pod, bound: number): Promise<void> {
  const { name, uid, labels } = metadata;
  const body = {
    apiVersion: "networking.istio.io/v1",
    kind: "WorkloadEntry",
    metadata: { name, ownerReferences: [{ apiVersion: "v1", kind: "Pod", name, uid }] },
    spec: { address: "127.0.0.1", ports: { grpc: bound }, labels },
  };
  await deps.transport.request({ method: "POST", path: entries, body });
}

async function withdraw(name: string): Promise<void> {
  try {
    await deps.transport.request({ method: "DELETE", path: `${entries}/${name}` });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

/** Calls per workload, and the first and last of them, between `from` and `to` (milliseconds since the epoch). */
async function answer(request: Request): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const from = Number(query.get("from") ?? 0);
  const to = Number(query.get("to") ?? Number.POSITIVE_INFINITY);
  const within = calls.filter(({ at }) => at >= from && at < to);
  const summary: Record<string, { count: number; firstAt: number; lastAt: number }> = {};
  for (const { workload, at } of within) {
    const seen = summary[workload] ?? { count: 0, firstAt: at, lastAt: at };
    summary[workload] = { count: seen.count + 1, firstAt: seen.firstAt, lastAt: at };
  }
  return Response.json(summary);
}
