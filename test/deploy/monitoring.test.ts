import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SyntaxNodeRef } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { createPrometheusMetrics } from "../../src/adapters/observability/prometheus-metrics.ts";
import { conditions } from "../../src/api/conditions.ts";
import { findManifest, readManifests } from "../support/manifests.ts";

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
}
const rules: readonly Rule[] = findManifest(
  readManifests("deploy/components/alerts"),
  "PrometheusRule",
).spec.groups.flatMap(({ rules: of }: { readonly rules: readonly Rule[] }) => of);

const dashboard = JSON.parse(read("deploy/components/dashboard/serin.json"));
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  readonly targets: readonly { readonly expr: string; readonly refId: string }[];
}
const panels: readonly Panel[] = dashboard.panels;
const variables: readonly { readonly name: string; readonly query: { readonly query: string } }[] =
  dashboard.templating.list;

const queries = [
  ...rules.map(({ alert, expr }) => ({ title: alert, expr })),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr }))),
];

/** What a query names: its series, with the labels that it asks of any of them. */
function readQuery(expr: string) {
  const errors: string[] = [];
  const series: string[] = [];
  const labels: string[] = [];
  const wordOf = ({ from, to }: SyntaxNodeRef): string => expr.slice(from, to);
  parser.parse(expr).iterate({
    enter(node) {
      if (node.type.isError) errors.push(expr.slice(node.from, node.from + 20));
      if (node.name === "Identifier") series.push(wordOf(node));
      if (node.name === "LabelName") labels.push(wordOf(node));
    },
  });
  return { errors, series, labels };
}

/** Series that the controller exposes, with their labels where one was recorded. */
async function exposed() {
  const metrics = createPrometheusMetrics({ withProcess: true });
  const canary = { namespace: "shop", name: "web" };
  metrics.showCanary(canary, {
    phase: "Failed",
    canaryWeight: 0,
    observedWeight: 0,
    values: [{ metric: "m", canaryValue: 1, stableValue: 1 }],
    problems: ["ReleaseFailed"],
  });
  metrics.countRelease(canary, "Failed");
  metrics.recordRollback("applied", 1);
  metrics.recordQueueLag(1);
  metrics.recordApiRequest({ verb: "get", resource: "pods", status: 200, durationMs: 1 });
  metrics.recordProviderRequest({ provider: "slack", outcome: "Delivered", durationMs: 1 });
  const { text } = await metrics.render();
  const labels = new Map<string, Set<string>>();
  for (const [, name = "", list = ""] of text.matchAll(/^(\w+)(?:\{([^\n]*)\})? /gm)) {
    const own = [...list.matchAll(/(\w+)="/g)].map(([, label = ""]) => label);
    labels.set(name, new Set([...(labels.get(name) ?? []), ...own]));
  }
  return labels;
}

describe("the alerts and the dashboard", () => {
  it.each(queries)("ask in PromQL: $title", ({ expr }) => {
    expect(readQuery(expr).errors).toEqual([]);
  });

  it("ask for series and labels that the controller has", async () => {
    const known = await exposed();
    const added = ["instance"];
    for (const { title, expr } of queries) {
      const { series, labels } = readQuery(expr);
      expect({ title, isNamed: series.length > 0 }).toEqual({ title, isNamed: true });
      expect(series.filter((name) => !known.has(name))).toEqual([]);
      const own = new Set(series.flatMap((name) => [...(known.get(name) ?? [])]));
      const missing = labels.filter((label) => !own.has(label) && !added.includes(label));
      expect({ title, missing }).toEqual({ title, missing: [] });
    }
  });

  it("ask for reasons that the catalogue has", () => {
    const words = new Set(
      Object.values(conditions).flatMap(({ reasons }) =>
        Object.values(reasons).flatMap(Object.keys),
      ),
    );
    const named = rules.flatMap(({ expr }) =>
      [...expr.matchAll(/reason!?[=~]+"(?<words>[^"]+)"/g)].flatMap(({ groups }) =>
        (groups?.["words"] ?? "").split("|"),
      ),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((word) => !words.has(word))).toEqual([]);
  });

  it("tell of every problem once", () => {
    const about = (reason: string) =>
      rules
        .filter(({ expr }) => {
          const [, sign, text = ""] = /reason(!~|=)"([^"]+)"/.exec(expr) ?? [];
          if (sign === undefined) return false;
          return text.split("|").includes(reason) === (sign === "=");
        })
        .map(({ alert }) => alert);
    expect(about("ReleaseFailed")).toEqual(["SerinReleaseRolledBack"]);
    expect(about("DrainUnconfirmed")).toEqual(["SerinRollbackUnconfirmed"]);
    expect(about("TrafficSplitMismatch")).toEqual(["SerinTrafficSplitMismatch"]);
    for (const reason of Object.keys(conditions.Stalled.reasons.True))
      expect([reason, about(reason).length]).toEqual([reason, 1]);
  });

  it("are described for whoever is on call", () => {
    const text = read("docs/operations.md");
    expect(
      rules.map(({ alert }) => alert).filter((alert) => !text.includes(`\`${alert}\``)),
    ).toEqual([]);
  });
});

describe("the dashboard", () => {
  it("has panels with ids of their own that do not lie over each other", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it("uses its own variables only, and each of them", () => {
    const text = JSON.stringify(panels) + variables.map(({ query }) => query.query ?? "").join("");
    const used = [...text.matchAll(/\$\{?(?<name>[a-z]+)\}?/g)].map(
      ({ groups }) => groups?.["name"] ?? "",
    );
    expect(new Set(used)).toEqual(new Set(variables.map(({ name }) => name)));
  });
});
