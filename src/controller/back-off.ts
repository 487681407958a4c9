/** How long to wait after the n-th failure in a row. */

/** Doubles from `firstMs` up to `maxMs`; `random` (0 to 1) takes up to a fifth off, so that many keys do not retry as one. */
export function backOffMs(
  attempt: number,
  bounds: { readonly firstMs: number; readonly maxMs: number },
  random: () => number,
): number {
  const full = Math.min(bounds.maxMs, bounds.firstMs * 2 ** Math.min(attempt, 20));
  return Math.round(full * (1 - 0.2 * random()));
}
