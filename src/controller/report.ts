/** Shows in logs and metrics what a pass has seen and written. Decides nothing. */
import type { CanaryStatus, ReleaseStatus } from "../api/canary-status.ts";
import type { Decision } from "../core/canary/decision.ts";
import type { Snapshot } from "../core/canary/snapshot.ts";
import { fromInstant } from "../core/instant.ts";
import type { ControllerPorts } from "./deps.ts";
import type { CanaryMemory } from "./memory.ts";

type ReportPorts = Pick<ControllerPorts, "metrics" | "log">;

/**
 * After a decision was carried out. What happened is told by comparing with the status that was last shown, not with
 * the one that this pass found: the pass that wrote it may have failed after that.
 */
export function report(
  snapshot: Snapshot,
  decision: Decision,
  memory: CanaryMemory,
  ports: ReportPorts,
): void {
  const status =
    decision.kind === "Transition" || decision.kind === "Rollback"
      ? decision.status
      : snapshot.status;
  const before = memory.reported ?? snapshot.status;
  memory.reported = status;
  showStatus(snapshot, status, ports);
  if (status !== snapshot.status) logTransition(snapshot, decision, status, ports);
  if (status !== before) reportRelease(snapshot, before, status, ports);
}

function showStatus({ identity }: Snapshot, status: CanaryStatus, { metrics }: ReportPorts): void {
  if (status.phase === undefined) return;
  const { namespace, name } = identity;
  metrics.showCanary(
    { namespace, name },
    {
      phase: status.phase,
      canaryWeight: status.canaryWeight,
      observedWeight: status.observedWeight,
      values: (status.analysis ?? []).map((metric) => ({
        metric: metric.name,
        canaryValue: metric.canaryValue,
        stableValue: metric.stableValue,
        ...(metric.evidence !== undefined && { evidence: metric.evidence }),
      })),
      problems: problemsOf(status),
    },
  );
}

/** Of traffic that does not go where it was sent; the other reasons of that condition pass by themselves. */
const trafficProblems: readonly string[] = ["DrainUnconfirmed", "TrafficSplitMismatch"];

function problemsOf({ conditions = [] }: CanaryStatus): readonly string[] {
  return conditions
    .filter(
      ({ type, status, reason }) =>
        (type === "Stalled" && status === "True") ||
        (type === "TrafficShifted" && status === "False" && trafficProblems.includes(reason)),
    )
    .map(({ reason }) => reason);
}

function logTransition(
  { identity }: Snapshot,
  { rule }: Decision,
  status: CanaryStatus,
  { log }: ReportPorts,
): void {
  const { namespace, name } = identity;
  const { phase, canaryWeight, message, release } = status;
  const fields = { namespace, canary: name, release: release?.id, rule, phase };
  log.info({ ...fields, weight: canaryWeight, because: message }, "transition");
}

function reportRelease(
  { identity }: Snapshot,
  before: CanaryStatus,
  status: CanaryStatus,
  { metrics }: ReportPorts,
): void {
  const { namespace, name } = identity;
  const ended = status.history?.[0];
  if (ended !== undefined && ended.id !== before.history?.[0]?.id)
    metrics.countRelease({ namespace, name }, ended.outcome);
  reportRollback(status.release, before.release, metrics);
}

function reportRollback(
  release: ReleaseStatus | undefined,
  before: ReleaseStatus | undefined,
  metrics: ReportPorts["metrics"],
): void {
  if (release?.rollback === undefined) return;
  const { detectedAt, appliedAt, confirmedAt } = release.rollback;
  const earlier = release.id === before?.id ? before.rollback : undefined;
  const took = (at: string) => Math.max(0, fromInstant(at) - fromInstant(detectedAt));
  if (isNew(appliedAt, earlier?.appliedAt)) metrics.recordRollback("applied", took(appliedAt));
  if (isNew(confirmedAt, earlier?.confirmedAt))
    metrics.recordRollback("confirmed", took(confirmedAt));
}

function isNew(now: string | undefined, before: string | undefined): now is string {
  return now !== undefined && before === undefined;
}
