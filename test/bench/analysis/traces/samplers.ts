/**
 * Exact draws of counts: inversion where few are expected, rejection from a transformed table elsewhere (W. Hörmann,
 * "The transformed rejection method for generating Poisson random variables", 1993, and the same for the binomial).
 */

/** Draws numbers in [0, 1). */
export type Random = () => number;

/** Below it the search by inversion is shorter than a rejection. */
const inversionUntil = 10;

export function drawPoisson(random: Random, mean: number): number {
  if (!(mean > 0)) return 0;
  return mean < inversionUntil ? invertPoisson(random, mean) : rejectPoisson(random, mean);
}

function invertPoisson(random: Random, mean: number): number {
  let probability = Math.exp(-mean);
  let left = random() - probability;
  let count = 0;
  while (left >= 0 && probability > 0) {
    count += 1;
    probability *= mean / count;
    left -= probability;
  }
  return count;
}

function rejectPoisson(random: Random, mean: number): number {
  const slope = 0.931 + 2.53 * Math.sqrt(mean);
  const width = -0.059 + 0.02483 * slope;
  const inverseAlpha = 1.1239 + 1.1328 / (slope - 3.4);
  const sureUntil = 0.9277 - 3.6224 / (slope - 2);
  const logMean = Math.log(mean);
  for (;;) {
    const shift = random() - 0.5;
    const height = 1 - random();
    const edge = 0.5 - Math.abs(shift);
    const count = Math.floor(((2 * width) / edge + slope) * shift + mean + 0.43);
    if (edge >= 0.07 && height <= sureUntil) return count;
    if (count < 0 || (edge < 0.013 && height > edge)) continue;
    const accepted = Math.log((height * inverseAlpha) / (width / (edge * edge) + slope));
    if (accepted <= count * logMean - mean - logFactorial(count)) return count;
  }
}

export function drawBinomial(random: Random, trials: number, share: number): number {
  if (trials <= 0 || !(share > 0)) return 0;
  if (share >= 1) return trials;
  if (share > 0.5) return trials - drawBinomial(random, trials, 1 - share);
  return trials * share < inversionUntil
    ? invertBinomial(random, trials, share)
    : rejectBinomial(random, trials, share);
}

function invertBinomial(random: Random, trials: number, share: number): number {
  const odds = share / (1 - share);
  let probability = Math.exp(trials * Math.log1p(-share));
  let left = random() - probability;
  let count = 0;
  while (left >= 0 && count < trials) {
    probability *= ((trials - count) / (count + 1)) * odds;
    count += 1;
    left -= probability;
  }
  return count;
}

function rejectBinomial(random: Random, trials: number, share: number): number {
  const spread = Math.sqrt(trials * share * (1 - share));
  const slope = 1.15 + 2.53 * spread;
  const width = -0.0873 + 0.0248 * slope + 0.01 * share;
  const centre = trials * share + 0.5;
  const alpha = (2.83 + 5.1 / slope) * spread;
  const sureUntil = 0.92 - 4.2 / slope;
  const mode = Math.floor((trials + 1) * share);
  const logOdds = Math.log(share / (1 - share));
  const atMode = logFactorial(mode) + logFactorial(trials - mode);
  for (;;) {
    const shift = random() - 0.5;
    const height = 1 - random();
    const edge = 0.5 - Math.abs(shift);
    const count = Math.floor(((2 * width) / edge + slope) * shift + centre);
    if (edge >= 0.07 && height <= sureUntil) return count;
    if (count < 0 || count > trials) continue;
    const accepted = Math.log((height * alpha) / (width / (edge * edge) + slope));
    const ratio = atMode - logFactorial(count) - logFactorial(trials - count);
    if (accepted <= ratio + (count - mode) * logOdds) return count;
  }
}

const smallFactorials = Array.from({ length: 17 }, (_, n) => {
  let sum = 0;
  for (let factor = 2; factor <= n; factor += 1) sum += Math.log(factor);
  return sum;
});

/** ln n!; Stirling's series from 17 on, relative error below 1e-12. */
export function logFactorial(n: number): number {
  const known = smallFactorials[n];
  if (known !== undefined) return known;
  const square = n * n;
  const tail = (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / n;
  return 0.5 * Math.log(2 * Math.PI * n) + n * Math.log(n) - n + tail;
}

/** Mean `shape`, variance `shape`; `shape` ≥ 1 (G. Marsaglia and W. Tsang, 2000). */
export function drawGamma(random: Random, shape: number): number {
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const normal = drawNormal(random);
    const cube = (1 + c * normal) ** 3;
    if (cube <= 0) continue;
    const bound = 0.5 * normal * normal + d - d * cube + d * Math.log(cube);
    if (Math.log(1 - random()) < bound) return d * cube;
  }
}

/** Box and Muller, one of the pair. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** How many until the first that ends a run: 1 or more, of the mean given (≥ 1). */
export function drawGeometric(random: Random, mean: number): number {
  if (mean <= 1) return 1;
  return 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-1 / mean));
}
