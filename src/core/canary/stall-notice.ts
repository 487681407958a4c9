/** Sees to it that people are told of a stall by whichever transition is the first to record it. */
import type { CanaryStatus } from "../../api/canary-status.ts";
import { clip } from "./clip.ts";
import { stalled } from "./conditions/life.ts";
import { type Notice, occurrence, stableFacts } from "./notices.ts";
import type { Situation } from "./situation.ts";
import { assessStall } from "./stall.ts";

/** Of a stall that the status before did not have; none where the transition itself tells of one. */
export function stallNotices(
  s: Situation,
  status: CanaryStatus,
  notices: readonly Notice[],
): readonly Notice[] {
  // A refusal says more, and is told apart.
  if (s.acceptance.kind === "Refused") return [];
  const stall = assessStall(s.snapshot, s.now);
  if (stall === undefined || notices.some(({ reason }) => reason === "Stalled")) return [];
  const before = s.status.conditions?.find(({ type }) => type === "Stalled");
  const isTold = before?.reason === stall.reason && before.message === clip(stall.message);
  if (isTold || stalled(status, s).reason !== stall.reason) return [];
  const facts = { cause: stall.reason, ...stableFacts(s) };
  return [{ reason: "Stalled", message: stall.message, facts, part: occurrence(s) }];
}
