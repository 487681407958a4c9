/** The Helm chart, by helm: what it renders is the kustomize install. Needs no server. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { schemaProblem } from "../../support/kubernetes-schemas.ts";
import { buildEdited } from "../../support/kustomize.ts";
import type { Manifest } from "../../support/manifests.ts";
import { findComponent } from "../setup/components.ts";

const chart = fileURLToPath(new URL("../../../deploy/helm/serin", import.meta.url));
const helm = findComponent("helm");
if (helm === undefined)
  process.stderr.write("\nSKIPPED for want of helm: npm run test:e2e:setup\n");

const kubernetes = ["--kube-version", "1.29.0"];

async function render(namespace: string, values: object): Promise<readonly Manifest[]> {
  const folder = await mkdtemp(join(tmpdir(), "serin-helm-"));
  try {
    const file = join(folder, "values.yaml");
    await writeFile(file, stringify(values));
    const { stdout } = await promisify(execFile)(
      helm ?? "helm",
      // A helm that was built from its module alone takes every cluster for an ancient one.
      ["template", "serin", chart, "--namespace", namespace, "--values", file, ...kubernetes],
      { maxBuffer: 16 * 2 ** 20, env: { PATH: process.env["PATH"], HOME: folder } },
    );
    return parseAllDocuments(stdout)
      .map((document) => document.toJS())
      .filter((object) => object !== null)
      .map((object) => ({ file: "deploy/helm/serin", object }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Labels and annotations by which Helm knows its objects, and settings that are the controller's own defaults. */
const helmsOwn = [
  "app.kubernetes.io/instance",
  "app.kubernetes.io/managed-by",
  "app.kubernetes.io/version",
  "helm.sh/chart",
  "helm.sh/resource-policy",
];
const settings = [
  "SERIN_METRICS_SERVER",
  "SERIN_PROVIDER_HOSTS",
  "SERIN_LOG_LEVEL",
  "SERIN_QPS",
  "SERIN_BURST",
];

/** `Kind name` and what is left when each tool's own marks are gone; the namespace itself is not Helm's to make. */
function comparable(objects: readonly Manifest[]): Readonly<Record<string, unknown>> {
  const byName = objects
    .filter(({ object }) => object.kind !== "Namespace")
    .map(({ object }) => {
      const { metadata, ...rest } = structuredClone(object);
      const { labels = {}, annotations = {}, ...own } = metadata;
      for (const name of helmsOwn) {
        delete labels[name];
        delete annotations[name];
      }
      // Kustomize labels the CRDs too; nothing selects them by it.
      const marks = object.kind === "CustomResourceDefinition" ? {} : labels;
      if (object.kind === "Deployment") {
        const [container] = rest.spec.template.spec.containers;
        delete container.imagePullPolicy;
        container.env = container.env
          .filter(({ name }: { readonly name: string }) => !settings.includes(name))
          .toSorted((a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name));
      }
      return [
        `${object.kind} ${metadata.name}`,
        { ...rest, metadata: { ...own, labels: marks, annotations } },
      ];
    });
  return Object.fromEntries(byName);
}

const components = ["service-monitor", "pod-monitor", "alerts", "dashboard", "mesh"].map(
  (name) => `deploy/components/${name}`,
);
const everything = Object.fromEntries(
  ["serviceMonitor", "podMonitor", "alerts", "dashboard", "mesh"].map((name) => [
    name,
    { enabled: true },
  ]),
);

describe.skipIf(helm === undefined)("the Helm chart", () => {
  it.each([
    ["cluster", "serin-system", [], {}],
    ["cluster", "platform", components, everything],
    ["namespaced", "team-a", [], { namespaced: true }],
    ["namespaced", "team-a", components, { namespaced: true, ...everything }],
  ] as const)("renders the %s install in %s", async (overlay, namespace, switchedOn, values) => {
    const [rendered, built] = await Promise.all([
      render(namespace, values),
      buildEdited(`deploy/overlays/${overlay}`, { components: switchedOn, namespace }),
    ]);
    expect(rendered.map(schemaProblem).filter((problem) => problem !== undefined)).toEqual([]);
    expect(comparable(rendered)).toEqual(comparable(built));
  });

  describe("with values of somebody's own", () => {
    let objects: readonly Manifest[];
    beforeAll(async () => {
      objects = await render("ops", {
        image: { repository: "example.com/serin", tag: "0.2.0" },
        imagePullSecrets: [{ name: "pull" }],
        config: { metricsServer: "https://prometheus.example.com", qps: 20.5 },
        nodeSelector: { pool: "infra" },
        tolerations: [{ key: "infra", operator: "Exists" }],
        priorityClassName: "critical",
        podAnnotations: { "example.com/team": "platform" },
        serviceAccount: { annotations: { "example.com/role": "serin" } },
        crds: { install: false },
        networkPolicy: { enabled: false },
        podDisruptionBudget: { enabled: false },
        maxHeapMebibytes: 700,
        resources: { requests: { cpu: 1, memory: "1Gi" } },
        replicas: 3,
        podMonitor: { enabled: true },
        alerts: { enabled: true },
        monitoringLabels: { release: "prometheus" },
      });
    });

    it("writes them where they belong", () => {
      const kinds = objects.map(({ object }) => object.kind);
      for (const kind of ["CustomResourceDefinition", "NetworkPolicy", "PodDisruptionBudget"])
        expect(kinds).not.toContain(kind);
      const deployment = objects.find(({ object }) => object.kind === "Deployment")?.object;
      const { metadata, spec } = deployment.spec.template;
      expect(deployment.spec.replicas).toBe(3);
      expect(metadata.annotations).toEqual({ "example.com/team": "platform" });
      expect(spec).toMatchObject({
        imagePullSecrets: [{ name: "pull" }],
        nodeSelector: { pool: "infra" },
        tolerations: [{ key: "infra", operator: "Exists" }],
        priorityClassName: "critical",
      });
      const [container] = spec.containers;
      expect(container).toMatchObject({
        image: "example.com/serin:0.2.0",
        resources: { requests: { cpu: 1, memory: "1Gi" } },
      });
      expect(container.env).toEqual(
        expect.arrayContaining([
          { name: "SERIN_METRICS_SERVER", value: "https://prometheus.example.com" },
          { name: "SERIN_QPS", value: "20.5" },
          { name: "NODE_OPTIONS", value: "--max-old-space-size=700 --max-semi-space-size=4" },
        ]),
      );
      for (const kind of ["PodMonitor", "PrometheusRule"]) {
        const monitor = objects.find(({ object }) => object.kind === kind)?.object;
        expect(monitor.metadata.labels).toMatchObject({ release: "prometheus" });
      }
      const account = objects.find(({ object }) => object.kind === "ServiceAccount")?.object;
      expect(account.metadata.annotations).toEqual({ "example.com/role": "serin" });
      expect(objects.map(schemaProblem).filter((problem) => problem !== undefined)).toEqual([]);
    });
  });

  it.each([
    [{ replica: 2 }, "replica"],
    [{ config: { metricsServer: "prometheus:9090" } }, "metricsServer"],
    [{ replicas: "two" }, "replicas"],
  ])("refuses %j, and names the field", async (values, field) => {
    await expect(render("ops", values)).rejects.toThrow(field);
  });
});
