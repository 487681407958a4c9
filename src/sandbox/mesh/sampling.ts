/**
 * Draws whole numbers for a batch of simulated requests from one injected source of randomness. Knows nothing
 * of meshes: the same seed and the same calls give the same numbers.
 */
import { drawOneByOneUpTo } from "./limits.ts";

export type Random = () => number;

/** Above this variance the normal approximation is closer to the binomial than a reader could ever notice. */
const normalAboveVariance = 30;

/** How many of `trials` independent events of probability `share` (clamped to 0–1) happen. */
export function drawBinomial(random: Random, trials: number, share: number): number {
  if (trials <= 0 || share <= 0) return 0;
  if (share >= 1) return trials;
  if (share > 0.5) return trials - drawBinomial(random, trials, 1 - share);
  if (trials <= drawOneByOneUpTo) return countOneByOne(random, trials, share);
  const variance = trials * share * (1 - share);
  if (variance <= normalAboveVariance) return drawByInversion(random, trials, share);
  const drawn = Math.round(trials * share + Math.sqrt(variance) * drawNormal(random));
  return Math.min(trials, Math.max(0, drawn));
}

/**
 * Splits `trials` over the classes whose running totals of probability are `cumulative` (the last one counts
 * as 1). The counts add up to `trials`.
 */
export function drawMultinomial(
  random: Random,
  trials: number,
  cumulative: readonly number[],
): number[] {
  const counts = cumulative.map(() => 0);
  if (counts.length === 0) return counts;
  if (trials <= drawOneByOneUpTo) drawEach(random, trials, cumulative, counts);
  else drawByBinomials(random, trials, cumulative, counts);
  return counts;
}

/** Splits `count` as evenly as whole numbers allow; the remainder goes to the places from `offset` on. */
export function spreadEvenly(count: number, places: number, offset: number): number[] {
  const each = Math.floor(count / places);
  const rest = count - each * places;
  const start = offset % places;
  return Array.from({ length: places }, (_, place) => {
    const distance = (place - start + places) % places;
    return each + (distance < rest ? 1 : 0);
  });
}

function countOneByOne(random: Random, trials: number, share: number): number {
  let hits = 0;
  for (let trial = 0; trial < trials; trial += 1) if (random() < share) hits += 1;
  return hits;
}

/** Walks the distribution function; about trials × share steps, which `normalAboveVariance` bounds. */
function drawByInversion(random: Random, trials: number, share: number): number {
  const odds = share / (1 - share);
  let term = (1 - share) ** trials;
  let left = random();
  let hits = 0;
  while (left > term && hits < trials) {
    left -= term;
    hits += 1;
    term *= (odds * (trials - hits + 1)) / hits;
  }
  return hits;
}

/** One standard normal value (Box and Muller's transform). */
function drawNormal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

function drawEach(
  random: Random,
  trials: number,
  cumulative: readonly number[],
  counts: number[],
): void {
  for (let trial = 0; trial < trials; trial += 1) {
    const place = firstAbove(cumulative, random());
    counts[place] = (counts[place] ?? 0) + 1;
  }
}

function drawByBinomials(
  random: Random,
  trials: number,
  cumulative: readonly number[],
  counts: number[],
): void {
  let left = trials;
  let below = 0;
  for (let place = 0; place < cumulative.length && left > 0; place += 1) {
    const upTo = cumulative[place] ?? 1;
    const isLast = place === cumulative.length - 1;
    const share = isLast ? 1 : (upTo - below) / (1 - below);
    const drawn = drawBinomial(random, left, share);
    counts[place] = drawn;
    left -= drawn;
    below = upTo;
  }
}

/** The first place whose running total exceeds `value`, the last one if none does. */
function firstAbove(cumulative: readonly number[], value: number): number {
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] ?? 1) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
