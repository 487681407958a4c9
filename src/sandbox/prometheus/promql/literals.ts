/** The literals of PromQL: numbers, durations and quoted strings. Answers undefined for what is not one. */

const UNIT_MS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};
const DURATION =
  /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const DURATION_UNITS = ["y", "w", "d", "h", "m", "s", "ms"] as const;
const DECIMAL = /^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^0[xX][0-9a-fA-F]+$/;

/** `1h30m`, as milliseconds. */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null || text === "") return undefined;
  let totalMs = 0;
  DURATION_UNITS.forEach((unit, index) => {
    totalMs += Number(match[index + 1] ?? 0) * (UNIT_MS[unit] ?? 0);
  });
  return totalMs;
}

/** `1e3`, `0x1F`, `1_000`, `Inf`, `NaN` or a duration in seconds, with or without a sign. */
export function parseNumber(text: string): number | undefined {
  const signed = /^([+-]?)\s*(.*)$/s.exec(text);
  const body = signed?.[2] ?? "";
  const magnitude = parseUnsigned(body.replaceAll("_", "").toLowerCase());
  if (magnitude === undefined) return undefined;
  return signed?.[1] === "-" ? -magnitude : magnitude;
}

function parseUnsigned(text: string): number | undefined {
  if (text === "inf") return Number.POSITIVE_INFINITY;
  if (text === "nan") return Number.NaN;
  if (DECIMAL.test(text) || HEXADECIMAL.test(text)) return Number(text);
  const durationMs = parseDurationMs(text);
  return durationMs === undefined ? undefined : durationMs / 1000;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
};
const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|[^]?)/g;

/** A string in Go's syntax: double or single quotes with escapes, back quotes without. */
export function parseText(literal: string): string | undefined {
  const quote = literal[0];
  if (literal.length < 2 || literal.at(-1) !== quote) return undefined;
  const body = literal.slice(1, -1);
  if (quote === "`") return body;
  if (body.includes("\n")) return undefined;
  let valid = true;
  const text = body.replaceAll(ESCAPE, (escape: string) => {
    const character = unescape(escape.slice(1));
    if (character === undefined) valid = false;
    return character ?? "";
  });
  return valid ? text : undefined;
}

/** What follows the backslash, read; one character is a short escape, more are a code point. */
function unescape(escape: string): string | undefined {
  if (escape.length < 2) return SIMPLE_ESCAPES[escape];
  const octal = /^[0-7]/.test(escape);
  const code = octal ? Number.parseInt(escape, 8) : Number.parseInt(escape.slice(1), 16);
  return code > 0x10_ffff ? undefined : String.fromCodePoint(code);
}
