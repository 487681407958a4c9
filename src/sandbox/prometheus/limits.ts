/** Every bound of the embedded Prometheus. The defaults of the real one where it has one; no behaviour here. */

/** How far back an instant selector looks for a sample (Prometheus: --query.lookback-delta). */
export const LOOKBACK_MS = 5 * 60_000;
/** How long samples are kept when the options do not say. */
export const DEFAULT_RETENTION_MS = 10 * 60_000;
/** The longest retention that may be asked for: it bounds the memory. */
export const MAX_RETENTION_MS = 60 * 60_000;
/** Series held at once; a scrape drops new series beyond it, as Prometheus' sample_limit does. */
export const MAX_SERIES = 200_000;
/** Points per series that a range query may ask for (the same in Prometheus). */
export const MAX_RANGE_POINTS = 11_000;
/** Bytes of a query's text. Coalesced queries list hundreds of names, so this is generous. */
export const MAX_QUERY_CHARS = 256 * 1024;
/** Bytes of a form body. */
export const MAX_FORM_BYTES = 1024 * 1024;
/** Depth of an expression; deeper ones could exhaust the stack. */
export const MAX_EXPRESSION_DEPTH = 200;
