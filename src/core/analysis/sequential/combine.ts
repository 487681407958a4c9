/** One release, several metrics: what speaks against it together. */
import { logSum } from "./log-sum.ts";

/** The evidence of one metric. */
export interface MetricEvidence {
  readonly kind: "Ratio" | "Latency";
  /** ln E. */
  readonly log: number;
}

/**
 * What each metric's evidence weighs: half is shared by the ratios and half by the latencies, all by one kind where there is
 * only one. The weights add up to 1 and are known before the release.
 */
export function evidenceWeights(
  metrics: readonly Pick<MetricEvidence, "kind">[],
): readonly number[] {
  const kinds = new Set(metrics.map(({ kind }) => kind)).size;
  return metrics.map(({ kind }) => {
    const alike = metrics.filter((other) => other.kind === kind).length;
    return 1 / (kinds * alike);
  });
}

/**
 * ln Σ v_m·E_m: the weighted mean is evidence under any dependence between the metrics, and no other merge is better under all
 * of them (Wang, 2024). Promotion needs no merge: it asks every metric.
 */
export function combinedEvidence(metrics: readonly MetricEvidence[]): number {
  const weights = evidenceWeights(metrics);
  return metrics.length === 0
    ? 0
    : logSum(metrics.map(({ log }, m) => log + Math.log(weights[m] ?? 0)));
}
