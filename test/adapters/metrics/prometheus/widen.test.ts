import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_NAME_CHARS_PER_QUERY } from "../../../../src/adapters/metrics/prometheus/query-limits.ts";
import {
  chunkRequests,
  MAX_REQUESTS_PER_QUERY,
  namesOf,
} from "../../../../src/adapters/metrics/prometheus/widen.ts";
import { metricRequest } from "../../../support/metric-request.ts";

const requests = (count: number, nameLength = 3) =>
  Array.from({ length: count }, (_, index) =>
    metricRequest({ canaryWorkload: String(index).padStart(nameLength, "w") }),
  );

describe("releases in one query", () => {
  it.each([
    [0, []],
    [1, [1]],
    [MAX_REQUESTS_PER_QUERY, [MAX_REQUESTS_PER_QUERY]],
    [MAX_REQUESTS_PER_QUERY + 1, [MAX_REQUESTS_PER_QUERY, 1]],
    [2 * MAX_REQUESTS_PER_QUERY, [MAX_REQUESTS_PER_QUERY, MAX_REQUESTS_PER_QUERY]],
  ])("are bounded in number: %d", (count, sizes) => {
    const chunks = chunkRequests(requests(count), MAX_REQUESTS_PER_QUERY);
    expect(chunks.map(({ length }) => length)).toEqual(sizes);
  });

  it("are bounded in the length of their names", () => {
    const chunks = chunkRequests(requests(100, 253), 100);
    expect(chunks.length).toBeGreaterThan(1);
    for (const chunk of chunks) {
      const chars = [...namesOf(chunk).values()].flat().join("").length;
      expect(chars).toBeLessThanOrEqual(MAX_NAME_CHARS_PER_QUERY);
    }
  });

  it("are the same ones in the same order, whatever order they are asked in", () => {
    const all = requests(250);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 250 }), (shuffled) => {
        const chunks = chunkRequests(shuffled, 100);
        expect(chunks).toEqual(chunkRequests(all, 100));
        expect(chunks.flat()).toHaveLength(250);
      }),
      { numRuns: 10 },
    );
  });

  it("are named once each", () => {
    expect(namesOf([metricRequest({}), metricRequest({ id: "other" })])).toEqual(
      new Map([
        ["workload", ["web", "web-primary"]],
        ["namespace", ["shop"]],
      ]),
    );
  });
});
