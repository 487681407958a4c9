/** How far, and how long, routes were from what was decided. Knows weights and instants alone. */
import type { WeightSince } from "../support/decided.ts";

export interface Deviation {
  /** Percent points that the new version had beyond what was decided, times seconds. */
  readonly above: number;
  /** The same, of what it lacked. */
  readonly below: number;
  /** Longest stretch without the decided weight, seconds. */
  readonly longestSeconds: number;
  /** Share that was decided for it, on average, percent. */
  readonly decided: number;
}

interface Span {
  /** Monotonic, milliseconds. */
  readonly from: number;
  readonly to: number;
}

export function deviationOf(
  decided: readonly WeightSince[],
  routed: readonly WeightSince[],
  { from, to }: Span,
): Deviation {
  const instants = [from, ...decided.map(({ at }) => at), ...routed.map(({ at }) => at), to]
    .filter((at) => at >= from && at <= to)
    .toSorted((a, b) => a - b);
  let [above, below, sum, longest, stretch] = [0, 0, 0, 0, 0];
  for (const [place, at] of instants.entries()) {
    const seconds = ((instants[place + 1] ?? at) - at) / 1_000;
    const asked = weightAt(decided, at);
    const difference = weightAt(routed, at) - asked;
    above += Math.max(0, difference) * seconds;
    below += Math.max(0, -difference) * seconds;
    sum += asked * seconds;
    stretch = difference === 0 ? 0 : stretch + seconds;
    longest = Math.max(longest, stretch);
  }
  return { above, below, longestSeconds: longest, decided: (sum * 1_000) / (to - from) };
}

function weightAt(seen: readonly WeightSince[], at: number): number {
  return (seen.findLast((one) => one.at <= at) ?? seen[0])?.weight ?? 0;
}
