/** Shows in logs and metrics what a pass has seen and written. Decides nothing. */
import type { CanaryStatus, RollbackStatus } from "../api/canary-status.ts";
import type { Decision } from "../core/canary/decision.ts";
import type { Snapshot } from "../core/canary/snapshot.ts";
import { fromInstant } from "../core/instant.ts";
import type { ControllerPorts } from "./deps.ts";

type ReportPorts = Pick<ControllerPorts, "metrics" | "log">;

/** After a decision was carried out. */
export function report(snapshot: Snapshot, decision: Decision, ports: ReportPorts): void {
  const { namespace, name } = snapshot.identity;
  const status =
    decision.kind === "Transition" || decision.kind === "Rollback"
      ? decision.status
      : snapshot.status;
  if (status.phase !== undefined)
    ports.metrics.showCanary(
      { namespace, name },
      {
        phase: status.phase,
        canaryWeight: status.canaryWeight,
        observedWeight: status.observedWeight,
        values: (status.analysis ?? []).map((metric) => ({
          metric: metric.name,
          canaryValue: metric.canaryValue,
          stableValue: metric.stableValue,
        })),
      },
    );
  if (status === snapshot.status) return;
  ports.log.info(
    {
      namespace,
      canary: name,
      rule: decision.rule,
      phase: status.phase,
      weight: status.canaryWeight,
      because: status.message,
    },
    "transition",
  );
  reportRelease(snapshot, status, ports);
}

function reportRelease(snapshot: Snapshot, status: CanaryStatus, { metrics }: ReportPorts): void {
  const { namespace, name } = snapshot.identity;
  const ended = status.history?.[0];
  if (ended !== undefined && ended.id !== snapshot.status.history?.[0]?.id)
    metrics.countRelease({ namespace, name }, ended.outcome);
  const rollback = status.release?.rollback;
  if (rollback !== undefined) reportRollback(rollback, snapshot.status.release?.rollback, metrics);
}

function reportRollback(
  rollback: RollbackStatus,
  before: RollbackStatus | undefined,
  metrics: ReportPorts["metrics"],
): void {
  const took = (at: string) => Math.max(0, fromInstant(at) - fromInstant(rollback.detectedAt));
  const { appliedAt, confirmedAt } = rollback;
  if (isNew(appliedAt, before?.appliedAt)) metrics.recordRollback("applied", took(appliedAt));
  if (isNew(confirmedAt, before?.confirmedAt))
    metrics.recordRollback("confirmed", took(confirmedAt));
}

function isNew(now: string | undefined, before: string | undefined): now is string {
  return now !== undefined && before === undefined;
}
