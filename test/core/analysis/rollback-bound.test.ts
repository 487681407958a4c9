import { describe, expect, it } from "vitest";
import { rollbackBoundSeconds } from "../../../src/core/analysis/rollback-bound.ts";

const times = { intervalSeconds: 15, warmupSeconds: 30, propagationSeconds: 5 };
const errors = {
  kind: "Ratio" as const,
  consecutive: 2,
  scrapeSeconds: 15,
  queryTimeoutSeconds: 5,
};
const latency = { ...errors, kind: "Latency" as const };

describe("the rollback bound", () => {
  it.each([
    ["is 70 s for errors by default", [errors], times, 70],
    ["is 100 s for latency by default", [latency], times, 100],
    ["is the largest over the metrics", [errors, latency], times, 100],
    ["grows by a check's time per check", [{ ...errors, consecutive: 3 }], times, 85],
    ["counts scrapes where checks are quicker", [errors], { ...times, intervalSeconds: 5 }, 60],
    ["counts checks where scrapes are quicker", [{ ...errors, scrapeSeconds: 1 }], times, 56],
    ["waits for no warm-up of a value", [{ ...errors, kind: "Value" as const }], times, 70],
    [
      "counts reads between scrapes for nothing new in a value",
      [{ ...errors, kind: "Value" as const }],
      { ...times, intervalSeconds: 10 },
      75,
    ],
    ["is unknown without metrics", [], times, undefined],
  ])("%s", (_name, metrics, input, seconds) => {
    expect(rollbackBoundSeconds({ ...input, metrics })).toBe(seconds);
  });
});
