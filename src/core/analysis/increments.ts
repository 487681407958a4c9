/**
 * What was counted between two reads. Counters inside one reporting pod restart together, which tells a restart
 * from a series that merely expired. Knows neither versions nor limits.
 */
import { countersOf, orderly, riseOf } from "./counts.ts";
import { rememberCounterMs } from "./limits.ts";
import type { Counts, PodCounter } from "./measure.ts";
import type { SeenCounter } from "./metric-state.ts";

/**
 * The increments of each counter in `after`. Per pod:
 * - never seen before: a baseline, counts nothing (how much of it is old cannot be known);
 * - restarted, that is, some of its counters fell and none stayed or rose: the new values count;
 * - else each counter counts its rise, one that dropped counts 0 (its series expired and came back), and one that was
 *   born since counts from 0, so that the first error of a version is not lost.
 */
export function incrementsBetween(
  before: readonly PodCounter[],
  after: readonly PodCounter[],
): readonly PodCounter[] {
  const pods = byPod(before);
  return [...byPod(after)].flatMap(([pod, now]) => {
    const then = pods.get(pod);
    return then === undefined ? [] : incrementsOfPod(pod, then, now);
  });
}

type ByWorkload = ReadonlyMap<string, Counts>;

/**
 * Instant (ms) from which these increments were counted: of the read at `readAt`, or of an earlier one that was the last to see
 * some pod that counted something. What a missed scrape left out comes later, and is older than the read that missed it.
 */
export function countedSince(
  before: readonly SeenCounter[],
  increments: readonly PodCounter[],
  readAt: number,
): number {
  const seenAt = new Map<string, number>();
  for (const counter of before)
    seenAt.set(counter.pod, Math.max(counter.seenAt, seenAt.get(counter.pod) ?? counter.seenAt));
  const since = increments
    .filter(({ counts }) => counts.total > 0)
    .map(({ pod }) => seenAt.get(pod) ?? readAt);
  return Math.min(readAt, ...since);
}

function incrementsOfPod(pod: string, then: ByWorkload, now: ByWorkload): readonly PodCounter[] {
  const restarted = isRestarted(then, now);
  return [...now].map(([workload, counts]) => ({
    workload,
    pod,
    counts: restarted ? orderly(counts) : riseOf(then.get(workload), counts),
  }));
}

function isRestarted(then: ByWorkload, now: ByWorkload): boolean {
  let fell = false;
  for (const [workload, counts] of then) {
    const present = now.get(workload);
    const values = new Map(present === undefined ? [] : countersOf(present));
    for (const [name, value] of countersOf(counts)) {
      const latest = values.get(name);
      if (value === 0 || latest === undefined) continue;
      if (latest >= value) return false;
      fell = true;
    }
  }
  return fell;
}

function byPod(counters: readonly PodCounter[]): ReadonlyMap<string, Map<string, Counts>> {
  const pods = new Map<string, Map<string, Counts>>();
  for (const { pod, workload, counts } of counters) {
    const workloads = pods.get(pod) ?? new Map<string, Counts>();
    pods.set(pod, workloads.set(workload, counts));
  }
  return pods;
}

/**
 * The counters to compare the next read with: those just read, and for five minutes those that the answer left out,
 * so that a scrape that was missed neither loses requests nor makes old ones look new.
 */
export function rememberCounters(
  before: readonly SeenCounter[],
  after: readonly PodCounter[],
  at: number,
): readonly SeenCounter[] {
  const read = new Set(after.map(keyOf));
  const absent = before.filter(
    (counter) => !read.has(keyOf(counter)) && at - counter.seenAt <= rememberCounterMs,
  );
  return [...after.map((counter) => ({ ...counter, seenAt: at })), ...absent];
}

function keyOf({ pod, workload }: PodCounter): string {
  return `${pod}\n${workload}`;
}
