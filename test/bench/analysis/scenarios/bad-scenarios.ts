/** Releases that should not be promoted. */
import { usual } from "../traces/latency.ts";
import { bad } from "./describe.ts";
import type { Scenario } from "./scenario.ts";

const bursts = { kind: "Bursts", meanLength: 10 } as const;

const errors: readonly Scenario[] = [
  bad({ name: "B1", title: "errors 0.1 to 5 %, 50 rps" }, { percent: 5 }),
  bad({ name: "B2", title: "0.1 to 1 %" }, { percent: 1 }),
  bad({ name: "B3", title: "0.3 to 0.8 %", stablePercent: 0.3 }, { percent: 0.8 }),
  bad(
    { name: "B4", title: "0.3 to 0.8 %, 500 rps", rps: 500, stablePercent: 0.3 },
    { percent: 0.8 },
  ),
  bad({ name: "B5", title: "1 to 2 %", stablePercent: 1 }, { percent: 2 }),
  bad({ name: "B6", title: "0.1 to 30 %" }, { percent: 30 }),
  bad(
    { name: "B7", title: "leak: to 5 % over 20 min" },
    { percent: (second) => 0.1 + 4.9 * Math.min(1, Math.max(0, second / 1200)) },
  ),
  bad(
    { name: "B8", title: "5 % from minute 4 on", onset: 240 },
    { percent: (second) => (second >= 240 ? 5 : 0.1) },
  ),
];

const latency: readonly Scenario[] = [
  bad({ name: "B9", title: "1 % take 1.5 s" }, { latency: { scale: 1, tailShare: 0.01 } }),
  bad({ name: "B10", title: "3 % take 1.5 s" }, { latency: { scale: 1, tailShare: 0.03 } }),
  bad({ name: "B11", title: "all times × 1.4" }, { latency: { scale: 1.4, tailShare: 0 } }),
  bad({ name: "B12", title: "all times × 2" }, { latency: { scale: 2, tailShare: 0 } }),
];

const circumstances: readonly Scenario[] = [
  bad({ name: "B13", title: "0.1 to 20 %, 0.5 rps", rps: 0.5 }, { percent: 20 }),
  bad({ name: "B14", title: "0.1 to 5 %, 5 rps", rps: 5 }, { percent: 5 }),
  bad(
    { name: "B15", title: "0.3 to 3 % in bursts of 10", stablePercent: 0.3, noise: bursts },
    { percent: 3 },
  ),
  bad(
    { name: "B16", title: "one of two pods 5 %" },
    { percent: (_, pod) => (pod === 1 ? 5 : 0.1) },
  ),
  bad(
    { name: "B17", title: "5 %, 30 % of scrapes lost", lost: { share: 0.3, gap: undefined } },
    { percent: 5 },
  ),
  bad({ name: "B18", title: "0.1 to 5 %, 500 rps", rps: 500 }, { percent: 5 }),
  bad(
    { name: "B20", title: "0.3 to 1.5 % in bursts of 10", stablePercent: 0.3, noise: bursts },
    { percent: 1.5 },
  ),
  bad({ name: "B21", title: "5 % at weight ≥ 30 % only" }, { percent: 0.1, loadedPercent: 5 }),
];

/** Not in the literature: faults that one metric alone hardly shows. */
const own: readonly Scenario[] = [
  bad(
    { name: "X1", title: "mixed: 0.1 to 0.6 %, times × 1.25", harm: "Both" },
    { percent: 0.6, latency: { scale: 1.25, tailShare: 0 } },
  ),
  bad(
    { name: "X3", title: "disagreeing: 0.1 to 2 %, times × 0.7" },
    { percent: 2, latency: { ...usual, scale: 0.7 } },
  ),
];

export const badScenarios: readonly Scenario[] = [...errors, ...latency, ...circumstances, ...own];
