/**
 * Finds the API server and the credentials for it: a kubeconfig, or what every pod is given. The client library is
 * loaded only when a kubeconfig is read, since it is large.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Cluster, KubeConfig, User } from "@kubernetes/client-node";
import type { Clock } from "../../ports/clock.ts";
import { StallError } from "../../ports/errors.ts";
import type { Log } from "../../ports/log.ts";
import type { TlsFacts } from "./kube-config-agents.ts";
import { CREDENTIALS_MAX_AGE_MS, TOKEN_MAX_AGE_MS } from "./limits.ts";
import { type Credentials, type Headers, LiveConnection } from "./live-connection.ts";
import type { Wire } from "./transport-exchange.ts";

/** What a transport needs of it: spread `wire` into its options; close() when the transport is done with. */
export interface KubeConnection {
  readonly wire: Required<Pick<Wire, "baseUrl" | "fetch" | "headers" | "renew">>;
  /** The namespace that the context or the pod is in. */
  readonly namespace: string | undefined;
  /** Name of the kubeconfig's user; undefined in a pod. */
  readonly user: string | undefined;
  /** Ends all connections at once. */
  close(): Promise<void>;
}

export interface KubeconfigSource {
  readonly path: string;
  /** More files, as $KUBECONFIG may name them; the first one's context counts. */
  readonly morePaths?: readonly string[];
  /** Default: the file's current context. */
  readonly context?: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Throws StallError `KubeconfigInvalid` with what to change. Plain http is for loopback servers such as the sandbox. */
export async function connectByKubeconfig(source: KubeconfigSource): Promise<KubeConnection> {
  const first = await load(source);
  let loaded = first;
  const connection = new LiveConnection(
    {
      async read(afresh) {
        if (afresh) loaded = await load(source);
        return authenticate(loaded.config);
      },
      maxAgeMs: CREDENTIALS_MAX_AGE_MS,
      clock: source.clock,
      log: source.log,
      proxyUrl: first.cluster.proxyUrl,
    },
    (await authenticate(first.config)).tls,
  );
  return {
    wire: { baseUrl: first.cluster.server, ...connection.wire },
    namespace: first.namespace,
    user: first.user.name,
    close: () => connection.close(),
  };
}

interface Loaded {
  readonly config: KubeConfig;
  readonly cluster: Cluster;
  readonly user: Pick<User, "name">;
  readonly namespace: string | undefined;
}

async function load(source: KubeconfigSource): Promise<Loaded> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  const invalid = (because: string): StallError =>
    new StallError("KubeconfigInvalid", `${source.path}: ${because}`);
  try {
    config.loadFromFile(source.path);
    for (const path of source.morePaths ?? []) {
      const more = new KubeConfig();
      more.loadFromFile(path);
      config.mergeConfig(more, true);
    }
  } catch (error) {
    throw invalid(reasonOf(error));
  }
  if (source.context !== undefined) config.setCurrentContext(source.context);
  const context = config.getContextObject(config.getCurrentContext());
  const cluster = config.getCurrentCluster();
  if (context === null || cluster === null) {
    throw invalid(`there is no context "${config.getCurrentContext()}" with a cluster`);
  }
  const user = config.getCurrentUser() ?? { name: "anonymous" };
  // The library refuses plain http unless verification, of which there is none then, is off.
  const skipTLSVerify = cluster.skipTLSVerify || cluster.server.startsWith("http:");
  config.loadFromClusterAndUser({ ...cluster, skipTLSVerify }, user);
  return { config, cluster, user, namespace: context.namespace };
}

async function authenticate(config: KubeConfig): Promise<Credentials> {
  const options: AuthOptions = {};
  await config.applyToHTTPSOptions(options);
  const { ca, cert, key, servername, rejectUnauthorized } = options;
  return { headers: headersOf(options), tls: { ca, cert, key, servername, rejectUnauthorized } };
}

export interface PodSource {
  /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
  readonly host: string;
  readonly port: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly directory?: string;
}

/** From inside a pod, as its ServiceAccount. Throws StallError `NotInCluster` where that is not mounted. */
export async function connectInCluster(source: PodSource): Promise<KubeConnection> {
  const { host, port, directory = "/var/run/secrets/kubernetes.io/serviceaccount" } = source;
  const read = (file: string): Promise<string> => readFile(join(directory, file), "utf8");
  let tls: TlsFacts;
  let namespace: string;
  try {
    tls = { ca: await read("ca.crt") };
    namespace = (await read("namespace")).trim();
  } catch (error) {
    throw new StallError("NotInCluster", `no ServiceAccount in ${directory}: ${reasonOf(error)}`);
  }
  const connection = new LiveConnection(
    {
      // The kubelet writes both anew, the authority when the cluster's is rotated.
      read: async () => ({
        headers: { authorization: `Bearer ${(await read("token")).trim()}` },
        tls: { ca: await read("ca.crt") },
      }),
      maxAgeMs: TOKEN_MAX_AGE_MS,
      clock: source.clock,
      log: source.log,
      proxyUrl: undefined,
    },
    tls,
  );
  // An IPv6 address needs brackets in a URL.
  const authority = host.includes(":") ? `[${host}]` : host;
  return {
    wire: {
      baseUrl: `https://${authority}:${port}`,
      ...connection.wire,
    },
    namespace,
    user: undefined,
    close: () => connection.close(),
  };
}

interface AuthOptions {
  headers?: Record<string, string>;
  auth?: string;
  ca?: string | Buffer;
  cert?: string | Buffer;
  key?: string | Buffer;
  servername?: string;
  rejectUnauthorized?: boolean;
}

function headersOf({ headers = {}, auth }: AuthOptions): Headers {
  if (auth === undefined) return headers;
  return { ...headers, authorization: `Basic ${Buffer.from(auth).toString("base64")}` };
}

/** Parsers quote what they parse, and this holds keys: a code or a name is all that is told. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "cannot be read";
  const code = "code" in error && typeof error.code === "string" ? error.code : error.name;
  return fileProblems[code] ?? code;
}

const fileProblems: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EISDIR: "it is a folder",
};
