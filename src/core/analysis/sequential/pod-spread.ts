/**
 * Differences between pods that last: a slow node, a full disk. The canary's few pods may have drawn a bad lot, which no
 * waiting averages out, so that a larger ratio must be tolerated. It concerns pods that report on themselves; where callers
 * report, each of them reports on both versions, and its peculiarities cancel.
 */
import { type PodTotals, sumOfPods } from "./pod-counts.ts";

/** Largest ratio that pods' differences make of a tolerated one. */
const mostRatio = 10;
/** One-sided 99.9 % of a normal distribution: the shares of few pods have longer tails than that, and a mistake is a rollback. */
const certainty = 3;

/**
 * Squared coefficient of variation of the bad share between stable's pods, by Pearson's statistic of their totals: what is
 * beyond `dispersion` per bad request of a pod; 0 unless likely (80 %) there. Undefined where there is too little to tell.
 */
export function podSpread(totals: PodTotals, dispersion: number): number | undefined {
  const pods = [...totals.values()].filter(({ requests }) => requests > 0);
  const { requests, bad } = sumOfPods(pods);
  const freedom = pods.length - 1;
  if (freedom < 1 || bad < 2 * pods.length || bad >= requests) return undefined;
  const share = bad / requests;
  const statistic = pods.reduce((sum, pod) => {
    const mean = pod.requests * share;
    return sum + (pod.bad - mean) ** 2 / (mean * (1 - share));
  }, 0);
  const total = statistic / freedom;
  if (total <= dispersion * certainRatio(freedom)) return 0;
  return (total - dispersion) / (bad / pods.length);
}

/** 80 % quantile of χ² per degree of freedom (Wilson and Hilferty, 1931): 1.4 for 8 pods. */
function certainRatio(freedom: number): number {
  const part = 2 / (9 * freedom);
  return (1 - part + 0.8416 * Math.sqrt(part)) ** 3;
}

/** r_eff: the ratio, or if it is more 1 + 3·CV·√(1/k_c + 1/k_s) for k_c canary and k_s stable pods. */
export function ratioBetweenPods(
  ratio: number,
  spread: number,
  pods: { readonly canary: number; readonly stable: number },
): number {
  if (spread <= 0 || pods.canary < 1 || pods.stable < 1) return ratio;
  const error = Math.sqrt(spread * (1 / pods.canary + 1 / pods.stable));
  return Math.min(Math.max(ratio, mostRatio), Math.max(ratio, 1 + certainty * error));
}
