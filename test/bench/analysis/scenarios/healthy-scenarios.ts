/** Releases that should be promoted: the new version is as good as stable, or within what is tolerated. */
import { usual } from "../traces/latency.ts";
import { healthy } from "./describe.ts";
import type { Scenario } from "./scenario.ts";

const bursts = { kind: "Bursts", meanLength: 10 } as const;
const podAndTime = { kind: "PodAndTime" } as const;
const minute = 60;

/** Stable and canary alike. */
const alike: readonly Scenario[] = [
  healthy({ name: "H1", title: "500 rps, 0.1 % errors", rps: 500 }),
  healthy({ name: "H2", title: "50 rps, 0.1 %" }),
  healthy({ name: "H3", title: "5 rps, 0.1 %", rps: 5 }),
  healthy({ name: "H4", title: "0.5 rps, 0.1 %", rps: 0.5 }),
  healthy({ name: "H5", title: "50 rps, 0.8 %", stablePercent: 0.8 }),
  healthy({ name: "H6", title: "50 rps, 1.5 %, always", stablePercent: 1.5 }),
  healthy({ name: "H7", title: "no errors at all", stablePercent: 0 }),
  healthy({ name: "H8", title: "bursts of 10, 0.3 %", stablePercent: 0.3, noise: bursts }),
  healthy({
    name: "H9",
    title: "pods waver by scrape, 0.5 %",
    stablePercent: 0.5,
    noise: podAndTime,
  }),
  healthy({
    name: "H10",
    title: "pods differ for good (CV 0.5), 0.5 %",
    stablePercent: 0.5,
    noise: { kind: "Pods", variation: 0.5 },
  }),
  healthy({
    name: "H11",
    title: "outage of both, 20 % from minute 2 to 7",
    stablePercent: (second) => (second >= 2 * minute && second < 7 * minute ? 20 : 0.1),
  }),
  healthy(
    { name: "H12", title: "cold for 45 s: times × 3, + 2 % errors" },
    {
      percent: (second) => (second < 45 ? 2.1 : 0.1),
      latency: (second) => (second < 45 ? { scale: 3, tailShare: 0 } : usual),
    },
  ),
  healthy({
    name: "H13",
    title: "30 % of scrapes lost, gap of 3 min",
    lost: { share: 0.3, gap: [2 * minute, 5 * minute] },
  }),
  healthy({
    name: "H14",
    title: "season ± 50 %, 0.1 to 0.8 % in an hour",
    rate: (second) => 50 * (1 + 0.5 * Math.sin((2 * Math.PI * second) / 3600)),
    stablePercent: (second) => 0.1 + 0.7 * Math.max(0, second / 3600),
  }),
  healthy({
    name: "H15",
    title: "slow service, P99 700 ms",
    stableLatency: { scale: 2, tailShare: 0 },
  }),
  healthy({
    name: "H16",
    title: "500 rps, pods waver by scrape, 0.5 %",
    rps: 500,
    stablePercent: 0.5,
    noise: podAndTime,
  }),
  healthy({
    name: "H17",
    title: "500 rps, bursts of 10, 0.3 %",
    rps: 500,
    stablePercent: 0.3,
    noise: bursts,
  }),
];

/** Worse by as much as is tolerated: 1.2 × stable + 0.1 points. */
const tolerated: readonly Scenario[] = [
  healthy({ name: "N1", title: "tolerated: 0.5 to 0.7 %", stablePercent: 0.5 }, { percent: 0.7 }),
  healthy(
    { name: "N2", title: "tolerated: 0 to 0.1 %, 500 rps", rps: 500, stablePercent: 0 },
    { percent: 0.1 },
  ),
];

/** Not in the literature: what people configure. */
const own: readonly Scenario[] = [
  healthy({ name: "X2", title: "limit too close: both 4.5 %, limit 5 %", stablePercent: 4.5 }),
];

export const healthyScenarios: readonly Scenario[] = [...alike, ...tolerated, ...own];
