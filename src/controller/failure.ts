/** The one place that maps the errors of a pass to what happens next. */
import { isStallReason, type StallReason } from "../api/conditions.ts";
import type { Decision } from "../core/canary/decision.ts";
import { RetryableError, StallError } from "../ports/errors.ts";
import { backOffMs } from "./back-off.ts";
import { maxAskedWaitMs, retryFirstMs, retryMaxMs, urgentFirstMs, urgentMaxMs } from "./limits.ts";
import type { Priority } from "./work-queue.ts";

export type Remedy =
  | {
      readonly kind: "Retry";
      readonly afterMs: number;
      readonly priority: Priority;
      readonly reason: string;
    }
  | { readonly kind: "Stall"; readonly reason: StallReason; readonly message: string }
  /** A bug: the key waits for a change. */
  | { readonly kind: "Stop" };

/**
 * What to do about an error of the `attempt`-th failing pass in a row (from 0). Writes that take traffic off a
 * version are tried again within a second, for ever, whatever the error was and however long the other side asks to
 * wait. No decision: the pass failed before it came to one.
 */
export function remedyFor(
  error: unknown,
  decision: Decision | undefined,
  attempt: number,
  random: () => number,
): Remedy {
  if (decision !== undefined && takesTrafficOff(decision)) {
    const afterMs = backOffMs(attempt, { firstMs: urgentFirstMs, maxMs: urgentMaxMs }, random);
    return { kind: "Retry", afterMs, priority: "Urgent", reason: reasonOf(error) };
  }
  if (error instanceof RetryableError) {
    const afterMs = backOffMs(attempt, { firstMs: retryFirstMs, maxMs: retryMaxMs }, random);
    return {
      kind: "Retry",
      afterMs: Math.max(afterMs, Math.min(error.afterMs ?? 0, maxAskedWaitMs)),
      priority: "Normal",
      reason: error.reason,
    };
  }
  // Whoever owns a Canary can do nothing about Serin's own credentials; a renewed token may come at any time.
  if (error instanceof StallError && error.reason === "Unauthorized") {
    const afterMs = backOffMs(attempt, { firstMs: retryFirstMs, maxMs: retryMaxMs }, random);
    return { kind: "Retry", afterMs, priority: "Normal", reason: error.reason };
  }
  if (error instanceof StallError)
    return {
      kind: "Stall",
      reason: isStallReason(error.reason) ? error.reason : "Rejected",
      message: error.message,
    };
  return { kind: "Stop" };
}

/** True for decisions that lower the canary's weight. */
export function takesTrafficOff(decision: Decision): boolean {
  if (decision.kind === "Rollback") return true;
  return (
    decision.kind === "Converge" &&
    decision.actions.some((action) => action.kind === "SetWeight" && action.direction === "Lower")
  );
}

/** True for an error that no adapter means to throw. */
export function isBug(error: unknown): boolean {
  return !(error instanceof RetryableError || error instanceof StallError);
}

function reasonOf(error: unknown): string {
  return error instanceof RetryableError || error instanceof StallError ? error.reason : "Bug";
}
