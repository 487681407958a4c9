/** `serin sandbox`: starts the sandbox, tells how to use it, and runs until it is stopped. */
import { rm } from "node:fs/promises";
import { isAbsolute, relative, resolve } from "node:path";
import { createPinoLog } from "../adapters/observability/pino-log.ts";
import { createPrometheusMetrics } from "../adapters/observability/prometheus-metrics.ts";
import { createSystemClock } from "../adapters/system-clock.ts";
import { startSandbox } from "../compose/sandbox.ts";
import { ConfigError } from "../config.ts";
import { writeKubeconfig } from "./kubeconfig-file.ts";
import { secureRandom } from "./secure-random.ts";
import type { Surroundings } from "./terminal.ts";

export interface SandboxFlags {
  readonly kubeconfig: string;
  readonly port: string;
  readonly metricsPort: string;
}

/** Exit code 0 after a stop by signal. */
export async function sandboxCommand(
  flags: SandboxFlags,
  surroundings: Surroundings,
): Promise<number> {
  const { cwd, signal, stdout, stderr } = surroundings;
  const clock = createSystemClock();
  const sandbox = await startSandbox({
    clock,
    log: createPinoLog({ clock, level: "warn", destination: stderr }),
    random: secureRandom,
    metrics: createPrometheusMetrics({ withProcess: false }),
    port: parsePort("port", flags.port),
    metricsPort: parsePort("metrics-port", flags.metricsPort),
  });
  const kubeconfig = resolve(cwd, flags.kubeconfig);
  await writeKubeconfig(kubeconfig, sandbox.apiAddress ?? "");
  stdout.write(
    usage(shown(cwd, kubeconfig), sandbox.apiAddress ?? "", sandbox.prometheusAddress ?? ""),
  );
  await stopped(signal);
  stdout.write("\nstopping\n");
  await rm(kubeconfig, { force: true });
  await sandbox.stop();
  return 0;
}

function usage(kubeconfig: string, api: string, prometheus: string): string {
  return `Serin sandbox is ready.

  API server   ${api}
  Prometheus   ${prometheus}
  kubeconfig   ${kubeconfig}

In another terminal:

  export KUBECONFIG=${kubeconfig}
  kubectl apply -R -f deploy/examples/order-service
  kubectl -n order-prod wait --for=jsonpath='{.status.phase}'=Initialized canary/order-service --timeout=60s

  # a good release: 10, 25, 50, 100 %
  kubectl -n order-prod set env deployment/order-service RELEASE=2
  kubectl -n order-prod get canary order-service -w

  # a bad one: every fifth request of the new version fails
  kubectl -n order-prod patch deployment order-service --type=merge -p \\
    '{"spec":{"template":{"metadata":{"annotations":{"sandbox.serin.dev/error-percent":"20"}}}}}'
  kubectl -n order-prod describe canary order-service

Ctrl-C ends it; nothing is kept.
`;
}

function shown(cwd: string, path: string): string {
  const below = relative(cwd, path);
  return below.startsWith("..") || isAbsolute(below) ? path : below;
}

function parsePort(flag: string, text: string): number {
  const port = Number(text);
  if (text !== "" && Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new ConfigError(`--${flag} ${text}: give a port number from 0 (a free one) to 65535`);
}

/** Resolves once the signal is aborted. */
export function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));
}
