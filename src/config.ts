/** The configuration of the controller: one schema for flags and environment, each field named once. */
import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);

/** Flags of `serin controller`; each may also be given as SERIN_<NAME> in the environment. */
export const Config = z.object({
  kubeconfig: z
    .string()
    .optional()
    .describe("Path of a kubeconfig; default: in-cluster, else $KUBECONFIG or ~/.kube/config"),
  context: z.string().optional().describe("Context of the kubeconfig"),
  namespace: z.string().optional().describe("Work in this namespace only; default: in all"),
  ownNamespace: z
    .string()
    .default("serin-system")
    .describe("Namespace that Serin runs in: its Lease, and the Secrets of cluster templates"),
  identity: z
    .string()
    .optional()
    .describe("Name of this process in the Lease; default: the host's name"),
  metricsServer: z
    .string()
    .regex(/^https?:\/\/.+/)
    .default("http://prometheus.monitoring:9090")
    .describe("Prometheus address for templates that name none"),
  healthPort: port
    .default(8080)
    .describe("Port of /healthz, /readyz and /metrics, on all interfaces"),
  logLevel: z
    .enum(["debug", "info", "warn", "error"])
    .default("info")
    .describe("Least level that is logged"),
  qps: z.coerce
    .number()
    .min(1)
    .max(1000)
    .default(50)
    .describe("Requests per second to the API server; rollbacks are not counted"),
  burst: z.coerce
    .number()
    .int()
    .min(1)
    .max(2000)
    .default(100)
    .describe("Requests at once after a quiet time"),
});
export type Config = Readonly<z.infer<typeof Config>>;

/** Thrown for a value that cannot be used; the message names the flag and what to write instead. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConfigError";
  }
}

/** Flags win over the environment, which wins over defaults. Throws ConfigError. */
export function parseConfig(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): Config {
  const fromEnv = Object.fromEntries(
    Object.keys(Config.shape)
      .map((name) => [name, env[environmentName(name)]] as const)
      .filter(([, value]) => value !== undefined && value !== ""),
  );
  const given = Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => value !== undefined && name in Config.shape),
  );
  const parsed = Config.safeParse({ ...fromEnv, ...given });
  if (parsed.success) return Object.freeze(parsed.data);
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? "");
  throw new ConfigError(
    `--${flagName(name)} (or ${environmentName(name)}): ${issue?.message ?? "is not valid"}`,
  );
}

/** `metricsServer` becomes `metrics-server`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function environmentName(name: string): string {
  return `SERIN_${flagName(name).replaceAll("-", "_").toUpperCase()}`;
}
