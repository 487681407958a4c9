/** The Mann-Whitney interval for a shift, as Kayenta's judge uses it: by normal approximation, on all pairs of points. */

export interface Shift {
  /** Median of all differences (Hodges and Lehmann). */
  readonly estimate: number;
  /** Lower end of the two-sided interval. */
  readonly low: number;
}

/** Standard normal quantile of 0.99: both sides of a 98 % interval. */
const z99 = 2.3263478740408408;

/** How far `experiment` lies above `control`; both have points. Two-sided confidence 0.98. */
export function shiftOf(experiment: readonly number[], control: readonly number[]): Shift {
  const differences = new Float64Array(experiment.length * control.length);
  for (const [row, value] of experiment.entries())
    for (const [column, base] of control.entries())
      differences[row * control.length + column] = value - base;
  differences.sort();
  const pairs = differences.length;
  const spread = Math.sqrt((pairs * (experiment.length + control.length + 1)) / 12);
  const rank = Math.floor(pairs / 2 - z99 * spread - 0.5);
  const middle = Math.floor(pairs / 2);
  const high = differences[middle] ?? 0;
  return {
    estimate: pairs % 2 === 1 ? high : ((differences[middle - 1] ?? 0) + high) / 2,
    low: rank < 0 ? Number.NEGATIVE_INFINITY : (differences[rank] ?? 0),
  };
}
