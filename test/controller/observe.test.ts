import { describe, expect, it } from "vitest";
import { Memories } from "../../src/controller/memory.ts";
import { observe } from "../../src/controller/observe.ts";
import { emptyMetricState } from "../../src/core/analysis/advance.ts";
import type { Snapshot } from "../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../src/core/fact.ts";
import { canarySpec, createFakePorts, errorRateTemplate } from "../support/fake-ports.ts";
import { failed, now, progressing } from "../support/snapshots.ts";

const key = "shop/web";

/** A world in which everything that a Canary names is there. */
function createBench() {
  const ports = createFakePorts(now);
  ports.cluster.templates.set("errors", errorRateTemplate());
  ports.workloads.put("web", {});
  ports.workloads.put("web-primary", {});
  const memory = new Memories().of(key);
  const look = (): Snapshot => {
    const snapshot = observe(key, memory, ports);
    if (snapshot === undefined) throw new Error("the Canary is gone");
    return snapshot;
  };
  return { ...ports, memory, look };
}

const facts = ["target", "primary", "selector", "autoscaler", "routes", "metrics", "pods"] as const;

describe("observe", () => {
  it("knows everything that is there", () => {
    const { cluster, router, look, memory } = createBench();
    cluster.put(key, known(canarySpec("web")), progressing(1, "confirmed"));
    router.set(key, 25);
    memory.stall = { reason: "Forbidden", message: "may not", since: 0 };
    const snapshot = look();
    expect(snapshot.identity).toMatchObject({ namespace: "shop", name: "web", uid: "uid-1" });
    expect(snapshot.status).toEqual(progressing(1, "confirmed"));
    expect(snapshot.target).toMatchObject({ kind: "Known", value: { name: "web" } });
    expect(snapshot.primary).toMatchObject({ kind: "Known", value: { name: "web-primary" } });
    expect(snapshot.routes).toMatchObject({ kind: "Known", value: { canaryWeight: 25 } });
    expect(snapshot.metrics).toMatchObject({
      kind: "Known",
      value: [
        { name: "errors", kind: "Ratio", unit: "%", scrapeSeconds: 1, queryTimeoutSeconds: 1 },
      ],
    });
    expect(snapshot.pods).toMatchObject({ kind: "Unknown" });
    expect(snapshot.stall).toMatchObject({ reason: "Forbidden", message: "may not" });
  });

  it("has nothing to show of a Canary that is gone", () => {
    const { memory, ...ports } = createBench();
    expect(observe(key, memory, ports)).toBeUndefined();
  });

  it("guesses nothing about a spec that cannot be read", () => {
    const { cluster, look } = createBench();
    cluster.put(key, missing("Invalid", "spec.stages: too few"));
    const snapshot = look();
    expect(snapshot.spec).toEqual(missing("Invalid", "spec.stages: too few"));
    for (const fact of facts) expect(snapshot[fact]).toEqual(unknown("the spec is not readable"));
  });

  it("says what is missing, in the words of who looked for it", () => {
    const { cluster, workloads, router, look } = createBench();
    cluster.put(key, known(canarySpec("web")));
    workloads.remove("web");
    workloads.remove("web-primary");
    router.missing = missing("RouteNotFound", "there is no rule primary");
    const snapshot = look();
    expect(snapshot.target).toEqual(missing("TargetNotFound", "there is no web"));
    expect(snapshot.primary).toEqual(missing("NotFound", "there is no web-primary"));
    expect(snapshot.routes).toEqual(missing("RouteNotFound", "there is no rule primary"));
  });

  it.each([missing("SelectorLabelMissing", "add a label"), unknown("the cache is not filled")])(
    "asks for no routes without a selector: %j",
    (selector) => {
      const { cluster, workloads, look } = createBench();
      cluster.put(key, known(canarySpec("web")));
      workloads.selectors.set("web", selector);
      expect(look().routes).toEqual(selector);
    },
  );
});

describe("observe and metrics", () => {
  it.each([missing("TemplateNotFound", "there is none"), unknown("the cache is not filled")])(
    "knows no metrics while one template is not known: %j",
    (template) => {
      const { cluster, look } = createBench();
      cluster.put(key, known(canarySpec("web")));
      cluster.templates.set("errors", template);
      expect(look().metrics).toEqual(template);
    },
  );

  it("names the metric and the template that cannot be used together", () => {
    const { cluster, look } = createBench();
    const template = errorRateTemplate();
    if (template.kind !== "Known") throw new Error("no template");
    const spec = { ...template.value.spec, args: [{ name: "tier", required: true }] };
    cluster.templates.set("errors", known({ ...template.value, spec }));
    cluster.put(key, known(canarySpec("web")));
    expect(look().metrics).toEqual(
      missing("TemplateInvalid", "metric errors, template errors: args.tier is required"),
    );
  });

  it("asks whether the pods can be asked only where copies are what a metric decides on", () => {
    const { cluster, source, look } = createBench();
    const [metric] = canarySpec("web").analysis.metrics;
    if (metric === undefined) throw new Error("no metric");
    const mirrored = [{ mirror: { percentage: 5, sideEffects: "None" } }, { weight: 100 }];
    const { analysis } = canarySpec("web");
    const dry = { ...analysis, metrics: [{ ...metric, dryRun: true }] };
    for (const parts of [
      {},
      { stages: mirrored },
      { stages: mirrored, analysis: dry },
      { stages: mirrored, skipAnalysis: true },
    ]) {
      cluster.put(key, known(canarySpec("web", parts)));
      look();
    }
    expect(source.checkedFor).toEqual(["Callers", "Pods", "Callers", "Callers"]);
  });

  it.each([
    [{ value: { query: "lag" } }, { kind: "Value", unit: "" }],
    [{ value: { query: "lag", unit: "jobs" } }, { kind: "Value", unit: "jobs" }],
    [{ ratio: { total: "a", bad: "b" } }, { kind: "Ratio", unit: "%" }],
    [
      { latency: { histogram: "a", quantile: 0.5, unit: "s" as const } },
      { kind: "Latency", unit: "s", quantile: 0.5 },
    ],
  ])("knows what its template measures: %j", (measure, facts) => {
    const { cluster, look } = createBench();
    const template = errorRateTemplate();
    if (template.kind !== "Known") throw new Error("no template");
    const { ratio: _, ...spec } = template.value.spec;
    cluster.templates.set("errors", known({ ...template.value, spec: { ...spec, ...measure } }));
    cluster.put(key, known(canarySpec("web")));
    expect(look().metrics).toMatchObject({ value: [facts] });
  });

  it("shows what was measured for this release, and nothing that was judged of another", () => {
    const { cluster, memory, look } = createBench();
    const state = { ...emptyMetricState, readAt: 9_000, breaches: 4, breachedAt: 5_000 };
    memory.metrics.set("errors", state);
    memory.measuredFor = "next-1";
    cluster.put(key, known(canarySpec("web")), failed());
    expect(look().metrics).toMatchObject({ value: [{ state }] });
    const next = progressing(0, "entered", { release: { id: "better-2" } });
    cluster.put(key, known(canarySpec("web")), next);
    expect(look().metrics).toMatchObject({
      value: [{ state: { ...emptyMetricState, readAt: 9_000 } }],
    });
  });
});
