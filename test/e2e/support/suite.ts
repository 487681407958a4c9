/**
 * The one environment that all files of a worker share, and the Serin that works in it: started by the first that
 * asks, stopped when the worker ends. What Serin did in it is left to be judged with the whole run.
 */
import { basename } from "node:path";
import { connectByKubeconfig } from "../../../src/adapters/kubernetes/kube-config.ts";
import { createTransport, type Transport } from "../../../src/adapters/kubernetes/transport.ts";
import { createSystemClock } from "../../../src/adapters/system-clock.ts";
import { createRecordingLog } from "../../support/recording-log.ts";
import { atWorkerEnd } from "./at-worker-end.ts";
import { type Environment, startEnvironment } from "./environment.ts";
import { judge } from "./judge.ts";
import { beginJudged, type Facts } from "./run-folder.ts";
import { type SerinProcess, startSerin } from "./serin.ts";
import { type SlackSink, startSlackSink } from "./slack-sink.ts";

export interface Suite {
  readonly environment: Environment;
  /** As an administrator, without a limit on the rate of requests. */
  readonly admin: Transport;
  readonly slack: SlackSink;
  /** The replicas that run; faults replace them. */
  readonly replicas: SerinProcess[];
  /** Starts another replica. */
  startReplica(
    name: string,
    options?: { readonly nodeArguments?: readonly string[] },
  ): Promise<SerinProcess>;
}

let starting: Promise<Suite> | undefined;

/** The same for every file of a worker; nobody needs to close it. */
export function openSuite(): Promise<Suite> {
  starting ??= start();
  return starting;
}

async function closeSuite(
  suite: Suite,
  leaveFacts: ((facts: Facts) => void) | undefined,
): Promise<void> {
  const { admin, replicas, slack, environment } = suite;
  try {
    await Promise.all(replicas.map((replica) => replica.stop()));
    leaveFacts?.(await judge(admin, environment));
  } finally {
    await slack.close();
    await environment.stop();
  }
}

async function start(): Promise<Suite> {
  const environment = await startEnvironment();
  const leaveFacts = beginJudged(basename(environment.folder));
  const replicas: SerinProcess[] = [];
  const suite: Suite = {
    environment,
    admin: await connectAdmin(environment.controlPlane.adminKubeconfig),
    slack: await startSlackSink(),
    replicas,
    async startReplica(name, options = {}) {
      const replica = await startSerin(environment, { name, ...options });
      replicas.push(replica);
      return replica;
    },
  };
  atWorkerEnd(() => closeSuite(suite, leaveFacts));
  await suite.startReplica("serin-a");
  await suite.startReplica("serin-b");
  return suite;
}

export async function connectAdmin(kubeconfig: string): Promise<Transport> {
  const clock = createSystemClock();
  const log = createRecordingLog();
  const { wire } = await connectByKubeconfig({ path: kubeconfig, clock, log });
  const random = Math.random;
  const unlimited = { qps: 10_000, burst: 10_000 };
  const shared = { clock, random, log, ...unlimited };
  return createTransport({ ...wire, ...shared, userAgent: "e2e", fieldManager: "kubectl-edit" });
}
