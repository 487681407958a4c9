/**
 * Stable's requests by reporting pod: what the noise of a metric is told from. A pod is known by a hash of its name, and no more than
 * sixteen are told apart, so that what is remembered fits into a status: those that come later are counted with one of these.
 */

/** What one reporting pod counted of stable's requests. */
export interface PodCounts {
  readonly pod: string;
  readonly requests: number;
  readonly bad: number;
}

/** Requests, and bad ones among them. */
export type PodTotal = Omit<PodCounts, "pod">;

/** What each pod, by the hash of its name, has counted in all blocks before. */
export type PodTotals = ReadonlyMap<string, PodTotal>;

/** Most pods told apart. */
const maxPods = 16;

/** The counts of a block by the names under which `totals` knows them, or is to know them. */
export function foldPods(totals: PodTotals, pods: readonly PodCounts[]): readonly PodCounts[] {
  const names = [...totals.keys()];
  const folded = new Map<string, PodTotal>();
  for (const { pod, requests, bad } of pods) {
    const name = nameFor(pod, names);
    if (!names.includes(name)) names.push(name);
    const sum = folded.get(name) ?? { requests: 0, bad: 0 };
    folded.set(name, { requests: sum.requests + requests, bad: sum.bad + bad });
  }
  return [...folded].map(([pod, sum]) => ({ pod, ...sum }));
}

/** The totals after a block whose pods are folded. */
export function addToTotals(totals: PodTotals, pods: readonly PodCounts[]): PodTotals {
  const next = new Map(totals);
  for (const { pod, requests, bad } of pods) {
    const before = next.get(pod);
    next.set(pod, {
      requests: requests + (before?.requests ?? 0),
      bad: bad + (before?.bad ?? 0),
    });
  }
  return next;
}

/** The sum over pods. */
export function sumOfPods(pods: Iterable<PodTotal>): PodTotal {
  let [requests, bad] = [0, 0];
  for (const pod of pods) {
    requests += pod.requests;
    bad += pod.bad;
  }
  return { requests, bad };
}

function nameFor(pod: string, names: readonly string[]): string {
  const hash = hashOf(pod);
  const name = hash.toString(36);
  if (names.includes(name) || names.length < maxPods) return name;
  return names[hash % names.length] ?? name;
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
