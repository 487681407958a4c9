/**
 * A comparison as status keeps it, so that whoever takes over goes on with the same evidence. Numbers are written as text: JSON has
 * no −Infinity, and every digit counts. What pods have counted is not kept; the noise told from it is.
 */
import type { LatencyCounts } from "../measure.ts";
import { type BoundTest, newTest } from "./bound-test.ts";
import type { Comparison } from "./comparison.ts";
import type { Dispersion } from "./dispersion.ts";
import type { PodTotal, PodTotals } from "./pod-counts.ts";
import { type PromotionEvidence, promotionBets } from "./promotion-evidence.ts";
import { type RollbackEvidence, rollbackBets } from "./rollback-evidence.ts";

/** One test; the texts are numbers with spaces between them. */
export interface SavedTest {
  /** Its bound, in the template's unit; left out for errors. */
  readonly above?: number | undefined;
  /** Blocks, 1 once warm, capital that is kept, then ln capital of each bet. */
  readonly rollback: string;
  /** Requests, then events of each bet, then exposure of each bet. */
  readonly promotion: string;
  /** Weighted sum and weight of the dispersion across pods, then across time, spread between pods, then how many of stable's latest blocks follow, with requests and bad ones of each. */
  readonly noise: string;
  /** For each of stable's pods the hash of its name, requests, and bad ones. */
  readonly pods: string;
}

/** A whole comparison. */
export interface SavedComparison {
  readonly tests: readonly SavedTest[];
  /** Stable's durations while bounds are still to be chosen: total, then bound and count of each bucket. */
  readonly history?: string | undefined;
}

/** What is to be written into status. */
export function saveComparison({ tests, history }: Comparison): SavedComparison {
  const written = history && writeHistory(history);
  return {
    tests: tests.map(saveTest),
    // A histogram of very many bounds does not fit: whoever takes over gathers it anew.
    ...(written !== undefined && written.length <= mostHistory && { history: written }),
  };
}

/** Characters that the status schema allows. */
const mostHistory = 512;

function writeHistory({ total, buckets }: LatencyCounts): string {
  return write([total, ...buckets.flatMap(({ le, count }) => [le, count])]);
}

function saveTest({ above, rollback, promotion, ...rest }: BoundTest): SavedTest {
  const { dispersion, spread, totals } = rest;
  const { blocks, isWarm, kept, logCapital } = rollback;
  return {
    ...(above !== undefined && { above }),
    rollback: write([blocks, isWarm ? 1 : 0, kept, ...logCapital]),
    promotion: write([promotion.requests, ...promotion.events, ...promotion.exposure]),
    noise: write([...sumsOf(dispersion), spread, ...blocksOf(dispersion)]),
    pods: [...totals].map(([pod, { requests, bad }]) => `${pod} ${requests} ${bad}`).join(" "),
  };
}

function sumsOf({ acrossPods, acrossTime }: Dispersion): readonly number[] {
  return [acrossPods, acrossTime].flatMap(({ weighted, weight }) => [weighted, weight]);
}

function blocksOf({ recent }: Dispersion): readonly number[] {
  return [recent.length, ...recent.flatMap(({ requests, bad }) => [requests, bad])];
}

function write(numbers: readonly number[]): string {
  return numbers.map(String).join(" ");
}

/** The comparison that was written; undefined where the text is not what this version writes. */
export function loadComparison({ tests, history }: SavedComparison): Comparison | undefined {
  const loaded = tests.map(loadTest);
  const known = loaded.filter((test) => test !== undefined);
  if (known.length < loaded.length) return undefined;
  const numbers = history === undefined ? undefined : read(history);
  const isHistory = numbers !== undefined && areCounts(numbers);
  return { tests: known, history: isHistory ? toHistory(numbers) : undefined };
}

function loadTest({ above, ...saved }: SavedTest): BoundTest | undefined {
  const rollback = toRollback(read(saved.rollback));
  const promotion = toPromotion(read(saved.promotion));
  const noise = toNoise(read(saved.noise));
  const totals = toTotals(saved.pods);
  if (rollback === undefined || promotion === undefined) return undefined;
  if (noise === undefined || totals === undefined) return undefined;
  return { ...newTest(above), rollback, promotion, ...noise, totals };
}

type Numbers = readonly number[] | undefined;

function toRollback(numbers: Numbers): RollbackEvidence | undefined {
  if (numbers?.length !== 3 + rollbackBets.length) return undefined;
  const [blocks = 0, warm = 0, kept = 1, ...logCapital] = numbers;
  if (!areCounts([blocks, kept]) || kept > 1) return undefined;
  return { blocks, isWarm: warm === 1, kept, logCapital };
}

function toPromotion(numbers: Numbers): PromotionEvidence | undefined {
  const bets = promotionBets.length;
  if (numbers?.length !== 1 + 2 * bets) return undefined;
  const [requests = 0, ...sums] = numbers;
  if (!areCounts([requests, ...sums.slice(bets)]) || !sums.every(Number.isFinite)) return undefined;
  return { requests, events: sums.slice(0, bets), exposure: sums.slice(bets) };
}

function toNoise(numbers: Numbers): Pick<BoundTest, "dispersion" | "spread"> | undefined {
  const sums = toSums(numbers);
  const [spread = 0, count, ...blocks] = numbers?.slice(4) ?? [];
  if (sums === undefined || count === undefined || blocks.length !== 2 * count) return undefined;
  if (!areCounts([spread, ...blocks])) return undefined;
  const recent = pairsOf(blocks).map(([requests, bad]) => ({ requests, bad }));
  return { dispersion: { ...sums, recent }, spread };
}

function toSums(numbers: Numbers): Omit<Dispersion, "recent"> | undefined {
  const [amongPods = 0, podWeight = 0, overTime = 0, timeWeight = 0] = numbers ?? [];
  // What a block shows across time may be negative.
  if (!areCounts([amongPods, podWeight, timeWeight]) || !Number.isFinite(overTime))
    return undefined;
  return {
    acrossPods: { weighted: amongPods, weight: podWeight },
    acrossTime: { weighted: overTime, weight: timeWeight },
  };
}

function toTotals(text: string): PodTotals | undefined {
  const totals = new Map<string, PodTotal>();
  const parts = text === "" ? [] : text.split(" ");
  for (let at = 0; at < parts.length; at += 3) {
    const [pod = "", ...numbers] = parts.slice(at, at + 3);
    const [requests, bad] = read(numbers.join(" ")) ?? [];
    if (requests === undefined || bad === undefined) return undefined;
    if (!areCounts([requests, bad])) return undefined;
    totals.set(pod, { requests, bad });
  }
  return totals;
}

/** Undefined where one is no number, or so large that sums of such would be none. */
function read(text: string): Numbers {
  const numbers = text.split(" ").map((part) => (part === "" ? Number.NaN : Number(part)));
  const isKnown = (number: number): boolean =>
    number === Number.NEGATIVE_INFINITY || Math.abs(number) <= mostSaved;
  return numbers.every(isKnown) ? numbers : undefined;
}

/** Beyond any count of requests, and any logarithm of evidence. */
const mostSaved = 1e15;

/** Whether all are finite and none is negative. */
function areCounts(numbers: readonly number[]): boolean {
  return numbers.every((number) => number >= 0 && Number.isFinite(number));
}

function toHistory([total = 0, ...rest]: readonly number[]): LatencyCounts {
  const buckets = pairsOf(rest).map(([le, count]) => ({ le, count }));
  return { kind: "Latency", total, buckets };
}

function pairsOf(numbers: readonly number[]): readonly (readonly [number, number])[] {
  return numbers.flatMap((first, index) =>
    index % 2 === 0 ? [[first, numbers[index + 1] ?? 0] as const] : [],
  );
}
