/**
 * Flagger's rule: looks once a minute at the canary alone; a bad value counts as a failed check, and failed checks are
 * never forgotten. The rollback comes at the start of the check after the last one that was needed.
 */
import type { Ending, Telemetry } from "../traces/telemetry.ts";
import { horizonSeconds } from "../traces/trace.ts";
import { isFast, isSuccessful } from "./thresholds.ts";

const intervalSeconds = 60;
const stepWeight = 10;
const maxWeight = 50;

export function runFlagger(telemetry: Telemetry, threshold: number): Ending {
  let weight = stepWeight;
  let failedChecks = 0;
  telemetry.setWeight(weight);
  for (let second = intervalSeconds; second <= horizonSeconds; second += intervalSeconds) {
    telemetry.advance(second);
    if (failedChecks >= threshold) return { kind: "RolledBack", second };
    const tally = telemetry.increase("canary", 60);
    if (tally === undefined || !isSuccessful(tally) || !isFast(tally)) failedChecks += 1;
    else if (weight >= maxWeight) return { kind: "Promoted", second };
    else {
      weight += stepWeight;
      telemetry.setWeight(weight);
    }
  }
  return { kind: "Held", second: horizonSeconds };
}
