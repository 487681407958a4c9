/** The configuration of the controller: one schema for flags and environment, each field named once. */
import { z } from "zod";

/** Every refusal says what to write instead. */
function numberFrom(least: number, most: number) {
  const fix = `give a number from ${least} to ${most}`;
  return z.coerce.number(fix).min(least, fix).max(most, fix);
}

function wholeNumberFrom(least: number, most: number) {
  const fix = `give a whole number from ${least} to ${most}`;
  return z.coerce.number(fix).int(fix).min(least, fix).max(most, fix);
}

const levels = ["debug", "info", "warn", "error"] as const;
const reaches = ["AllInterfaces", "Loopback"] as const;

/** Flags of `serin controller`; each may also be given as SERIN_<NAME> in the environment. */
export const Config = z.object({
  kubeconfig: z
    .string()
    .optional()
    .describe("Path of a kubeconfig; default: in-cluster, else $KUBECONFIG or ~/.kube/config")
    .meta({ placeholder: "file" }),
  context: z.string().optional().describe("Context of the kubeconfig; default: its current one"),
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
    .regex(/^https?:\/\/.+/, "give an address that begins with http:// or https://")
    .default("http://prometheus.monitoring:9090")
    .describe("Prometheus address for templates that name none")
    .meta({ placeholder: "url" }),
  healthPort: wholeNumberFrom(0, 65_535)
    .default(8080)
    .describe("Port of /healthz, /readyz and /metrics; 0: a free one")
    .meta({ placeholder: "number" }),
  healthReach: z
    .enum(reaches, `give one of ${reaches.join(", ")}`)
    .default("AllInterfaces")
    .describe("Where that port is open: AllInterfaces, as a pod's probes need it, or Loopback")
    .meta({ placeholder: "reach" }),
  logLevel: z
    .enum(levels, `give one of ${levels.join(", ")}`)
    .default("info")
    .describe(`Least level that is logged: ${levels.join(", ")}`)
    .meta({ placeholder: "level" }),
  qps: numberFrom(1, 1000)
    .default(50)
    .describe("Requests per second to the API server; rollbacks are not counted")
    .meta({ placeholder: "number" }),
  burst: wholeNumberFrom(1, 2000)
    .default(100)
    .describe("Requests at once after a quiet time")
    .meta({ placeholder: "number" }),
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
  const source =
    name in given
      ? `--${flagName(name)} ${String(given[name])}`
      : `${environmentName(name)}=${fromEnv[name] ?? ""}`;
  throw new ConfigError(`${source}: ${issue?.message ?? "is not valid"}`);
}

/** `metricsServer` becomes `metrics-server`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function environmentName(name: string): string {
  return `SERIN_${flagName(name).replaceAll("-", "_").toUpperCase()}`;
}
