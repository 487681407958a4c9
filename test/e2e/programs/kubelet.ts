/**
 * A scheduler and kubelet for a real API server: binds every pod to one node and leads it through the life that its
 * annotations ask for. Arguments: kubeconfig. The controllers before it are Kubernetes' own.
 */
import { createCluster, statusOf } from "../../../src/sandbox/workloads/cluster.ts";
import { createKeyLoop } from "../../../src/sandbox/workloads/key-loop.ts";
import { createKubelet } from "../../../src/sandbox/workloads/kubelet.ts";
import { nodeManifest } from "../../../src/sandbox/workloads/node.ts";
import { nodeName } from "../../../src/sandbox/workloads/pod-status.ts";
import { parseKey, pathOf, resources } from "../../../src/sandbox/workloads/resources.ts";
import { connectProgram, untilStopped } from "./connect.ts";

const [kubeconfig = ""] = process.argv.slice(2);
const deps = await connectProgram(kubeconfig, "kubelet");
const cluster = createCluster(deps);
const kubelet = createKubelet(cluster, { min: 300, max: 900 });
const bound = new Set<string>();
const pods = createKeyLoop({ ...deps, reconcile });

cluster.pods.onChange(({ key, before, after }) => {
  if (after !== undefined) return pods.enqueue(key);
  const uid = before?.view.meta.uid ?? "";
  bound.delete(uid);
  kubelet.forget(uid);
});
await createNode();
cluster.pods.start();
await cluster.pods.whenSynced();
pods.start();
await untilStopped();
await pods.stop();
process.exit();

async function reconcile(key: string): Promise<number | undefined> {
  const { namespace, name } = parseKey(key);
  const pod = cluster.pods.get(namespace, name)?.view;
  if (pod === undefined) return undefined;
  if (!pod.meta.isDeleted) await bind(namespace, name, pod.meta.uid);
  return kubelet.reconcile(key);
}

/** As the scheduler does; a pod that is bound already says 409. */
async function bind(namespace: string, name: string, uid: string): Promise<void> {
  if (bound.has(uid)) return;
  const path = `${pathOf(resources.pods, { namespace, name })}/binding`;
  const target = { apiVersion: "v1", kind: "Node", name: nodeName };
  const body = { apiVersion: "v1", kind: "Binding", metadata: { name, uid }, target };
  try {
    await deps.transport.request({ method: "POST", path, body });
  } catch (error) {
    if (![404, 409].includes(statusOf(error) ?? 0)) throw error;
  }
  bound.add(uid);
}

async function createNode(): Promise<void> {
  const body = nodeManifest(deps.clock.now());
  try {
    await deps.transport.request({ method: "POST", path: pathOf(resources.nodes, {}), body });
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
  }
  const path = pathOf(resources.nodes, { name: body.metadata.name, subresource: "status" });
  const patch = { status: body.status };
  await deps.transport.request({ method: "PATCH", path, body: patch, patch: "merge" });
}
