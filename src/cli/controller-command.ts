/** `serin controller`: runs against a cluster until it is stopped, then hands over and ends. */
import { randomUUID } from "node:crypto";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import {
  connectByKubeconfig,
  connectInCluster,
  type KubeConnection,
  type PodSource,
} from "../adapters/kubernetes/kube-config.ts";
import { createHealthApp } from "../adapters/observability/health-app.ts";
import { listenHealth } from "../adapters/observability/health-server.ts";
import { createLogOutlet } from "../adapters/observability/log-outlet.ts";
import { createPinoLog } from "../adapters/observability/pino-log.ts";
import { createPrometheusMetrics } from "../adapters/observability/prometheus-metrics.ts";
import { createSystemClock } from "../adapters/system-clock.ts";
import { composeController } from "../compose/controller.ts";
import { startHousekeeping } from "../compose/housekeeping.ts";
import { createOutbound } from "../compose/outbound.ts";
import type { Config } from "../config.ts";
import type { Clock } from "../ports/clock.ts";
import { StallError } from "../ports/errors.ts";
import type { Log } from "../ports/log.ts";
import { stopped } from "./sandbox-command.ts";
import { secureRandom } from "./secure-random.ts";
import type { Surroundings } from "./terminal.ts";

/** Exit code 0 after a stop by signal. */
export async function controllerCommand(
  config: Config,
  surroundings: Surroundings,
): Promise<number> {
  const clock = createSystemClock();
  const metrics = createPrometheusMetrics({ withProcess: true });
  const destination = createLogOutlet({
    target: surroundings.stdout,
    clock,
    onLost: () => metrics.countLostLogLine(),
  });
  const log = createPinoLog({ clock, level: config.logLevel, destination });
  const pod = podOf(config, surroundings.env);
  const connection = await connect(config, surroundings.env, { clock, log, pod });
  const outbound = createOutbound({
    metricsServer: config.metricsServer,
    providerHosts: config.providerHosts,
    loopback: pod === undefined ? "Allow" : "Refuse",
    refused: pod === undefined ? [] : [pod.host],
  });
  const controller = composeController({
    wire: connection.wire,
    outbound,
    clock,
    log,
    random: secureRandom,
    metrics,
    settings: {
      namespace: config.namespace,
      ownNamespace: config.ownNamespace,
      identity: `${config.identity ?? hostname()}_${randomUUID()}`,
      metricsServer: config.metricsServer,
      qps: config.qps,
      burst: config.burst,
    },
  });
  const health = await listenHealth(
    createHealthApp({
      alive: [],
      ready: [{ name: "caches", problem: () => controller.problem() }],
      metrics: () => metrics.render(),
    }),
    { port: config.healthPort, reach: config.healthReach },
  );
  log.info({ port: health.port }, "serving health and metrics");
  const stopHousekeeping = startHousekeeping(controller, log);
  const starting = controller.start();
  await Promise.race([starting, stopped(surroundings.signal)]);
  await stopped(surroundings.signal);
  log.info({}, "stopping");
  await stopHousekeeping();
  await controller.stop();
  await health.close();
  await Promise.all([connection.close(), outbound.close()]);
  return 0;
}

type Pod = Pick<PodSource, "host" | "port">;

/** What a pod is told of the API server; undefined elsewhere, and where a kubeconfig or a context of one is asked for. */
function podOf({ kubeconfig, context }: Config, env: Surroundings["env"]): Pod | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (kubeconfig !== undefined || context !== undefined) return undefined;
  return host === undefined || port === undefined ? undefined : { host, port };
}

async function connect(
  config: Config,
  env: Surroundings["env"],
  { clock, log, pod }: { readonly clock: Clock; readonly log: Log; readonly pod: Pod | undefined },
): Promise<KubeConnection> {
  if (pod !== undefined) return connectInCluster({ ...pod, clock, log });
  const path = config.kubeconfig ?? env.KUBECONFIG ?? join(homedir(), ".kube", "config");
  const context = config.context === undefined ? {} : { context: config.context };
  try {
    return await connectByKubeconfig({ path, clock, log, ...context });
  } catch (error) {
    if (!(error instanceof StallError)) throw error;
    const fix = "name a kubeconfig by --kubeconfig and a context of it by --context";
    throw new Error(`no way to an API server: ${error.message}; ${fix}`, { cause: error });
  }
}
