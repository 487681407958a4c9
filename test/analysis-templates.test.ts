/** The shipped templates: valid, readable for many releases at once, and right about what is bad. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { AnalysisTemplate } from "../src/api/analysis-template.ts";
import { Analysis } from "../src/api/canary-spec.ts";
import { counter, latency, ratio } from "./support/analysis.ts";
import { metricRequest } from "./support/metric-request.ts";
import { createMetricWorld, type MetricWorld } from "./support/metric-world.ts";

const folder = fileURLToPath(new URL("../analysis-templates/", import.meta.url));
const Shipped = AnalysisTemplate.extend({
  apiVersion: z.literal("serin.dev/v1alpha1"),
  kind: z.literal("ClusterAnalysisTemplate"),
  metadata: z.strictObject({ name: z.string() }),
});
const files = readdirSync(folder);
const templates = new Map(
  files.map((file) => [file, Shipped.parse(parse(readFileSync(`${folder}${file}`, "utf8")))]),
);

function requestOf(name: string, limit = 500) {
  const spec = templates.get(`${name}.yaml`)?.spec;
  return metricRequest(spec === undefined ? {} : { template: spec, limit });
}

describe.each([...templates])("%s", (file, { metadata, spec }) => {
  it("is named after its file", () => {
    expect(`${metadata.name}.yaml`).toBe(file);
  });

  it("has no problems", () => {
    expect(createMetricWorld().source.problems(spec, {})).toEqual([]);
  });

  it("has no field that its schema drops", () => {
    const written: unknown = parse(readFileSync(`${folder}${file}`, "utf8"));
    expect(templates.get(file)).toMatchObject(z.record(z.string(), z.unknown()).parse(written));
  });

  // kube-state-metrics names pods, not workloads: its patterns differ from release to release.
  it(`is read for ${spec.value === undefined ? "many releases" : "one release"} by one query`, () => {
    const { source } = createMetricWorld();
    const keys = ["web", "api"].map((canaryWorkload) =>
      source.groupKey(metricRequest({ template: spec, canaryWorkload, namespace: canaryWorkload })),
    );
    expect(new Set(keys).size).toBe(spec.value === undefined ? 1 : 2);
  });
});

describe("the templates that a Canary uses by default", () => {
  it("are shipped", () => {
    const names = Analysis.parse({}).metrics.map(({ templateRef }) => `${templateRef.name}.yaml`);
    expect(files).toEqual(expect.arrayContaining(names));
  });
});

const reportedBy = (reporter: string, workload = "web") => ({
  reporter,
  destination_workload: workload,
  destination_workload_namespace: "shop",
});

function exposeAnswer(
  world: MetricWorld,
  reporter: string,
  [code, grpc]: readonly [code: string, grpc: string],
): void {
  const status = grpc === "" ? {} : { grpc_response_status: grpc };
  const labels = { ...reportedBy(reporter), response_code: code, ...status };
  world.expose("a", "istio_requests_total", labels, 1);
}

describe.each([
  ["istio-error-rate", ["source", "waypoint"], "destination"],
  ["istio-error-rate-destination", ["destination"], "source"],
])("%s", (name, reporters, other) => {
  const countOf = async (answers: readonly (readonly [string, string])[]) => {
    const world = createMetricWorld();
    for (const answer of answers) exposeAnswer(world, reporters[0] ?? "", answer);
    world.scrape();
    return (await world.read([requestOf(name)])).get("shop/web");
  };

  it.each([
    ["200", "", 0],
    ["404", "", 0],
    ["499", "", 0],
    ["500", "", 1],
    ["503", "", 1],
    ["599", "", 1],
    ["200", "0", 0],
    ["200", "1", 0],
    ["200", "5", 0],
    ["200", "2", 1],
    ["200", "4", 1],
    ["200", "8", 1],
    ["200", "12", 0],
    ["200", "13", 1],
    ["200", "14", 1],
    ["200", "15", 1],
    ["503", "14", 1],
  ])("counts code %s with gRPC status %s as %d bad", async (code, grpc, bad) => {
    expect(await countOf([[code, grpc]])).toMatchObject({
      counters: [counter("web", "a", ratio(1, bad))],
    });
  });

  it("does not count callers that went away", async () => {
    expect(
      await countOf([
        ["0", ""],
        ["0", "14"],
      ]),
    ).toMatchObject({ counters: [] });
    expect(
      await countOf([
        ["0", ""],
        ["200", ""],
      ]),
    ).toMatchObject({
      counters: [counter("web", "a", ratio(1))],
    });
  });

  it(`counts what ${reporters.join(" and ")} reported`, async () => {
    const world = createMetricWorld();
    for (const reporter of [...reporters, other]) exposeAnswer(world, reporter, ["503", ""]);
    world.scrape();
    expect((await world.read([requestOf(name)])).get("shop/web")).toMatchObject({
      counters: [counter("web", "a", ratio(reporters.length, reporters.length))],
    });
  });
});

describe.each([
  ["istio-latency-p99", "source"],
  ["istio-latency-p99-destination", "destination"],
])("%s", (name, reporter) => {
  it(`reads the histogram that ${reporter} reported`, async () => {
    const world = createMetricWorld();
    for (const [le, value] of [
      ["250", 5],
      ["500", 6],
      ["+Inf", 7],
    ] as const) {
      for (const each of ["source", "destination"]) {
        const count = each === reporter ? value : 1000;
        const labels = { ...reportedBy(each), le };
        world.expose("a", "istio_request_duration_milliseconds_bucket", labels, count);
      }
    }
    world.scrape();
    expect((await world.read([requestOf(name)])).get("shop/web")).toMatchObject({
      counters: [counter("web", "a", latency(7, { 250: 5, 500: 6 }))],
    });
  });
});

describe("istio-client-error-rate", () => {
  it.each([
    [{}, 2],
    [{ codes: "403" }, 1],
  ])("counts the codes asked for as bad: %j", async (args, bad) => {
    const world = createMetricWorld();
    for (const code of ["200", "403", "404", "503", "0"]) exposeAnswer(world, "source", [code, ""]);
    world.scrape();
    const request = { ...requestOf("istio-client-error-rate"), args };
    expect((await world.read([request])).get("shop/web")).toMatchObject({
      counters: [counter("web", "a", ratio(4, bad))],
    });
  });
});

describe("pod-restarts", () => {
  it("adds up the restarts of the version's pods, and of no other's", async () => {
    const world = createMetricWorld();
    for (const [pod, restarts] of [
      ["web-7d9f8c6b5-abcde", 2],
      ["web-7d9f8c6b5-fghij", 1],
      ["web-primary-55c9d8f7b-klmno", 10],
      ["web-api-55c9d8f7b-klmno", 100],
      ["web-0", 1000],
    ] as const) {
      const labels = { namespace: "shop", pod, container: "app" };
      world.expose("", "kube_pod_container_status_restarts_total", labels, restarts);
    }
    world.scrape();
    expect((await world.read([requestOf("pod-restarts")])).get("shop/web")).toMatchObject({
      kind: "Value",
      canary: 3,
      stable: 10,
    });
  });
});
