/** The decision: the first rule of the table that holds, else converge on what was persisted and say what is waited for. */
import type { Decision } from "./decision.ts";
import { heldTraffic } from "./empty-stable.ts";
import type { Guard } from "./guard.ts";
import { planActions } from "./plan.ts";
import { rules } from "./rules.ts";
import { assessSituation, type Situation } from "./situation.ts";
import type { Snapshot } from "./snapshot.ts";

/** Chooses what to do about one Canary. Pure and total: the same snapshot and time give the same decision. `now` in ms. */
export function decide(snapshot: Snapshot, now: number): Decision {
  return decideOn(assessSituation(snapshot, now));
}

function decideOn(situation: Situation): Decision {
  const unmetGuards: Unmet[] = [];
  for (const rule of rules) {
    if (!rule.from.includes(situation.phase)) continue;
    const guard = rule.when(situation);
    if (guard.holds) {
      const message = guard.message || messageOf(situation, unmetGuards);
      return withoutEmptying(situation, rule.decide(situation, message));
    }
    unmetGuards.push({ ...guard, isAwaited: rule.isAwaited });
  }
  const dueAt = Math.min(...unmetGuards.map((guard) => guard.dueAt ?? Number.POSITIVE_INFINITY));
  return hold(situation, messageOf(situation, unmetGuards), dueAt);
}

/** Whatever takes traffic off takes none that nobody else could answer; all the rest of the decision stands. */
function withoutEmptying(situation: Situation, decision: Decision): Decision {
  if (decision.kind !== "Rollback") return decision;
  const held = heldTraffic({ ...situation, status: decision.status });
  return held === undefined ? decision : { ...decision, lowerTo: held.weight };
}

type Unmet = Extract<Guard, { holds: false }> & { readonly isAwaited: boolean };

/** What people read while nothing happens: the first thing that an awaited rule misses. */
function messageOf({ snapshot }: Situation, unmetGuards: readonly Unmet[]): string {
  const awaited = unmetGuards.find((guard) => guard.isAwaited && guard.because !== "");
  if (awaited === undefined) return snapshot.status.message ?? "";
  const { hindrance } = snapshot;
  return hindrance === undefined ? awaited.because : `${awaited.because}: ${hindrance}`;
}

function hold(situation: Situation, message: string, dueAt: number): Decision {
  const actions = planActions(situation);
  const { acceptance } = situation;
  if (
    actions.length === 0 &&
    !Number.isFinite(dueAt) &&
    acceptance.kind === "Refused" &&
    situation.status.release === undefined
  )
    return { kind: "Stall", rule: "hold", reason: acceptance.reason, message: acceptance.message };
  return {
    kind: "Converge",
    rule: "hold",
    actions,
    message,
    requeueAfterMs: Number.isFinite(dueAt) ? Math.max(0, dueAt - situation.now) : undefined,
  };
}
