/** The configuration of the controller: one schema for flags and environment, each field named once. */
import { z } from "zod";
import { nearest } from "./core/nearest.ts";

/** Decimal digits only: not "", which would be 0, nor 0x10 or 1e3, which nobody means. */
function number(
  fix: string,
  pattern: RegExp,
  range: { readonly least: number; readonly most: number },
) {
  return z
    .string()
    .regex(pattern, fix)
    .transform(Number)
    .pipe(z.number().min(range.least, fix).max(range.most, fix));
}

/** Every refusal says what to write instead. */
function numberFrom(least: number, most: number) {
  return number(`give a number from ${least} to ${most}`, /^-?\d+(\.\d+)?$/, { least, most });
}

function wholeNumberFrom(least: number, most: number) {
  return number(`give a whole number from ${least} to ${most}`, /^-?\d+$/, { least, most });
}

function text(fix: string) {
  return z.string().min(1, fix);
}

/** RFC 1123, as Kubernetes names namespaces. */
const namespace = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "give the name of a namespace: lower-case letters, digits and -",
  );

const addressFix = "give an address that begins with http:// or https:// and has no ? and no #";

function isBaseUrl(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "";
}

const hostList =
  /^(?:\*|(?:\*\.)?[A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(?:,(?:(?:\*\.)?[A-Za-z0-9.-]+|\[[0-9a-f:.]+\]))*$/;

const levels = ["debug", "info", "warn", "error"] as const;
const reaches = ["AllInterfaces", "Loopback"] as const;

/** Flags of `serin controller`; each may also be given as SERIN_<NAME> in the environment. */
export const Config = z.object({
  kubeconfig: text("give the path of a file")
    .optional()
    .describe("Path of a kubeconfig; default: in-cluster, else $KUBECONFIG or ~/.kube/config")
    .meta({ placeholder: "file" }),
  context: text("give the name of a context")
    .optional()
    .describe("Context of the kubeconfig; default: its current one"),
  namespace: namespace.optional().describe("Work in this namespace only; default: in all"),
  ownNamespace: namespace
    .default("serin-system")
    .describe("Namespace that Serin runs in: its Lease, and the Secrets of cluster templates"),
  identity: text("give a name")
    .max(253, "give a name of at most 253 characters")
    .regex(/^[\x21-\x7e]+$/, "give a name without blanks")
    .optional()
    .describe("Name of this process in the Lease; default: the host's name"),
  metricsServer: z
    .string()
    .refine(isBaseUrl, addressFix)
    .default("http://prometheus.monitoring:9090")
    .describe("Prometheus address for templates that name none")
    .meta({ placeholder: "url" }),
  providerHosts: z
    .string()
    .regex(hostList, "give hosts with commas between, as in slack.com,*.monitoring.svc; * is any")
    .default("*")
    .describe("Hosts that templates and alert providers may name; *.a.b is every name below a.b")
    .meta({ placeholder: "hosts" }),
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
  refuseUnknown(env);
  const fromEnv = Object.fromEntries(
    Object.keys(Config.shape)
      .map((name) => [name, env[environmentName(name)]] as const)
      .filter(([, value]) => value !== undefined && value !== "" && !isServiceLink(value)),
  );
  const given = Object.fromEntries(
    Object.entries(flags).filter(
      ([name, value]) => value !== undefined && Object.hasOwn(Config.shape, name),
    ),
  );
  const parsed = Config.safeParse({ ...fromEnv, ...given });
  if (parsed.success) return Object.freeze(parsed.data);
  const issue = parsed.error.issues[0];
  const name = String(issue?.path[0] ?? "");
  const source = Object.hasOwn(given, name)
    ? `--${flagName(name)} ${shown(String(given[name]))}`
    : `${environmentName(name)}=${shown(fromEnv[name] ?? "")}`;
  throw new ConfigError(`${source}: ${issue?.message ?? "is not valid"}`);
}

/** A setting that is misspelled would be one that is not heard. */
function refuseUnknown(env: Readonly<Record<string, string | undefined>>): void {
  const known = Object.keys(Config.shape).map(environmentName);
  const unknown = Object.entries(env).find(
    ([name, value = ""]) =>
      name.startsWith(prefix) &&
      value !== "" &&
      !known.includes(name) &&
      !isOfService(name) &&
      !isServiceLink(value),
  );
  if (unknown === undefined) return;
  const [name] = unknown;
  const near = nearest(name, known);
  const hint = near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`;
  throw new ConfigError(`${shown(name)}: there is no such setting; ${hint}`);
}

/** Kubernetes tells pods of Services in variables; those of a Service whose name begins with serin look like settings. */
const isOfService = (name: string): boolean =>
  /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name);

const isServiceLink = (value: string): boolean => /^(tcp|udp|sctp):\/\//.test(value);

/** On one line, bounded, and without the password that an address may hold. */
function shown(value: string): string {
  const line = value
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/\/\/[^/@]*@/, "//[redacted]@");
  return line.length > maxShownChars ? `${line.slice(0, maxShownChars - 1)}…` : line;
}

const maxShownChars = 300;
const prefix = "SERIN_";

/** `metricsServer` becomes `metrics-server`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function environmentName(name: string): string {
  return `${prefix}${flagName(name).replaceAll("-", "_").toUpperCase()}`;
}
