/** The way from a command to a cluster: which one, as whom, in which namespace, and in words what is wrong with the way. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { ApiError } from "../adapters/kubernetes/api-error.ts";
import {
  connectByKubeconfig,
  connectInCluster,
  type KubeConnection,
} from "../adapters/kubernetes/kube-config.ts";
import { createTransport, type Transport } from "../adapters/kubernetes/transport.ts";
import { createSystemClock } from "../adapters/system-clock.ts";
import type { Clock } from "../ports/clock.ts";
import { RetryableError, StallError } from "../ports/errors.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { secureRandom } from "./secure-random.ts";
import { silentLog } from "./silent-log.ts";
import type { Surroundings } from "./terminal.ts";

export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** What a command does its work with. */
export interface ClusterAccess {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly namespace: string;
  /** Name of the kubeconfig's user. */
  readonly user: string | undefined;
  /** Aborted when the command should end. */
  readonly signal: AbortSignal;
}

/** Name under which commands write. */
const commandManager = "serin-cli";

/** Does the work with the cluster that the flags name, and says in one sentence what kept it from it. */
export async function withCluster<T>(
  flags: ClusterFlags,
  surroundings: Surroundings,
  work: (cluster: ClusterAccess) => Promise<T>,
): Promise<T> {
  const clock = createSystemClock();
  const connection = await connect(flags, surroundings, clock);
  try {
    const transport = createTransport({
      ...connection.wire,
      clock,
      log: silentLog,
      random: secureRandom,
      userAgent: commandManager,
      fieldManager: commandManager,
    });
    return await work({
      transport,
      clock,
      random: secureRandom,
      namespace: flags.namespace ?? connection.namespace ?? "default",
      user: connection.user,
      signal: surroundings.signal,
    });
  } catch (error) {
    throw explain(error, connection.wire.baseUrl);
  } finally {
    await connection.close();
  }
}

async function connect(
  flags: ClusterFlags,
  { env, cwd }: Surroundings,
  clock: Clock,
): Promise<KubeConnection> {
  const paths = kubeconfigPaths(flags, env, cwd);
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  try {
    const [path, ...morePaths] = paths;
    if (path !== undefined) {
      const context = flags.context === undefined ? {} : { context: flags.context };
      return await connectByKubeconfig({ path, morePaths, clock, log: silentLog, ...context });
    }
    if (host !== undefined && port !== undefined)
      return await connectInCluster({ host, port, clock, log: silentLog });
  } catch (error) {
    if (!(error instanceof StallError)) throw error;
    const fix = "name a kubeconfig by --kubeconfig and a context of it by --context";
    throw new CommandError(
      exitCodes.noCluster,
      `no way to an API server: ${error.message}; ${fix}`,
      error,
    );
  }
  const fix = "name one by --kubeconfig or KUBECONFIG; for a cluster to try, run: serin sandbox";
  throw new CommandError(exitCodes.noCluster, `there is no kubeconfig; ${fix}`);
}

/** As kubectl finds it. A file that somebody named must be there, of the usual places those that are count. */
function kubeconfigPaths(
  flags: ClusterFlags,
  env: Surroundings["env"],
  cwd: string,
): readonly string[] {
  if (flags.kubeconfig !== undefined) return [resolve(cwd, flags.kubeconfig)];
  const named = (env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  const [first] = named;
  if (first !== undefined) {
    const there = named.map((path) => resolve(cwd, path)).filter((path) => existsSync(path));
    return there.length > 0 ? there : [resolve(cwd, first)];
  }
  const usual = join(env["HOME"] ?? homedir(), ".kube", "config");
  return existsSync(usual) ? [usual] : [];
}

/** The errors of the transport as what a person can do about them. */
function explain(error: unknown, server: string): unknown {
  if (error instanceof RetryableError) return explainRetryable(error, server);
  if (error instanceof StallError)
    return new CommandError(exitCodes.noCluster, whyRefused(error), error);
  if (error instanceof ApiError)
    return new CommandError(exitCodes.failed, `${error.request}: ${error.message}`, error);
  return error;
}

function explainRetryable(error: RetryableError, server: string): CommandError {
  if (error.reason === "Aborted") return new CommandError(exitCodes.interrupted, "interrupted");
  const isAnswer = error.cause instanceof ApiError;
  const because = error.message.replace(/^[A-Z]+ \S+(?: \S+\/\S+)?: /, "");
  return new CommandError(
    exitCodes.noCluster,
    isAnswer
      ? `the API server at ${server} cannot answer now: ${error.message}; try again`
      : `cannot reach the API server at ${server}: ${because}; is it running, and is this the right context?`,
    error,
  );
}

function whyRefused({ reason, message }: StallError): string {
  if (reason === "Unauthorized")
    return `the API server does not accept the kubeconfig's credentials: ${message}; log in again`;
  if (reason === "Forbidden")
    return `the kubeconfig's user may not do this: ${message}; ask for these rights, or choose another --context`;
  return message;
}
