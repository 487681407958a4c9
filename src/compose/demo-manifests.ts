/** What the demo applies: two services that are alike, their routes, and a Canary each with times short enough to watch. */

import { canaryResource } from "../adapters/kubernetes/cluster/informers.ts";
import { type ResourceRef, resourcePath } from "../adapters/kubernetes/paths.ts";
import type { RawObject } from "../adapters/kubernetes/raw-object.ts";
import { apiVersion } from "../api/names.ts";

/** Namespace of the demo. */
export const demoNamespace = "demo";
/** Requests per second that the simulated clients send to each service. */
const demoRequestsPerSecond = 1_000;

const scrapeSeconds = 1;
const apps: ResourceRef = { group: "apps", version: "v1", plural: "deployments", namespaced: true };
const core = (plural: string): ResourceRef => ({
  group: "",
  version: "v1",
  plural,
  namespaced: true,
});
const istio = (plural: string): ResourceRef => ({
  group: "networking.istio.io",
  version: "v1",
  plural,
  namespaced: true,
});

/** One object and the address it is created at. */
export interface Manifest {
  readonly path: string;
  readonly body: object;
}

/** Where a service's Deployment is patched. */
export function deploymentPath(name: string): string {
  return resourcePath(apps, { namespace: demoNamespace, name });
}

/** The namespace and the templates: the shipped ones, told that the sandbox scrapes every second. */
export function sharedManifests(shipped: readonly RawObject[]): readonly Manifest[] {
  const templates = shipped.map((template) => ({
    path: resourcePath(
      { ...canaryResource, plural: "analysistemplates" },
      { namespace: demoNamespace },
    ),
    body: {
      apiVersion: template.apiVersion,
      kind: "AnalysisTemplate",
      metadata: { name: template.metadata.name },
      spec: {
        ...asRecord(template.spec),
        provider: { prometheus: { scrapeSeconds, timeoutSeconds: 2 } },
      },
    },
  }));
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: demoNamespace } };
  return [{ path: "/api/v1/namespaces", body: namespace }, ...templates];
}

/** A service with three pods, and the Canary that looks after it. */
export function serviceManifests(name: string): readonly Manifest[] {
  const load = { "sandbox.serin.dev/requests-per-second": String(demoRequestsPerSecond) };
  return [
    manifest(apps, {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      ...deployment(name),
    }),
    manifest(core("services"), {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, annotations: load },
      ...service(name),
    }),
    manifest(istio("destinationrules"), {
      apiVersion: "networking.istio.io/v1",
      kind: "DestinationRule",
      metadata: { name },
      ...destinationRule(name),
    }),
    manifest(istio("virtualservices"), {
      apiVersion: "networking.istio.io/v1",
      kind: "VirtualService",
      metadata: { name },
      ...virtualService(name),
    }),
    manifest(canaryResource, { apiVersion, kind: "Canary", metadata: { name }, ...canary(name) }),
  ];
}

function manifest(resource: ResourceRef, body: object): Manifest {
  return { path: resourcePath(resource, { namespace: demoNamespace }), body };
}

function deployment(name: string) {
  return {
    spec: {
      replicas: 3,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name, "serin.dev/demo": name } },
        spec: { containers: [{ name: "app", image: `example.com/${name}:1.0` }] },
      },
    },
  };
}

function service(name: string) {
  return {
    spec: {
      selector: { "serin.dev/demo": name },
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
    },
  };
}

function destinationRule(name: string) {
  return {
    spec: {
      host: name,
      subsets: [
        { name: "stable", labels: { app: `${name}-primary` } },
        { name: "canary", labels: { app: name } },
      ],
    },
  };
}

function virtualService(name: string) {
  return {
    spec: {
      hosts: [name],
      http: [
        {
          route: [
            { destination: { host: name, subset: "stable" }, weight: 0 },
            { destination: { host: name, subset: "canary" }, weight: 100 },
          ],
        },
      ],
    },
  };
}

function canary(name: string) {
  const metric = (metricName: string, template: string, max: number) => ({
    name: metricName,
    templateRef: { kind: "AnalysisTemplate", name: template },
    limit: { max, consecutive: 2, minSamples: 20 },
  });
  return {
    spec: {
      targetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      routing: { istio: { virtualServices: [{ name }], propagationSeconds: 1 } },
      stages: [10, 25, 50, 100].map((weight) => ({ weight, minSeconds: 4 })),
      analysis: {
        intervalSeconds: 2,
        warmupSeconds: 3,
        metrics: [
          metric("error-rate", "istio-error-rate", 5),
          metric("latency-p99", "istio-latency-p99", 500),
        ],
      },
      rollback: { canaryScaleDownDelaySeconds: 3 },
    },
  };
}

function asRecord(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
