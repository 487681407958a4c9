import { describe, expect, it } from "vitest";
import {
  decodeAlertProvider,
  decodeCanary,
  decodeTemplate,
} from "../../../../src/adapters/kubernetes/cluster/decode.ts";
import { failed } from "../../../support/snapshots.ts";

const metadata = {
  namespace: "shop",
  name: "orders",
  uid: "0a1b",
  generation: 3,
  resourceVersion: "17",
};
const spec = {
  targetRef: { name: "orders" },
  routing: { istio: { virtualServices: [{ name: "orders" }] } },
};

describe("decodeCanary", () => {
  it("reads identity, spec with its defaults, and status", () => {
    const canary = decodeCanary({ metadata, spec, status: failed() });
    expect(canary.identity).toEqual(metadata);
    expect(canary.spec).toMatchObject({
      kind: "Known",
      value: { analysis: { intervalSeconds: 15 }, progressDeadlineSeconds: 600 },
    });
    expect(canary.status).toEqual(failed());
  });

  it("reads an object that nobody has touched", () => {
    expect(decodeCanary({ metadata: { name: "orders" }, spec })).toMatchObject({
      identity: { namespace: "", uid: "", generation: 1, resourceVersion: "" },
      status: {},
    });
  });

  it.each([
    [undefined, /^spec: /],
    [{ routing: spec.routing }, /^spec\.targetRef: /],
    [{ ...spec, stages: [{ weight: 10 }, { weight: 1000 }] }, /^spec\.stages\.1\.weight: /],
    [{ ...spec, analysis: { intervalSeconds: "soon" } }, /^spec\.analysis\.intervalSeconds: /],
  ])("names the field that is wrong: %j", (wrong, because) => {
    const canary = decodeCanary({ metadata, spec: wrong, status: failed() });
    expect(canary.spec).toMatchObject({ kind: "Missing", reason: "Invalid" });
    expect(canary.spec.kind === "Missing" && canary.spec.because).toMatch(because);
    expect(canary.status.phase).toBe("Failed");
  });

  it.each(["Failed", { phase: "Exploded" }, { release: { id: 7 } }, [], null])(
    "takes a status that it cannot read for none: %j",
    (status) => {
      const canary = decodeCanary({ metadata, spec, status });
      expect(canary.status).toEqual({});
      expect(canary.spec.kind).toBe("Known");
    },
  );
});

describe("decodeTemplate", () => {
  const ratio = { total: "a", bad: "b" };
  const latency = { histogram: "h" };
  const provider = { prometheus: {} };

  it("reads every kind of measure, with its defaults", () => {
    expect(decodeTemplate({ metadata, spec: { provider, ratio } })).toMatchObject({
      kind: "Known",
      value: { provider: { prometheus: { scrapeSeconds: 15, timeoutSeconds: 5 } }, ratio },
    });
    expect(decodeTemplate({ metadata, spec: { provider, latency } })).toMatchObject({
      kind: "Known",
      value: { latency: { quantile: 0.99, unit: "ms" } },
    });
    const value = { query: "lag" };
    expect(decodeTemplate({ metadata, spec: { provider, value } })).toMatchObject({
      kind: "Known",
      value: { value },
    });
  });

  it.each([
    [{ provider }, "spec: give exactly one of ratio, latency and value"],
    [{ provider, ratio, latency }, "spec: give exactly one of ratio, latency and value"],
    [{ provider: {}, ratio }, "spec.provider: name exactly one provider: prometheus"],
  ])("says what must be given: %j", (wrong, because) => {
    expect(decodeTemplate({ metadata, spec: wrong })).toEqual({
      kind: "Missing",
      reason: "TemplateInvalid",
      because,
    });
  });

  it("names the field that is wrong", () => {
    const wrong = { provider, latency: { ...latency, quantile: 2 } };
    const template = decodeTemplate({ metadata, spec: wrong });
    expect(template.kind === "Missing" && template.because).toMatch(/^spec\.latency\.quantile: /);
  });
});

describe("decodeAlertProvider", () => {
  it("reads a provider", () => {
    const slack = { address: "https://hooks.slack.test/x" };
    expect(decodeAlertProvider({ metadata, spec: { slack } })).toMatchObject({
      kind: "Known",
      value: { slack },
    });
  });

  it("names the field that is wrong", () => {
    const provider = decodeAlertProvider({ metadata, spec: { slack: { address: "nowhere" } } });
    expect(provider).toMatchObject({ kind: "Missing", reason: "ProviderInvalid" });
    expect(provider.kind === "Missing" && provider.because).toMatch(/^spec\.slack\.address: /);
  });
});
