/**
 * A real istiod on loopback: serves xDS in the clear to proxyless clients, and its validating webhook over plain HTTP,
 * so that a test may ask it about an object. Nothing is registered with the API server, which therefore never waits
 * for it.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { type Child, startChild, whenReady } from "./child.ts";
import { requireComponent } from "./control-plane.ts";
import { freePort } from "./free-port.ts";
import { kubectl } from "./kubectl.ts";

const rootNamespace = "istio-system";

export interface Istiod {
  readonly child: Child;
  /** `host:port` of its unencrypted xDS. */
  readonly xds: string;
  /** Address of /ready, /validate and /debug. */
  readonly address: string;
  /** Address of its own /metrics. */
  readonly monitoring: string;
  /** What its webhook says to an object of Istio's that is created or changed. */
  validate(object: object): Promise<WebhookAnswer>;
}

export type WebhookAnswer =
  | { readonly isAllowed: true; readonly warnings: readonly string[] }
  | { readonly isAllowed: false; readonly message: string };

export interface IstiodOptions {
  /** Folder of its log and its configuration. */
  readonly folder: string;
  /** A control plane that has Istio's CRDs; it has to be an administrator's. */
  readonly kubeconfig: string;
  readonly meshConfig?: object;
  /** Settings of pilot-discovery beside those that turn off what has no place here. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startIstiod(options: IstiodOptions): Promise<Istiod> {
  const { folder, kubeconfig, meshConfig = {}, env = {} } = options;
  mkdirSync(folder, { recursive: true });
  const meshFile = join(folder, "mesh.yaml");
  writeFileSync(meshFile, stringify(meshConfig));
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: rootNamespace } };
  await kubectl(kubeconfig, ["apply", "-f", "-"], JSON.stringify(namespace));
  const [http, xds, monitoring] = [await freePort(), await freePort(), await freePort()];
  const child = startChild({
    name: "istiod",
    command: requireComponent("pilot-discovery"),
    args: [
      "discovery",
      `--kubeconfig=${kubeconfig}`,
      `--meshConfig=${meshFile}`,
      `--namespace=${rootNamespace}`,
      `--httpAddr=127.0.0.1:${http}`,
      // Without an address of its own, /validate is served on httpAddr.
      "--httpsAddr=",
      `--grpcAddr=127.0.0.1:${xds}`,
      "--secureGRPCAddr=",
      `--monitoringAddr=127.0.0.1:${monitoring}`,
      "--ctrlz_address=127.0.0.1",
      "--ctrlz_port=0",
    ],
    folder,
    env: { ...quiet, ...env },
    cwd: folder,
  });
  const address = `http://127.0.0.1:${http}`;
  await whenReady(child, 60_000, async () => (await fetch(`${address}/ready`)).ok);
  return {
    child,
    xds: `127.0.0.1:${xds}`,
    address,
    monitoring: `http://127.0.0.1:${monitoring}`,
    validate: (object) => askWebhook(`${address}/validate`, object),
  };
}

/** No certificates, no injection, no webhook configuration to keep up, no Gateway API (its CRDs are not there). */
const quiet = {
  POD_NAME: "istiod",
  POD_NAMESPACE: rootNamespace,
  ENABLE_CA_SERVER: "false",
  PILOT_CERT_PROVIDER: "none",
  INJECT_ENABLED: "false",
  VALIDATION_WEBHOOK_CONFIG_NAME: "",
  INJECTION_WEBHOOK_CONFIG_NAME: "",
  PILOT_ENABLE_GATEWAY_API: "false",
  PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: "false",
};

const IstioObject = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
});

const AdmissionReview = z.looseObject({
  response: z.looseObject({
    uid: z.string(),
    allowed: z.boolean(),
    warnings: z.array(z.string()).optional(),
    status: z.looseObject({ message: z.string() }).optional(),
  }),
});

/** As the API server asks for an UPDATE; the webhook treats a CREATE alike. */
async function askWebhook(url: string, object: object): Promise<WebhookAnswer> {
  const { apiVersion, kind, metadata } = IstioObject.parse(object);
  const [group = "", version = ""] = apiVersion.split("/");
  const uid = randomUUID();
  const review = {
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: {
      uid,
      kind: { group, version, kind },
      resource: { group, version, resource: `${kind.toLowerCase()}s` },
      namespace: metadata.namespace,
      name: metadata.name,
      operation: "UPDATE",
      object,
    },
  };
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(review),
  });
  if (!answer.ok) throw new Error(`istiod answered ${answer.status}: ${await answer.text()}`);
  const { response } = AdmissionReview.parse(await answer.json());
  if (response.uid !== uid) throw new Error(`istiod answered ${response.uid}, not ${uid}`);
  if (response.allowed) return { isAllowed: true, warnings: response.warnings ?? [] };
  return { isAllowed: false, message: response.status?.message ?? "" };
}
