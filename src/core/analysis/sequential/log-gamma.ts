/** ln Γ and ln B for positive arguments: Stirling's series after a shift (Abramowitz and Stegun 6.1.41); error below 1e-10. */

/** ln Γ(x), x > 0. */
export function logGamma(x: number): number {
  let [shift, at] = [0, x];
  for (; at < 12; at += 1) shift -= Math.log(at);
  const inverse = 1 / at;
  const square = inverse * inverse;
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)));
  return shift + (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series;
}

/** ln B(a, b), a and b > 0. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}
