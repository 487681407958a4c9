import { describe, expect, it } from "vitest";
import { quantileInterval } from "../../../../src/core/analysis/sequential/quantile-interval.ts";
import { latency } from "../../../support/analysis.ts";
import { drawBinomial } from "../../../support/chance.ts";
import { createSeededRandom } from "../../../support/seeded-random.ts";

describe("the interval of a quantile", () => {
  it("is open both ways of few requests", () => {
    expect(quantileInterval(latency(20, { 100: 20, 500: 20 }), 0.99, 0.05)).toEqual({
      above: undefined,
      atMost: undefined,
    });
    expect(quantileInterval(latency(0, {}), 0.99, 0.05)).toEqual({
      above: undefined,
      atMost: undefined,
    });
  });

  it("closes as requests come in", () => {
    const counts = latency(20_000, { 100: 18_000, 250: 19_700, 500: 19_990 });
    expect(quantileInterval(counts, 0.99, 0.05)).toEqual({ above: 250, atMost: 500 });
    expect(quantileInterval(latency(20_000, { 100: 18_000 }), 0.99, 0.05)).toEqual({
      above: 100,
      atMost: undefined,
    });
  });

  it("hardly ever excludes the true quantile over many looks", () => {
    const random = createSeededRandom(3);
    let wrong = 0;
    for (let index = 0; index < 300; index += 1) {
      let [total, count] = [0, 0];
      for (let block = 0; block < 120; block += 1) {
        total += 200;
        count += 200 - drawBinomial(random, 200, 0.01);
        const { above, atMost } = quantileInterval(latency(total, { 250: count }), 0.99, 0.05);
        if (above === undefined && atMost === undefined) continue;
        wrong += 1;
        break;
      }
    }
    expect(wrong / 300).toBeLessThan(0.088);
  });
});
