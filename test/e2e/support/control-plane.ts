/** A real etcd, kube-apiserver and kube-controller-manager on loopback, each of which a test may stop and start again. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Component, findComponent } from "../setup/components.ts";
import { type Child, startChild, whenReady } from "./child.ts";
import { freePort } from "./free-port.ts";

/** Controllers that Serin's world needs; the rest would only cost. */
const worldsControllers = [
  "deployment-controller",
  "replicaset-controller",
  "garbage-collector-controller",
  "namespace-controller",
  "serviceaccount-controller",
  "endpointslice-controller",
  "endpointslice-mirroring-controller",
  "disruption-controller",
];

export interface ControlPlane {
  readonly folder: string;
  readonly server: string;
  /** Kubeconfig of a member of system:masters. */
  readonly adminKubeconfig: string;
  readonly auditLog: string;
  etcd: Child;
  apiServer: Child;
  controllerManager: Child;
  /** Starts what was stopped, on the same port and with the same data. */
  startEtcd(): Promise<void>;
  startApiServer(): Promise<void>;
  /** Writes a kubeconfig for a bearer token; returns its path. */
  kubeconfigFor(name: string, token: string): string;
  stop(): Promise<void>;
}

/** Path of a program, or an error that says how to get it. */
export function requireComponent(name: Component): string {
  const path = findComponent(name);
  if (path !== undefined) return path;
  throw new Error(`there is no ${name}: run \`npm run test:e2e:setup\``);
}

/** `controllers`: those of Kubernetes' own that run. */
export async function startControlPlane(
  folder: string,
  controllers: readonly string[] = worldsControllers,
): Promise<ControlPlane> {
  mkdirSync(folder, { recursive: true });
  const ports = { etcd: await freePort(), peer: await freePort(), api: await freePort() };
  const manager = await freePort();
  const adminToken = randomBytes(16).toString("hex");
  writeFileSync(join(folder, "tokens.csv"), `${adminToken},admin,admin,system:masters\n`);
  const auditLog = join(folder, "audit.log");
  writeFileSync(join(folder, "audit.yaml"), stringify(auditPolicy));
  const server = `https://127.0.0.1:${ports.api}`;
  const startEtcd = async () => {
    const etcd = startChild({
      name: "etcd",
      command: requireComponent("etcd"),
      args: etcdArguments(folder, ports),
      folder,
    });
    await whenReady(etcd, 30_000, () => answers(`http://127.0.0.1:${ports.etcd}/health`));
    return etcd;
  };
  const etcd = await startEtcd();
  writeKeys(folder);
  const startApiServer = async () => {
    const apiServer = startChild({
      name: "kube-apiserver",
      command: requireComponent("kube-apiserver"),
      args: apiServerArguments(folder, ports, server),
      folder,
    });
    await whenReady(apiServer, 90_000, () => isApiReady(folder, server, adminToken));
    return apiServer;
  };
  const apiServer = await startApiServer();
  const kubeconfigFor = (name: string, token: string) =>
    writeKubeconfig(join(folder, `${name}.kubeconfig`), { folder, server, token });
  const adminKubeconfig = kubeconfigFor("admin", adminToken);
  const controllerManager = startChild({
    name: "kube-controller-manager",
    command: requireComponent("kube-controller-manager"),
    args: [
      ...managerArguments(folder, adminKubeconfig, manager),
      `--controllers=${controllers.join(",")}`,
    ],
    folder,
  });
  const plane: ControlPlane = {
    folder,
    server,
    adminKubeconfig,
    auditLog,
    etcd,
    apiServer,
    controllerManager,
    kubeconfigFor,
    async startEtcd() {
      plane.etcd = await startEtcd();
    },
    async startApiServer() {
      plane.apiServer = await startApiServer();
    },
    async stop() {
      await plane.controllerManager.stop(2_000);
      await plane.apiServer.stop(2_000);
      await plane.etcd.stop(2_000);
      removeAllButLogs(folder);
    },
  };
  return plane;
}

/** Data, keys and tokens are of no use to anybody any more; logs are. */
function removeAllButLogs(folder: string): void {
  for (const name of readdirSync(folder))
    if (!name.endsWith(".log")) rmSync(join(folder, name), { recursive: true, force: true });
}

function etcdArguments(folder: string, ports: { readonly etcd: number; readonly peer: number }) {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

function apiServerArguments(
  folder: string,
  ports: { readonly etcd: number; readonly api: number },
  server: string,
): readonly string[] {
  const key = join(folder, "service-accounts.key");
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${ports.api}`,
    `--cert-dir=${join(folder, "certificates")}`,
    "--service-cluster-ip-range=10.96.0.0/16",
    "--endpoint-reconciler-type=none",
    `--service-account-issuer=${server}`,
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    `--token-auth-file=${join(folder, "tokens.csv")}`,
    "--authorization-mode=RBAC",
    `--audit-policy-file=${join(folder, "audit.yaml")}`,
    `--audit-log-path=${join(folder, "audit.log")}`,
    // One file for the whole run.
    "--audit-log-maxsize=0",
    "--shutdown-delay-duration=0s",
    "--watch-cache=true",
    "--v=1",
  ];
}

function managerArguments(folder: string, kubeconfig: string, port: number): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${join(folder, "service-accounts.key")}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, "manager-certificates")}`,
    "--leader-elect=false",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    "--use-service-account-credentials=false",
    "--v=1",
  ];
}

/** Of the usual install, and of one for the namespace "one-team" alone. */
const serinOnly = {
  userGroups: ["system:serviceaccounts:serin-system", "system:serviceaccounts:one-team"],
};

/** What Serin asked for: what its roles are checked against. With it every route that it wrote, whole. */
const auditPolicy = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  omitManagedFields: true,
  rules: [
    {
      level: "RequestResponse",
      ...serinOnly,
      verbs: ["create", "update", "patch"],
      resources: [{ group: "networking.istio.io" }],
    },
    { level: "Metadata", ...serinOnly },
    { level: "None" },
  ],
};

function writeKeys(folder: string): void {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  writeFileSync(join(folder, "service-accounts.key"), privateKey, { mode: 0o600 });
}

interface Access {
  readonly folder: string;
  readonly server: string;
  readonly token: string;
}

function writeKubeconfig(path: string, { folder, server, token }: Access): string {
  const authority = readFileSync(join(folder, "certificates", "apiserver.crt"));
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "e2e",
    clusters: [
      {
        name: "e2e",
        cluster: { server, "certificate-authority-data": authority.toString("base64") },
      },
    ],
    contexts: [{ name: "e2e", context: { cluster: "e2e", user: "e2e" } }],
    users: [{ name: "e2e", user: { token } }],
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
}

async function answers(url: string): Promise<boolean> {
  return (await fetch(url)).ok;
}

/** Ready, and the bootstrap roles are there. */
async function isApiReady(folder: string, server: string, token: string): Promise<boolean> {
  const authority = readFileSync(join(folder, "certificates", "apiserver.crt"));
  return new Promise((resolve, reject) => {
    get(`${server}/readyz`, { ca: authority, headers: { authorization: `Bearer ${token}` } })
      .once("response", (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      })
      .once("error", reject);
  });
}
