/**
 * Whether the primary carries a template whose promotion never ended, as when the status was lost or restored in the
 * middle of it. What the primary itself says counts here: the status may know nothing of it.
 */
import type { CanaryStatus } from "../../api/canary-status.ts";
import type { Action } from "./decision.ts";
import { type Guard, met, unmet } from "./guard.ts";
import type { Snapshot, Workload } from "./snapshot.ts";

type World = Pick<Snapshot, "status" | "primary">;

/** True while the primary must get its earlier template back before anything is compared with it or promoted. */
export function isHalfPromoted({ status, primary }: World): boolean {
  return primary.kind === "Known" && isLeftBehind(status, primary.value);
}

/** The primary has nothing that must first be taken back. */
export function isWholePrimary(world: World): Guard {
  return isHalfPromoted(world)
    ? unmet(
        "the primary has a version whose promotion was not finished; it gets its earlier one back",
      )
    : met("");
}

/** Hash of the template that was promoted last, as far as the primary itself can tell. */
export function provenHash({ restoreHash, templateHash }: Workload): string {
  return restoreHash ?? templateHash;
}

/** The write that ends what the primary says of a promotion: undone, or confirmed; undefined where nothing is to end. */
export function planHalfPromoted(
  { status }: Pick<Snapshot, "status">,
  primary: Workload,
): readonly Action[] | undefined {
  const { restoreHash, resourceVersion } = primary;
  if (restoreHash === undefined || status.phase === undefined) return undefined;
  if (isLeftBehind(status, primary))
    return [{ kind: "RestoreTemplate", savedHash: restoreHash, resourceVersion }];
  return isOver(status, primary) ? [{ kind: "ConfirmTemplate", resourceVersion }] : undefined;
}

function isLeftBehind(status: CanaryStatus, primary: Workload): boolean {
  if (primary.restoreHash === undefined) return false;
  return !isOver(status, primary) && !isUnderWay(status, primary);
}

/** It was promoted, or has its earlier template again already. */
function isOver({ lastPromotedHash }: CanaryStatus, primary: Workload): boolean {
  const { templateHash, markedHash, restoreHash } = primary;
  if (templateHash === restoreHash) return true;
  return (
    lastPromotedHash !== undefined &&
    (templateHash === lastPromotedHash || markedHash === lastPromotedHash)
  );
}

/** The promotion in status goes on with it: to its end, or back. */
function isUnderWay({ phase, release }: CanaryStatus, { templateHash }: Workload): boolean {
  const promotion = release?.promotion;
  if (phase !== "Promoting" || promotion === undefined) return false;
  return promotion.step !== "Copy" || templateHash === release?.templateHash;
}
