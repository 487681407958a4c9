/** What the real policy answers to a command in a life, so that nobody has to say it twice. */
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { aborting, asking } from "../command-snapshots.ts";
import {
  aNewcomer,
  aReleasing,
  aSnapshot,
  deleted,
  settled,
  statusAfter,
  suspending,
} from "../snapshots.ts";
import type { ActionName } from "./scripts.ts";

function snapshotOf(status: CanaryStatus) {
  const isIdle = status.release === undefined;
  if (status.phase === undefined) return aNewcomer();
  return isIdle ? aSnapshot({ status: settled(status) }) : aReleasing(status);
}

/** Done or Refused; undefined where something else comes first. */
export function answerOfPolicy(
  status: CanaryStatus,
  name: ActionName,
): "Done" | "Refused" | undefined {
  const asked = name === "abort" ? aborting() : asking(name);
  const snapshot = {
    ...snapshotOf(status),
    ...asked,
    ...(status.phase === "Suspended" && { ...suspending, asked: suspending.spec }),
    ...(status.phase === "Terminating" && deleted),
  };
  return statusAfter(snapshot).lastCommand?.outcome;
}
