/** How many decisions one core makes: snapshots of every phase, two metrics with a full window of blocks each. */
import type { Counts } from "../../src/core/analysis/measure.ts";
import {
  addToComparison,
  type Comparison,
  newComparison,
} from "../../src/core/analysis/sequential/comparison.ts";
import type { ComparisonRules } from "../../src/core/analysis/sequential/comparison-rules.ts";
import { decide } from "../../src/core/canary/decide.ts";
import type { MetricFacts, Snapshot } from "../../src/core/canary/snapshot.ts";
import { known } from "../../src/core/fact.ts";
import { blocksUntil, latency, metricFacts, ratio } from "../support/analysis.ts";
import { errorRules } from "../support/comparing.ts";
import { aReleasing, aSnapshot, aSpecWith, now, settled, statuses } from "../support/snapshots.ts";
import { atLeast, type Measurement, median, spreadOf } from "./measurement.ts";

const runs = 7;
const runMs = 300;
const intervalMs = 5_000;
const blocksPerMinute = 60_000 / intervalMs;

function measured(name: string, kind: MetricFacts["kind"], counts: Counts): MetricFacts {
  const blocks = Array.from({ length: blocksPerMinute }, () => [counts, counts] as const);
  const comparison = kind === "Value" ? undefined : compared(kind, counts);
  return metricFacts({ blocks: blocksUntil(now, blocks, intervalMs), comparison }, { name, kind });
}

/** Beside stable after some blocks; of a latency three bounds are compared. */
function compared(kind: ComparisonRules["kind"], counts: Counts): Comparison {
  const rules = { ...errorRules, kind, limit: kind === "Ratio" ? 5 : 500 };
  const stablePods = ["a", "b", "c"].map((pod) => ({ pod, counts }));
  const block = { canary: counts, stable: counts, stablePods, pods: undefined };
  return Array.from({ length: blocksPerMinute }).reduce<Comparison>(
    (state) => addToComparison(state, block, rules),
    newComparison(kind),
  );
}

/** Every metric is compared by default. */
const spec = known(
  aSpecWith(
    { name: "error-rate", compare: undefined },
    { name: "latency-p99", compare: undefined },
  ),
);

const metrics = [
  measured("error-rate", "Ratio", ratio(250, 3)),
  measured("latency-p99", "Latency", latency(250, { 100: 200, 250: 245, 500: 249, 1000: 250 })),
];

function snapshots(): readonly Snapshot[] {
  return Object.values(statuses).map((status) => {
    const facts = { metrics: known(metrics), spec };
    return status.release === undefined
      ? aSnapshot({ status: settled(status), ...facts })
      : aReleasing(status, facts);
  });
}

export function measureDecisions(): readonly Measurement[] {
  const all = snapshots();
  const rates = Array.from({ length: runs }, () => decisionsPerSecond(all));
  return [
    {
      name: "decide with full analysis",
      unit: "per s",
      value: median(rates),
      budget: atLeast(10_000),
      spread: spreadOf(rates),
      how: `${all.length} snapshots of all phases in turn, 2 metrics × ${blocksPerMinute} blocks; median`,
    },
  ];
}

function decisionsPerSecond(all: readonly Snapshot[]): number {
  const startedAt = performance.now();
  let made = 0;
  while (performance.now() - startedAt < runMs) {
    for (const snapshot of all) decide(snapshot, now);
    made += all.length;
  }
  return (made * 1000) / (performance.now() - startedAt);
}
