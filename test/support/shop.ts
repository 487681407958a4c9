/** A service in the world, as its owner wrote it: Deployment, Service, routes, templates and Canary, with short times. */
import { isAlreadyExists } from "../../src/adapters/kubernetes/api-error.ts";
import type { World } from "./world.ts";

export const shopNamespace = "shop";

export interface ShopOptions {
  readonly name?: string;
  readonly replicas?: number;
  readonly requestsPerSecond?: number;
  /** The Service's port; left out, plain http. */
  readonly port?: object;
  /** True: the metrics also compare the new version with stable, as by default; else their limits alone judge. */
  readonly isCompared?: boolean;
  /** Weight of the canary destination as the owner wrote it. */
  readonly canaryWeight?: number;
  /** Destinations by subset of one host, or by Service; or no routes at all: Serin generates them. */
  readonly form?: "subset" | "host" | "generate";
  /** False: no Service either. */
  readonly hasService?: boolean;
  /** Before the names of the templates: shops that share none. */
  readonly templatePrefix?: string;
  /** Merged over the Canary's spec. */
  readonly spec?: Readonly<Record<string, unknown>>;
  /** HTTP rules of the owner's that stand before the managed one. */
  readonly otherRules?: readonly object[];
  readonly routeName?: string;
  /** Labels and annotations of the VirtualService. */
  readonly routeMetadata?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Classes of requests that differ from a plain one, as the sandbox's clients read them off the Service. */
  readonly requestClasses?: readonly object[];
}

const scrapeSeconds = 1;

interface Manifest {
  readonly path: string;
  readonly body: object;
}

/** Creates everything of one service, and what services share unless it is there. */
export async function createShop(world: World, options: ShopOptions = {}): Promise<void> {
  await createNamespace(world);
  for (const manifest of shopManifests(options)) await post(world, manifest);
}

/** Creates the shop's namespace unless it is there. */
export async function createNamespace(world: World): Promise<void> {
  const path = "/api/v1/namespaces";
  const all = JSON.stringify(await world.sandbox.admin.request({ method: "GET", path }));
  if (all.includes(`"name":"${shopNamespace}"`)) return;
  const metadata = { name: shopNamespace };
  await post(world, { path, body: { apiVersion: "v1", kind: "Namespace", metadata } });
}

export function shopManifests(options: ShopOptions = {}): readonly Manifest[] {
  const name = options.name ?? "orders";
  const at = (prefix: string, plural: string, body: object) => ({
    path: `${prefix}/namespaces/${shopNamespace}/${plural}`,
    body,
  });
  const istio = "/apis/networking.istio.io/v1";
  const isGenerated = options.form === "generate";
  const serin = "/apis/serin.dev/v1alpha1";
  return [
    at("/apis/apps/v1", "deployments", deployment(name, options.replicas ?? 3)),
    ...(options.hasService === false ? [] : [at("/api/v1", "services", service(name, options))]),
    ...(isGenerated || options.form === "host"
      ? []
      : [at(istio, "destinationrules", destinationRule(name))]),
    ...(isGenerated ? [] : [at(istio, "virtualservices", virtualService(name, options))]),
    at(serin, "analysistemplates", errorRate(options)),
    at(serin, "analysistemplates", latency(options)),
    at(serin, "canaries", canary(name, options)),
  ];
}

function deployment(name: string, replicas: number) {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name, team: "shop", part: name } },
        spec: { containers: [{ name: "app", image: `example.com/${name}:1` }] },
      },
    },
  };
}

const httpPort = { name: "http", port: 80, targetPort: 8080 };

function service(
  name: string,
  { requestsPerSecond = 200, requestClasses, port = httpPort }: ShopOptions,
) {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name,
      annotations: {
        "sandbox.serin.dev/requests-per-second": String(requestsPerSecond),
        ...(requestClasses !== undefined && {
          "sandbox.serin.dev/header-requests": JSON.stringify(requestClasses),
        }),
      },
    },
    spec: { selector: { part: name }, ports: [port] },
  };
}

function destinationRule(name: string) {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name },
    spec: {
      host: name,
      trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5 } },
      subsets: [
        { name: "stable", labels: { app: `${name}-primary` } },
        { name: "canary", labels: { app: name } },
      ],
    },
  };
}

function virtualService(
  name: string,
  { form = "subset", canaryWeight = 100, otherRules = [], routeName, routeMetadata }: ShopOptions,
) {
  const destination = (role: "stable" | "canary") => {
    if (form === "subset") return { host: name, subset: role };
    return { host: `${name}-${role === "stable" ? "primary" : "canary"}` };
  };
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name, ...routeMetadata },
    spec: {
      hosts: [name],
      http: [
        ...otherRules,
        {
          ...(routeName !== undefined && { name: routeName }),
          timeout: "7s",
          retries: { attempts: 0 },
          route: [
            { destination: destination("stable"), weight: 100 - canaryWeight },
            { destination: destination("canary"), weight: canaryWeight },
          ],
        },
      ],
    },
  };
}

const from = `destination_workload_namespace="{{ namespace }}",destination_workload="{{ workload }}",reporter=~"{{ reporter }}"`;
const provider = { prometheus: { scrapeSeconds, timeoutSeconds: 2 } };

function errorRate({ templatePrefix = "" }: ShopOptions) {
  const bad = `istio_requests_total{${from},response_code=~"5.."}`;
  return {
    apiVersion: "serin.dev/v1alpha1",
    kind: "AnalysisTemplate",
    metadata: { name: `${templatePrefix}errors` },
    spec: { provider, ratio: { total: `istio_requests_total{${from}}`, bad } },
  };
}

function latency({ templatePrefix = "" }: ShopOptions) {
  return {
    apiVersion: "serin.dev/v1alpha1",
    kind: "AnalysisTemplate",
    metadata: { name: `${templatePrefix}p99` },
    spec: {
      provider,
      latency: { histogram: `istio_request_duration_milliseconds_bucket{${from}}` },
    },
  };
}

function canary(
  name: string,
  { spec = {}, templatePrefix = "", form, isCompared = false }: ShopOptions,
) {
  const metric = (metricName: string, template: string, max: number) => ({
    name: metricName,
    templateRef: { kind: "AnalysisTemplate", name: `${templatePrefix}${template}` },
    limit: { max, consecutive: 2, minSamples: 20 },
    ...(!isCompared && { compare: null }),
  });
  return {
    apiVersion: "serin.dev/v1alpha1",
    kind: "Canary",
    metadata: { name },
    spec: {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      ...(form === "generate" && { service: { port: 80, targetPort: 8080 } }),
      routing: {
        istio: {
          ...(form === "generate" ? { generate: {} } : { virtualServices: [{ name }] }),
          propagationSeconds: 1,
        },
      },
      stages: [10, 25, 50, 100].map((weight) => ({ weight, minSeconds: 4 })),
      analysis: {
        intervalSeconds: 2,
        warmupSeconds: 3,
        metrics: [metric("error-rate", "errors", 5), metric("latency-p99", "p99", 500)],
      },
      rollback: { canaryScaleDownDelaySeconds: 4 },
      progressDeadlineSeconds: 60,
      ...spec,
    },
  };
}

async function post(world: World, { path, body }: Manifest): Promise<void> {
  try {
    await world.sandbox.admin.request({ method: "POST", path, body });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
