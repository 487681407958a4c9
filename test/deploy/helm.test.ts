/** The chart as far as it can be known without helm; that it renders to the kustomize install is tested with helm itself. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { HelmValues } from "../../src/codegen/helm-values.ts";
import { Config, flagName, parseConfig } from "../../src/config.ts";
import { findManifest, readManifests } from "../support/manifests.ts";

const chart = fileURLToPath(new URL("../../deploy/helm/serin", import.meta.url));
const root = join(chart, "../../..");
const read = (path: string): string => readFileSync(join(chart, path), "utf8");
const templates = globSync("templates/*", { cwd: chart }).map((path) => ({
  path,
  text: read(path),
}));
const values = parse(read("values.yaml"));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** `image.tag` and so on: every leaf of the values. */
function leavesOf(value: unknown, path: readonly string[] = []): readonly string[] {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  const entries = isMap ? Object.entries(value) : [];
  if (entries.length === 0) return [path.join(".")];
  return entries.flatMap(([name, of]) => leavesOf(of, [...path, name]));
}

describe("the values of the Helm chart", () => {
  it("are, in values.yaml, the defaults of their schema", () => {
    expect(values).toEqual(HelmValues.parse({}));
  });

  it.each([
    ["an unknown value", { replica: 2 }],
    ["an unknown setting", { config: { metricServer: "http://a" } }],
    ["an address without its scheme", { config: { metricsServer: "prometheus:9090" } }],
    ["a number as text", { replicas: "two" }],
    ["no replica", { replicas: 0 }],
    ["a quantity that is none", { resources: { limits: { memory: "lots" } } }],
    ["a namespace that is none", { networkPolicy: { prometheusNamespace: "My Monitoring" } }],
  ])("refuse %s", (_name, wrong) => {
    expect(HelmValues.safeParse(wrong).success).toBe(false);
  });

  it.each(leavesOf(values))(
    "refuse another type at %s by its name, and an unknown name beside it",
    (leaf) => {
      const path = leaf.split(".");
      const at = (steps: readonly string[], value: unknown): unknown =>
        steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value);
      const own = path.reduce((of: unknown, name) => Object(of)[name], values);
      const isMap = typeof own === "object" && !Array.isArray(own);
      for (const odd of [isMap ? "text" : { a: { b: 1 } }, null, [[1]]]) {
        const { error } = HelmValues.safeParse(at(path, odd));
        expect(error?.issues[0]?.path.join(".")).toMatch(new RegExp(`^${leaf}`));
      }
      const beside = [...path.slice(0, -1), `${path.at(-1)}X`];
      expect(HelmValues.safeParse(at(beside, 1)).success).toBe(false);
    },
  );

  it("set what the controller knows, with its own defaults", () => {
    const defaults: Readonly<Record<string, unknown>> = parseConfig({}, {});
    expect(Object.keys(values.config).filter((name) => !(name in Config.shape))).toEqual([]);
    for (const [name, value] of Object.entries(values.config)) expect(value).toBe(defaults[name]);
    const env = Object.entries(values.config).map(([name, value]) => [
      `SERIN_${flagName(name).replaceAll("-", "_").toUpperCase()}`,
      String(value),
    ]);
    expect(parseConfig({}, Object.fromEntries(env))).toEqual(defaults);
  });

  it("are all used, and no others", () => {
    const all = templates.map(({ text }) => text).join("\n");
    const used = new Set(
      [...all.matchAll(/\.Values\.(?<path>[A-Za-z.]+)/g)].map(
        ({ groups }) => groups?.["path"] ?? "",
      ),
    );
    const known = leavesOf(values);
    const covers = (path: string, leaf: string) => leaf === path || leaf.startsWith(`${path}.`);
    expect([...used].filter((path) => !known.some((leaf) => covers(path, leaf)))).toEqual([]);
    expect(known.filter((leaf) => ![...used].some((path) => covers(path, leaf)))).toEqual([]);
  });
});

describe("the Helm chart", () => {
  it("has the version of the program", () => {
    expect(parse(read("Chart.yaml"))).toMatchObject({ version, appVersion: version });
  });

  it("takes in files that are there, and leaves none out", () => {
    const all = templates.map(({ text }) => text).join("\n");
    const named = [...all.matchAll(/"files\/(?<name>[^"]+)"/g)].flatMap(({ groups }) =>
      globSync(`files/${groups?.["name"] ?? ""}`, { cwd: chart }),
    );
    expect(named.toSorted()).toEqual(globSync("files/*", { cwd: chart }).toSorted());
    expect(existsSync(join(chart, "values.schema.json"))).toBe(true);
  });

  it("leaves the CRDs, and every Canary with them, when it is uninstalled", () => {
    for (const path of globSync("files/crd-*.yaml", { cwd: chart })) {
      const [definition] = parseAllDocuments(read(path)).map((each) => each.toJS());
      expect(definition.metadata.annotations).toEqual({ "helm.sh/resource-policy": "keep" });
    }
  });

  it("has every line of the base, values at their defaults", () => {
    const valueOf = (path: string): unknown =>
      path.split(".").reduce((of: unknown, name) => Object(of)[name], values);
    const lines = new Set(
      templates.flatMap(({ text }) =>
        text
          .replaceAll(/\{\{ \.Values\.(?<path>[\w.]+?)(?: \| quote)? \}\}/g, (_, path: string) =>
            String(valueOf(path)),
          )
          .replaceAll(/\{\{ include "serin.name" \. \}\}/g, "serin")
          .split("\n")
          .map((line) => line.trim()),
      ),
    );
    const base = globSync("deploy/base/{deployment,service,pod-*,network-*}.yaml", { cwd: root });
    expect(base).toHaveLength(4);
    // Written by helpers, or by settings that are no plain substitution.
    const elsewhere =
      /^(app\.kubernetes\.io\/|(matchLabels|selector|labels):|image: |sidecar\.istio|resources:|requests:|limits:|cpu: |memory: |---)/;
    const missing = base.flatMap((path) =>
      readFileSync(join(root, path), "utf8")
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"))
        .filter((line) => !elsewhere.test(line) && !lines.has(line)),
    );
    expect(missing).toEqual([]);
    const [{ resources }] = findManifest(readManifests("deploy/base"), "Deployment").spec.template
      .spec.containers;
    expect(values.resources).toEqual(resources);
  });
});
