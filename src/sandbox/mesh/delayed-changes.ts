/**
 * The way from istiod to the sidecars: every change takes effect a fixed time after it was made, in order. Knows
 * nothing of what a change does.
 */
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import { maxPendingChanges } from "./limits.ts";

export interface DelayedChanges {
  push(apply: () => void): void;
  /** What is still under way takes effect now, so that nothing is lost when the mesh starts again. */
  stop(): void;
}

/** `applied` is called after changes took effect, once for all that fell due together. */
export function createDelayedChanges(
  clock: Clock,
  delayMs: number,
  applied: () => void,
): DelayedChanges {
  const pending: { readonly dueAt: number; readonly apply: () => void }[] = [];
  let cancel: CancelTimer | undefined;

  function applyDue(): void {
    const now = clock.monotonic();
    const firstLater = pending.findIndex((change) => change.dueAt > now);
    const due = pending.splice(0, firstLater < 0 ? pending.length : firstLater);
    for (const change of due) change.apply();
    schedule();
    applied();
  }

  function schedule(): void {
    const next = pending[0];
    cancel =
      next === undefined
        ? undefined
        : clock.setTimer(Math.max(0, next.dueAt - clock.monotonic()), applyDue);
  }

  return {
    push(apply) {
      if (pending.length >= maxPendingChanges) pending.shift()?.apply();
      pending.push({ dueAt: clock.monotonic() + delayMs, apply });
      if (cancel === undefined) schedule();
    },
    stop() {
      cancel?.();
      cancel = undefined;
      for (const change of pending.splice(0)) change.apply();
    },
  };
}
