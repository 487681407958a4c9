/** Where a template's server is and how to log in there: reads the Secrets it names. Sends nothing. */
import type { PrometheusProvider } from "../../../api/analysis-template.ts";
import { ownValue } from "../../../core/own-value.ts";
import type { Secrets } from "../../../ports/secrets.ts";
import type { PrometheusAuth, PrometheusEndpoint } from "./auth.ts";

/** Why there is no reading, in one word and a sentence without secrets. */
export interface ReadProblem {
  readonly kind: "Failure";
  readonly reason: string;
  readonly message: string;
}

export function readProblem(reason: string, message: string): ReadProblem {
  return { kind: "Failure", reason, message };
}

export interface EndpointDeps {
  readonly secrets: Secrets;
  /** Address for templates that name none. */
  readonly metricsServer: string | undefined;
}

type Found<T> = { readonly kind: "Found"; readonly value: T } | ReadProblem;

export async function findEndpoint(
  provider: PrometheusProvider,
  secretNamespace: string,
  { secrets, metricsServer }: EndpointDeps,
): Promise<Found<PrometheusEndpoint>> {
  const address = provider.address ?? metricsServer;
  if (address === undefined) {
    const fix = "name provider.prometheus.address, or start Serin with --metrics-server";
    return readProblem("AddressMissing", `no address of a Prometheus server: ${fix}`);
  }
  const auth = await findAuth(provider, secretNamespace, secrets);
  if (auth.kind === "Failure") return auth;
  const ca = await findAuthority(provider, secretNamespace, secrets);
  if (ca.kind === "Failure") return ca;
  return {
    kind: "Found",
    value: {
      address,
      ...(provider.address === undefined && { isOurs: true }),
      ...(provider.headers !== undefined && { headers: provider.headers }),
      ...(auth.value !== undefined && { auth: auth.value }),
      ...(ca.value !== undefined && { ca: ca.value }),
    },
  };
}

async function findAuth(
  { secretRef }: PrometheusProvider,
  namespace: string,
  secrets: Secrets,
): Promise<Found<PrometheusAuth | undefined>> {
  if (secretRef === undefined) return { kind: "Found", value: undefined };
  const data = await readSecret(namespace, secretRef.name, secrets);
  if (data.kind === "Failure") return data;
  const { token, username, password } = data.value;
  if (token !== undefined) return { kind: "Found", value: { bearer: token } };
  if (username !== undefined && password !== undefined) {
    return { kind: "Found", value: { username, password } };
  }
  const name = `Secret ${namespace}/${secretRef.name}`;
  return readProblem(
    "SecretInvalid",
    `${name} has neither the key token nor the keys username and password`,
  );
}

async function findAuthority(
  { caSecretRef }: PrometheusProvider,
  namespace: string,
  secrets: Secrets,
): Promise<Found<string | undefined>> {
  if (caSecretRef === undefined) return { kind: "Found", value: undefined };
  const data = await readSecret(namespace, caSecretRef.name, secrets);
  if (data.kind === "Failure") return data;
  const value = ownValue(data.value, caSecretRef.key);
  if (value !== undefined) return { kind: "Found", value };
  const name = `Secret ${namespace}/${caSecretRef.name}`;
  return readProblem("SecretInvalid", `${name} has no key ${caSecretRef.key}`);
}

async function readSecret(
  namespace: string,
  name: string,
  secrets: Secrets,
): Promise<Found<Readonly<Record<string, string>>>> {
  const secret = await secrets.read(namespace, name);
  switch (secret.kind) {
    case "Known":
      return { kind: "Found", value: secret.value };
    case "Missing":
      return readProblem(secret.reason, secret.because);
    case "Unknown":
      return readProblem("SecretUnreadable", secret.because);
  }
}
