/**
 * Serin's replicas as faults need them, instead of the suite's own: each by way of a proxy of its own to the API
 * server, all by way of one to Prometheus. Every fault starts with two that are well and one of them leading.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { eventually } from "../../support/real-time.ts";
import { ownNamespace } from "./environment.ts";
import { type Passing, type Proxy, startProxy } from "./proxy.ts";
import { type SerinOptions, type SerinProcess, startSerin } from "./serin.ts";
import type { Suite } from "./suite.ts";

export interface Replica extends SerinProcess {
  /** Its way to the API server. */
  readonly api: Proxy;
}

export interface Fleet {
  /** Those that run. */
  readonly replicas: readonly Replica[];
  /** The way of all of them to Prometheus. */
  readonly prometheus: Proxy;
  /** Another one, ready; its name is a new one. */
  start(options?: Pick<SerinOptions, "nodeArguments" | "env">): Promise<Replica>;
  /** Resolves with the one that holds the lease, and that is not `notThis`. */
  leader(notThis?: Replica): Promise<Replica>;
  /** All but this one. */
  others(replica: Replica): readonly Replica[];
  /** Ends one for good, as its process does on SIGTERM; `SIGKILL` is for those that are stopped. */
  retire(replica: Replica, how?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Writes the token into every kubeconfig of Serin's, as whoever hands out credentials does. */
  giveToken(token: string): void;
  /** Brings it back to two that are well, and starts what they need, whatever a fault has left. */
  whenWell(): Promise<void>;
  /** Gives the suite its own replicas back. */
  close(): Promise<void>;
}

const size = 2;
/** What a busy machine may need to start a process. */
const startMs = 90_000;
let started = 0;

export async function openFleet(suite: Suite): Promise<Fleet> {
  const { environment } = suite;
  await Promise.all(suite.replicas.splice(0).map((replica) => replica.stop()));
  const prometheus = await startProxy({ upstream: environment.prometheus.address });
  const replicas: Replica[] = [];
  const holder = async () => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${ownNamespace}/leases/serin-controller`;
    const lease = Lease.safeParse(await suite.admin.request({ method: "GET", path }));
    return lease.data?.spec.holderIdentity ?? "";
  };
  const remove = (replica: Replica) => {
    const at = replicas.indexOf(replica);
    if (at >= 0) replicas.splice(at, 1);
  };
  const fleet: Fleet = {
    replicas,
    prometheus,
    async start(options = {}) {
      started += 1;
      const api = await startProxy(apiUpstream(suite));
      const name = `fault-${started}`;
      const kubeconfig = kubeconfigBy(suite, name, api.address);
      const metricsServer = prometheus.address;
      const child = await startSerin(environment, { ...options, name, kubeconfig, metricsServer });
      const replica = { ...child, api };
      replicas.push(replica);
      await replica.whenReady(startMs);
      return replica;
    },
    async leader(notThis) {
      let found: Replica | undefined;
      await eventually("one of the replicas holds the lease", 60_000, async () => {
        const name = (await holder().catch(() => "")).split("_")[0];
        found = replicas.find((replica) => replica.name === name && replica !== notThis);
        return found !== undefined;
      });
      if (found === undefined) throw new Error("unreachable");
      return found;
    },
    others: (replica) => replicas.filter((other) => other !== replica),
    async retire(replica, how = "SIGTERM") {
      remove(replica);
      await (how === "SIGTERM" ? replica.stop() : replica.kill());
      await replica.api.close();
    },
    giveToken(token) {
      replaceToken(environment.serinKubeconfig, token);
      for (const { name } of replicas) replaceToken(kubeconfigPath(suite, name), token);
    },
    async whenWell() {
      await startWhatEnded(suite);
      prometheus.before = () => true;
      prometheus.after = () => true;
      for (const replica of replicas.filter(({ isRunning }) => !isRunning()))
        await fleet.retire(replica, "SIGKILL");
      for (const replica of replicas) {
        replica.api.before = () => true;
        replica.api.after = () => true;
      }
      while (replicas.length < size) await fleet.start();
      for (const replica of replicas) await replica.whenReady(startMs);
      await fleet.leader();
    },
    async close() {
      await startWhatEnded(suite);
      await Promise.all([...replicas].map((replica) => fleet.retire(replica)));
      await prometheus.close();
      for (const name of ["serin-a", "serin-b"]) await suite.startReplica(name);
    },
  };
  await fleet.whenWell();
  return fleet;
}

/** Writes of a leader's work, in the order in which its proxy saw them: not those of the lease itself. */
export function worksOf({ api }: Replica): readonly Passing[] {
  return api.requests.filter(({ method, path }) => method !== "GET" && !path.includes("/leases"));
}

/** A patch of weights: what raises them tests the object's version, what lowers them only its identity. */
export function isWeightPatch({ method, path, body }: Passing, way: "raise" | "lower"): boolean {
  if (method !== "PATCH" || !path.includes("/virtualservices/")) return false;
  return body.includes('"/metadata/resourceVersion"') === (way === "raise");
}

async function startWhatEnded({ environment }: Suite): Promise<void> {
  const { controlPlane, prometheus } = environment;
  // One that was only stopped runs.
  controlPlane.apiServer.signal("SIGCONT");
  if (!controlPlane.etcd.isRunning()) await controlPlane.startEtcd();
  if (!controlPlane.apiServer.isRunning()) await controlPlane.startApiServer();
  if (!prometheus.child.isRunning()) await prometheus.start();
}

const Lease = z.object({ spec: z.object({ holderIdentity: z.string() }) });

function apiUpstream({ environment }: Suite) {
  const { folder, server } = environment.controlPlane;
  return {
    upstream: server,
    authority: readFileSync(join(folder, "certificates", "apiserver.crt")),
  };
}

const Kubeconfig = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string() })),
  users: z.array(z.looseObject({ name: z.string() })),
});

function kubeconfigPath({ environment }: Suite, name: string): string {
  return join(environment.folder, `${name}.kubeconfig`);
}

function replaceToken(path: string, token: string): void {
  const config = Kubeconfig.parse(parse(readFileSync(path, "utf8")));
  const users = config.users.map(({ name }) => ({ name, user: { token } }));
  writeFileSync(path, stringify({ ...config, users }), { mode: 0o600 });
}

/** Serin's own kubeconfig by another way. */
function kubeconfigBy(suite: Suite, name: string, server: string): string {
  const { environment } = suite;
  const config = Kubeconfig.parse(parse(readFileSync(environment.serinKubeconfig, "utf8")));
  const clusters = config.clusters.map((cluster) => ({ name: cluster.name, cluster: { server } }));
  const path = kubeconfigPath(suite, name);
  writeFileSync(path, stringify({ ...config, clusters }), { mode: 0o600 });
  return path;
}
