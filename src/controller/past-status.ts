/**
 * Reads a status that a leader with another clock wrote: nothing that was written is yet to come. Decides nothing; the
 * next status that is written carries what was read.
 */
import { CanaryStatus } from "../api/canary-status.ts";
import { fromInstant, toInstant } from "../core/instant.ts";
import { clockToleranceMs } from "./limits.ts";
import type { CanaryMemory } from "./memory.ts";

/** Fields that say when something happened; `until` says when something may. */
const happened = /(?:^at|At|^since)$/;

/**
 * The status with each instant that was ahead of `now` (ms) at this leader's first look set to when that was. Waits,
 * and evidence that counts from such an instant on, would else begin only when our clock gets there: a bad version
 * would serve meanwhile. What is written from then on is by our own clock.
 */
export function pastStatus(
  status: CanaryStatus,
  memory: Pick<CanaryMemory, "ahead">,
  now: number,
): CanaryStatus {
  memory.ahead ??= instantsAhead(status, now);
  const { instants, firstSeenAt } = memory.ahead;
  if (instants.size === 0) return status;
  return CanaryStatus.parse(
    JSON.parse(
      JSON.stringify(status, (name, value: unknown) =>
        isInstant(name, value) && instants.has(value) ? firstSeenAt : value,
      ),
    ),
  );
}

function instantsAhead(status: CanaryStatus, now: number): NonNullable<CanaryMemory["ahead"]> {
  const instants = new Set<string>();
  const look = (fields: object): void => {
    for (const [name, value] of Object.entries(fields)) {
      const isAhead = isInstant(name, value) && fromInstant(value) > now + clockToleranceMs;
      if (isAhead) instants.add(value);
      if (typeof value === "object" && value !== null) look(value);
    }
  };
  look(status);
  return { instants, firstSeenAt: toInstant(now) };
}

function isInstant(name: string, value: unknown): value is string {
  return typeof value === "string" && happened.test(name);
}
