import { describe, expect, it } from "vitest";
import { errorRate, metricRequest } from "../../support/metric-request.ts";
import { createMetricWorld } from "../../support/metric-world.ts";

describe("the metric source", () => {
  it("asks the provider that the template names", async () => {
    const world = createMetricWorld();
    expect(world.source.problems(errorRate, {})).toEqual([]);
    await world.read([metricRequest({})]);
    expect(world.queries).toHaveLength(2);
  });

  it("refuses a template that names none", async () => {
    const world = createMetricWorld();
    const template = { ...errorRate, provider: {} };
    const request = metricRequest({ template });
    expect(world.source.problems(template, {})).toMatchObject([
      { reason: "ProviderMissing", severity: "Error" },
    ]);
    expect((await world.read([request])).get("shop/web")).toMatchObject({
      kind: "Failure",
      reason: "ProviderMissing",
    });
    expect(world.source.groupKey(request)).toBe("shop/web");
  });
});
