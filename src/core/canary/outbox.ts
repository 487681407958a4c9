/** Messages waiting to be told, kept in status so that no crash loses one and none is told for a state that was never saved. */
import type { CanaryStatus, OutboxEntry } from "../../api/canary-status.ts";
import { maxOutbox } from "../limits.ts";

const severityRank = { Info: 0, Warning: 1, Error: 2 } as const;

/** Adds an entry; an entry with the same id is not added twice. Beyond the bound the least severe, oldest one is dropped and counted. */
export function addToOutbox(status: CanaryStatus, entry: OutboxEntry): CanaryStatus {
  const outbox = status.outbox ?? [];
  if (outbox.some((other) => other.id === entry.id)) return status;
  const next = [...outbox, entry];
  if (next.length <= maxOutbox) return { ...status, outbox: next };
  const dropped = leastSevere(next);
  return {
    ...status,
    outbox: next.filter((other) => other !== dropped),
    outboxDropped: (status.outboxDropped ?? 0) + 1,
  };
}

/** Removes entries that everyone concerned was told of. */
export function removeTold(status: CanaryStatus, told: ReadonlySet<string>): CanaryStatus {
  const { outbox = [], ...rest } = status;
  const left = outbox.filter((entry) => !told.has(entry.id));
  return left.length === 0 ? rest : { ...rest, outbox: left };
}

function leastSevere(entries: readonly OutboxEntry[]): OutboxEntry | undefined {
  const lowest = Math.min(...entries.map((entry) => severityRank[entry.severity]));
  return entries.find((entry) => severityRank[entry.severity] === lowest);
}
