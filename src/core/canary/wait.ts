/** How a release begins to wait: it keeps its weight, and its analysis goes on. Who may end the wait is not decided here. */
import type { CanaryStatus, WaitingReason } from "../../api/canary-status.ts";
import { toInstant } from "../instant.ts";
import { clip } from "./clip.ts";
import { nextStatus } from "./next-status.ts";
import { type Notice, occurrence, releaseFacts, stableFacts } from "./notices.ts";
import type { Situation } from "./situation.ts";

/** The status, completed for being persisted, of a release that waits; people are told whom or what for. */
export function waitingStatus(
  s: Situation,
  status: CanaryStatus,
  reason: WaitingReason,
  message: string,
): CanaryStatus {
  const waiting = { reason, since: toInstant(s.now), message: clip(message) };
  return nextStatus(s, { ...status, phase: "Waiting", waiting }, message, [
    waitingNotice(s, reason, message),
  ]);
}

/** What people are told of a wait that begins. */
export function waitingNotice(s: Situation, reason: WaitingReason, message: string): Notice {
  const facts = { ...releaseFacts(s), ...stableFacts(s), cause: reason };
  return { reason: "Waiting", message, facts, part: occurrence(s) };
}
