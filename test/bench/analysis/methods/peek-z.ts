/** A z-test made for one look and asked at every scrape: pooled, one-sided, 0.005 for each of two metrics, for 10 min. */
import { slowOf } from "../traces/tally.ts";
import type { Ending, Telemetry } from "../traces/telemetry.ts";

const weight = 10;
const lifetimeSeconds = 600;
/** Standard normal quantile of 0.995. */
const mostZ = 2.5758293035489004;

export function runPeekZ(telemetry: Telemetry, scrapeSeconds: number): Ending {
  telemetry.setWeight(weight);
  for (let second = scrapeSeconds; second <= lifetimeSeconds; second += scrapeSeconds) {
    telemetry.advance(second);
    const [canary, stable] = [telemetry.total("canary"), telemetry.total("stable")];
    const requests = [canary.requests, stable.requests] as const;
    const z = Math.max(
      pooledZ([canary.errors, stable.errors], requests),
      pooledZ([slowOf(canary), slowOf(stable)], requests),
    );
    if (z > mostZ) return { kind: "RolledBack", second };
  }
  return { kind: "Promoted", second: lifetimeSeconds };
}

type Pair = readonly [canary: number, stable: number];

/** How many standard errors the canary's share of bad requests lies above stable's; 0 where nothing can be said. */
export function pooledZ(bad: Pair, requests: Pair): number {
  if (requests[0] <= 0 || requests[1] <= 0) return 0;
  const pooled = (bad[0] + bad[1]) / (requests[0] + requests[1]);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / requests[0] + 1 / requests[1]));
  return error > 0 ? (bad[0] / requests[0] - bad[1] / requests[1]) / error : 0;
}
