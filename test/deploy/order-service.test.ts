import { DestinationRule } from "@kubernetes-models/istio/networking.istio.io/v1/DestinationRule";
import { VirtualService } from "@kubernetes-models/istio/networking.istio.io/v1/VirtualService";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { Service } from "kubernetes-models/v1/Service";
import { describe, expect, it } from "vitest";
import { AlertProvider } from "../../src/api/alert-provider.ts";
import { AnalysisTemplate } from "../../src/api/analysis-template.ts";
import { Canary } from "../../src/api/canary.ts";
import { findManifest, readManifests } from "../support/manifests.ts";

const example = readManifests("deploy/examples/order-service");
const target = findManifest(example, "Deployment");
const service = findManifest(example, "Service");
const virtualService = findManifest(example, "VirtualService");
const destinationRule = findManifest(example, "DestinationRule");
const canary = findManifest(example, "Canary");
const spec = Canary.parse(canary).spec;
const templates = example
  .filter(({ object }) => object.kind === "AnalysisTemplate")
  .map(({ object }) => ({ name: object.metadata.name, spec: AnalysisTemplate.parse(object).spec }));

interface Rule {
  readonly name: string;
  readonly match?: readonly { readonly headers: Record<string, { readonly exact: string }> }[];
  readonly route: readonly { readonly destination: object; readonly weight?: number }[];
}
const rules: readonly Rule[] = virtualService.spec.http;

describe("the example order-service", () => {
  it("creates its namespace first, and everything else in it", () => {
    expect(example[0]?.object.kind).toBe("Namespace");
    const elsewhere = example
      .slice(1)
      .filter(({ object }) => object.metadata.namespace !== "order-prod");
    expect(elsewhere).toEqual([]);
    expect(example.filter(({ object }) => object.kind === "Canary")).toHaveLength(1);
    expect(example.filter(({ object }) => object.kind === "VirtualService")).toHaveLength(1);
  });

  it("is valid to the schemas of Kubernetes, Istio and Serin", () => {
    expect(() => new Deployment(target).validate()).not.toThrow();
    expect(() => new Service(service).validate()).not.toThrow();
    expect(() => new VirtualService(virtualService).validate()).not.toThrow();
    expect(() => new DestinationRule(destinationRule).validate()).not.toThrow();
    expect(AlertProvider.parse(findManifest(example, "AlertProvider")).spec.slack).toBeDefined();
    expect(templates.map(({ name }) => name)).toEqual(["error-rate", "latency-p99"]);
  });

  it("has a Service that selects both versions", () => {
    const { labels } = target.spec.template.metadata;
    expect(labels).toMatchObject(service.spec.selector);
    expect(target.spec.selector.matchLabels).toEqual({ app: "order-service" });
    expect(service.spec.selector).not.toHaveProperty("app");
  });

  it("tells the versions apart by subsets of the selector label alone", () => {
    expect(destinationRule.spec.subsets).toEqual([
      { name: "stable", labels: { app: "order-service-primary" } },
      { name: "canary", labels: { app: "order-service" } },
    ]);
    expect(destinationRule.spec.trafficPolicy.outlierDetection.maxEjectionPercent).toBeLessThan(
      100,
    );
  });

  it("manages one rule, whose canary has no weight in git", () => {
    expect(spec.routing.istio?.virtualServices).toEqual([
      { name: "order-service", routes: ["primary"] },
    ]);
    const managed = rules.filter(({ name }) => name === "primary");
    expect(managed.map(({ route }) => route)).toEqual([
      [
        { destination: { host: "order-service", subset: "stable" }, weight: 100 },
        { destination: { host: "order-service", subset: "canary" }, weight: 0 },
      ],
    ]);
  });

  it("sends 30 % of the sandbox's load to a rule of the user's, before the managed one", () => {
    const declared = JSON.parse(service.metadata.annotations["sandbox.serin.dev/header-requests"]);
    const [first] = rules;
    expect(declared.percent).toBe(30);
    const wanted = Object.entries(first?.match?.[0]?.headers ?? {}).map(([name, { exact }]) => [
      name,
      exact,
    ]);
    expect(Object.entries(declared.headers)).toEqual(wanted);
    expect(first).toMatchObject({ timeout: "3s", retries: { attempts: 2 }, fault: { delay: {} } });
    expect(service.metadata.annotations["sandbox.serin.dev/requests-per-second"]).toBe("200");
  });

  it("names templates that are there, and a provider that is there", () => {
    const named = spec.analysis.metrics.map(({ templateRef }) => templateRef);
    expect(named).toEqual(templates.map(({ name }) => ({ kind: "AnalysisTemplate", name })));
    expect(spec.alerts.map(({ providerRef }) => providerRef.name)).toEqual([
      findManifest(example, "AlertProvider").metadata.name,
    ]);
  });

  it("gives the canary enough requests in one interval, at its least weight", () => {
    const rps = Number(service.metadata.annotations["sandbox.serin.dev/requests-per-second"]);
    const least = (rps * 0.7 * (spec.stages[0]?.weight ?? 0)) / 100;
    const wanted = Math.max(...spec.analysis.metrics.map(({ limit }) => limit.minSamples));
    expect(least * spec.analysis.intervalSeconds).toBeGreaterThan(wanted);
  });

  it("spends less than 90 s on stages when all goes well", () => {
    const scrape = Math.max(
      ...templates.map((t) => t.spec.provider.prometheus?.scrapeSeconds ?? 0),
    );
    const proof = 2 * spec.analysis.intervalSeconds + scrape;
    const seconds = spec.stages.map(
      ({ minSeconds }) => proof + minSeconds + spec.analysis.intervalSeconds,
    );
    expect(seconds.reduce((sum, each) => sum + each, 0)).toBeLessThan(90);
  });
});
