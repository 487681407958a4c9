/** What spec.skipAnalysis makes of a release: one stage with all traffic, on which no metric decides. */
import type { CanarySpec, Metric, Stage } from "../../api/canary-spec.ts";
import { known } from "../fact.ts";
import type { Snapshot } from "./snapshot.ts";

/** The snapshot as rules are to see it: with skipAnalysis only the last stage is left of the spec's. */
export function skipStages(snapshot: Snapshot): Snapshot {
  const { spec } = snapshot;
  if (spec.kind !== "Known" || !spec.value.skipAnalysis) return snapshot;
  return { ...snapshot, spec: known({ ...spec.value, stages: [...stagesInForce(spec.value)] }) };
}

/** The stages that a release under this spec goes through. */
export function stagesInForce({ skipAnalysis, stages }: CanarySpec): readonly Stage[] {
  return skipAnalysis ? stages.slice(-1) : stages;
}

/** Whether anything is decided on the metric. */
export function decides(
  { skipAnalysis }: Pick<CanarySpec, "skipAnalysis">,
  { dryRun }: Pick<Metric, "dryRun">,
): boolean {
  return !skipAnalysis && !dryRun;
}
