/** Writes a span of time as kubectl does: two units while the larger is small, one beyond. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

function pair(seconds: number, big: number, small: number, units: string): string {
  const [bigUnit = "", smallUnit = ""] = units;
  const rest = Math.floor((seconds % big) / small);
  const whole = `${Math.floor(seconds / big)}${bigUnit}`;
  return rest === 0 ? whole : `${whole}${rest}${smallUnit}`;
}

interface Span {
  /** Seconds up to which this row applies. */
  readonly below: number;
  readonly write: (seconds: number) => string;
}

const SPANS: readonly Span[] = [
  { below: 2 * MINUTE, write: (seconds) => `${seconds}s` },
  { below: 10 * MINUTE, write: (seconds) => pair(seconds, MINUTE, 1, "ms") },
  { below: 3 * HOUR, write: (seconds) => `${Math.floor(seconds / MINUTE)}m` },
  { below: 8 * HOUR, write: (seconds) => pair(seconds, HOUR, MINUTE, "hm") },
  { below: 2 * DAY, write: (seconds) => `${Math.floor(seconds / HOUR)}h` },
  { below: 8 * DAY, write: (seconds) => pair(seconds, DAY, HOUR, "dh") },
  { below: 2 * YEAR, write: (seconds) => `${Math.floor(seconds / DAY)}d` },
  { below: 8 * YEAR, write: (seconds) => pair(seconds, YEAR, DAY, "yd") },
  { below: Number.POSITIVE_INFINITY, write: (seconds) => `${Math.floor(seconds / YEAR)}y` },
];

export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < -1) return "<invalid>";
  const elapsed = Math.max(0, seconds);
  return SPANS.find((span) => elapsed < span.below)?.write(elapsed) ?? "";
}

export function ageSince(timestamp: string | undefined, nowMs: number): string {
  const since = Date.parse(timestamp ?? "");
  return Number.isNaN(since) ? "<unknown>" : humanDuration(nowMs - since);
}
