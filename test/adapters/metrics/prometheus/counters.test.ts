import { describe, expect, it } from "vitest";
import type { PrometheusSample } from "../../../../src/adapters/metrics/prometheus/answer.ts";
import { countersFor } from "../../../../src/adapters/metrics/prometheus/counters.ts";
import { tallySamples } from "../../../../src/adapters/metrics/prometheus/tally.ts";
import { counter, latency, ratio } from "../../../support/analysis.ts";

const shape = {
  identity: { namespaceLabel: "ns", workloadLabel: "w" },
  podLabel: "pod",
  only: "",
};
const sample = (value: number, labels: Record<string, string>): PrometheusSample => ({
  labels: { ns: "shop", w: "web", pod: "a", ...labels },
  value,
  atMs: 0,
});
const key = "shop/web";

describe("counters of a ratio", () => {
  const read = (total: readonly PrometheusSample[], bad: typeof total) =>
    countersFor(
      { kind: "Ratio", total: tallySamples(total, shape), bad: tallySamples(bad, shape) },
      key,
    );

  it("join requests and bad requests by pod; a pod without bad ones has 0", () => {
    expect(read([sample(10, {}), sample(5, { pod: "b" })], [sample(2, {})])).toEqual({
      kind: "Counters",
      counters: [counter("web", "a", ratio(10, 2)), counter("web", "b", ratio(5, 0))],
    });
  });

  it("leave other releases out", () => {
    const total = [sample(10, { ns: "other" }), sample(5, { w: "web-2" })];
    expect(read(total, [])).toEqual({ kind: "Counters", counters: [] });
  });

  it.each([
    ["a value that is no number", [sample(Number.NaN, {})], [], "NotACounter"],
    ["a negative value", [sample(10, {})], [sample(-1, {})], "NotACounter"],
    ["an infinite value", [sample(Number.POSITIVE_INFINITY, {})], [], "NotACounter"],
    [
      "series without a pod",
      [{ ...sample(1, {}), labels: { ns: "shop", w: "web" } }],
      [],
      "PodLabelMissing",
    ],
  ])("cannot be told from %s", (_name, total, bad, reason) => {
    expect(read(total, bad)).toMatchObject({ kind: "Failure", reason });
  });

  it("of one release do not suffer from another's", () => {
    const total = [sample(Number.NaN, { w: "broken" }), sample(10, {})];
    expect(read(total, [])).toMatchObject({ kind: "Counters" });
  });
});

describe("counters of a histogram", () => {
  const read = (samples: readonly PrometheusSample[]) =>
    countersFor({ kind: "Latency", histogram: tallySamples(samples, shape) }, key);

  it("have their buckets in order, and the requests of all", () => {
    const samples = [
      sample(10, { le: "+Inf" }),
      sample(9, { le: "1000.0" }),
      sample(5, { le: "250" }),
    ];
    expect(read(samples)).toEqual({
      kind: "Counters",
      counters: [counter("web", "a", latency(10, { 250: 5, 1000: 9 }))],
    });
  });

  it("add up a bound that is written in two ways", () => {
    const samples = [sample(10, { le: "+Inf" }), sample(4, { le: "5" }), sample(3, { le: "5.0" })];
    expect(read(samples)).toMatchObject({ counters: [{ counts: latency(10, { 5: 7 }) }] });
  });

  it("know no bucket that is no number", () => {
    const samples = [sample(10, { le: "+Inf" }), sample(4, { le: "fast" })];
    expect(read(samples)).toMatchObject({ counters: [{ counts: latency(10, {}) }] });
  });
});
