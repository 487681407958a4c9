/** Instants as Kubernetes writes them (RFC 3339, UTC, milliseconds) and as the core counts them (ms since the epoch). */

/** Formats milliseconds since the epoch. */
export function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}

/** Parses an instant; NaN never comes back: text that is no instant counts as the epoch. */
export function fromInstant(text: string): number {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? 0 : ms;
}

/** Milliseconds of an instant that may not have come yet. */
export function fromOptionalInstant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : fromInstant(text);
}
