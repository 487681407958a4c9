/** What the clients of a shop counted themselves, beside every metric: the truth that Serin's doings are held against. */
import { z } from "zod";
import type { SeenWeight } from "./weights.ts";

const Stats = z.object({
  requests: z.number(),
  failed: z.number(),
  byWorkload: z.record(z.string(), z.object({ requests: z.number(), failed: z.number() })),
  failures: z.record(z.string(), z.number()),
});

export interface ClientCounts {
  readonly requests: number;
  readonly failed: number;
  /** Requests, and failed ones, by who answered; "unknown" where nobody did. */
  answeredBy(workload: string): { readonly requests: number; readonly failed: number };
  readonly failures: Readonly<Record<string, number>>;
  /** Monotonic time of this process when they were read, milliseconds. */
  readonly at: number;
}

export async function countClients(meshAddress: string, host: string): Promise<ClientCounts> {
  const response = await fetch(`${meshAddress}/clients/${host}`);
  const { byWorkload, ...stats } = Stats.parse(await response.json());
  const answeredBy = (workload: string) => byWorkload[workload] ?? { requests: 0, failed: 0 };
  return { ...stats, answeredBy, at: performance.now() };
}

/** What was counted from one reading to a later one. */
export function between(before: ClientCounts, after: ClientCounts): ClientCounts {
  const failures = Object.entries(after.failures).map(([seen, count]): [string, number] => [
    seen,
    count - (before.failures[seen] ?? 0),
  ]);
  return {
    requests: after.requests - before.requests,
    failed: after.failed - before.failed,
    answeredBy(workload) {
      const [earlier, later] = [before.answeredBy(workload), after.answeredBy(workload)];
      const requests = later.requests - earlier.requests;
      return { requests, failed: later.failed - earlier.failed };
    },
    failures: Object.fromEntries(failures.filter(([, count]) => count > 0)),
    at: after.at,
  };
}

/** From a write of the routes to every client's acting on it, and to our hearing of it, on a busy machine. */
const usualLagMs = 2_500;

interface Span {
  readonly from: number;
  readonly to: number;
  readonly lagMs?: number | undefined;
}

/** Fewest and most requests that the routes as they were seen can have sent to the target. */
export function expectedExposure(
  seen: readonly SeenWeight[],
  { from, to, lagMs = usualLagMs }: Span,
  requests: number,
): { readonly least: number; readonly most: number } {
  const stepMs = 50;
  let least = 0;
  let most = 0;
  const spans = seen.map(({ weight, at }, place) => ({
    weight,
    begins: place === 0 ? Number.NEGATIVE_INFINITY : at,
    ends: seen[place + 1]?.at ?? Number.POSITIVE_INFINITY,
  }));
  for (let at = from; at < to; at += stepMs) {
    const near = spans.filter(({ begins, ends }) => begins <= at + lagMs && ends >= at - lagMs);
    const weights = near.map(({ weight }) => weight);
    least += Math.min(...weights);
    most += Math.max(...weights);
  }
  const perStep = (requests * stepMs) / (to - from) / 100;
  const chance = (count: number) => 5 * Math.sqrt(count) + 10;
  return {
    least: least * perStep - chance(least * perStep),
    most: most * perStep + chance(most * perStep),
  };
}
