/** What the runs of one scenario under one method came to. */
import { quantile } from "../../measurement.ts";
import type { MethodName, Outcome } from "../methods/methods.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { wilsonLimits } from "./proportion.ts";

/** Percentages are of all runs. Seconds are those of the median run, from the onset of the fault or the first traffic. */
export interface Row {
  readonly scenario: string;
  readonly method: MethodName;
  readonly healthy: boolean;
  readonly runs: number;
  /** Healthy scenarios: runs rolled back all the same. */
  readonly falseRollbackPct?: number;
  /** The others: runs promoted all the same. */
  readonly missedPct?: number;
  /** Upper 95 % limit of that percentage. */
  readonly ciHighPct: number;
  readonly promotedPct: number;
  /** Neither promoted nor rolled back within the hour. */
  readonly inconclusivePct: number;
  readonly medianDelaySeconds: number | null;
  readonly p95DelaySeconds: number | null;
  /** Over the runs rolled back. */
  readonly medianBadRequests: number | null;
  readonly medianPromoteSeconds: number | null;
}

export function toRow(scenario: Scenario, method: MethodName, outcomes: readonly Outcome[]): Row {
  const runs = outcomes.length;
  const of = (kind: Outcome["kind"]) => outcomes.filter((outcome) => outcome.kind === kind);
  const [rolledBack, promoted] = [of("RolledBack"), of("Promoted")];
  const wrong = scenario.isHealthy ? rolledBack.length : promoted.length;
  const caught = scenario.isHealthy ? [] : rolledBack;
  const delays = caught.map(({ second }) => second - scenario.onset);
  const wrongPct = percent(wrong / runs);
  return {
    scenario: scenario.name,
    method,
    healthy: scenario.isHealthy,
    runs,
    ...(scenario.isHealthy ? { falseRollbackPct: wrongPct } : { missedPct: wrongPct }),
    ciHighPct: percent(wilsonLimits(wrong, runs).high),
    promotedPct: percent(promoted.length / runs),
    inconclusivePct: percent(of("Held").length / runs),
    medianDelaySeconds: quantileOrNull(delays, 0.5),
    p95DelaySeconds: quantileOrNull(delays, 0.95),
    medianBadRequests: quantileOrNull(
      caught.map(({ badRequests }) => badRequests),
      0.5,
    ),
    medianPromoteSeconds: quantileOrNull(
      promoted.map(({ second }) => second),
      0.5,
    ),
  };
}

/** The percentage that a row is about: rolled back though healthy, or promoted though bad. */
export function wrongPct({ falseRollbackPct, missedPct }: Row): number {
  return falseRollbackPct ?? missedPct ?? 0;
}

function percent(share: number): number {
  return Number((100 * share).toFixed(3));
}

function quantileOrNull(samples: readonly number[], share: number): number | null {
  return samples.length === 0 ? null : quantile(samples, share);
}
