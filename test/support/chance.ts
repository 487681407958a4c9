/** Draws of counts for statistical tests, from a seeded source. */

/** A binomial number: of `n` requests each bad with probability `p`; exact for small n·p, by inversion of gaps. */
export function drawBinomial(random: () => number, n: number, p: number): number {
  if (p <= 0 || n <= 0) return 0;
  if (p >= 1) return n;
  const lnGood = Math.log1p(-p);
  let bad = 0;
  let at = 0;
  for (;;) {
    at += Math.floor(Math.log(1 - random()) / lnGood) + 1;
    if (at > n) return bad;
    bad += 1;
  }
}

/** A geometric number of at least 1 with this mean. */
export function drawGeometric(random: () => number, mean: number): number {
  return mean <= 1 ? 1 : 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-1 / mean));
}
