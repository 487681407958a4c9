/** The moment before the version under release gets its first request: what is asked then is asked once. */
import type { Situation } from "./situation.ts";

/**
 * True while the stage that is to give the new version its first weight waits for its guards; false where a person's
 * command, or `skipAnalysis`, passes them by.
 */
export function isBeforeFirstWeight({
  status: { release, canaryWeight = 0 },
  spec,
}: Pick<Situation, "status" | "spec">): boolean {
  const stage = release?.stage;
  if (stage === undefined || canaryWeight > 0 || stage.shiftedAt !== undefined) return false;
  return stage.byCommand === undefined && spec?.skipAnalysis !== true;
}
