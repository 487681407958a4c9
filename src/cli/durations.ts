/** Times for people, and how they write them. */
import { ConfigError } from "../config.ts";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `45s`, `3m12s`, `2h05m`, `3d04h`: two units are as exact as anybody reads. */
export function showDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs);
  if (ms < minuteMs) return `${Math.floor(ms / secondMs)}s`;
  if (ms < hourMs) return inUnits(ms, { ms: minuteMs, name: "m" }, { ms: secondMs, name: "s" });
  return ms < dayMs
    ? inUnits(ms, { ms: hourMs, name: "h" }, { ms: minuteMs, name: "m" })
    : inUnits(ms, { ms: dayMs, name: "d" }, { ms: hourMs, name: "h" });
}

interface Unit {
  readonly ms: number;
  readonly name: string;
}

function inUnits(ms: number, big: Unit, small: Unit): string {
  const rest = Math.floor((ms % big.ms) / small.ms);
  return `${Math.floor(ms / big.ms)}${big.name}${String(rest).padStart(2, "0")}${small.name}`;
}

/** Time from an instant of the API until now; undefined when there is none. */
export function since(instant: string | undefined, now: number): string | undefined {
  const at = instant === undefined ? Number.NaN : Date.parse(instant);
  return Number.isNaN(at) ? undefined : showDuration(now - at);
}

const unitsMs: Readonly<Record<string, number>> = { s: secondMs, m: minuteMs, h: hourMs };

/** `90s`, `10m`, `1h30m`, or a plain number of seconds. Throws ConfigError with what to write. */
export function parseDuration(flag: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * secondMs;
  const parts = [...text.matchAll(/(?<!\d)(?<count>\d+)(?<unit>[smh])/g)];
  if (text === "" || parts.map(([part]) => part).join("") !== text)
    throw new ConfigError(`--${flag} ${text}: give a time such as 90s, 10m or 1h30m`);
  return parts.reduce(
    (sum, { groups }) => sum + Number(groups?.["count"]) * (unitsMs[groups?.["unit"] ?? ""] ?? 0),
    0,
  );
}
