/** The rule by which routes never wait for anything to be written down before they are lowered. */
import type { DriftStatus } from "../../../api/canary-status.ts";
import { toInstant } from "../../instant.ts";
import type { Decision, SetWeight } from "../decision.ts";
import { assessRepair } from "../drift.ts";
import { isStableEmpty } from "../empty-stable.ts";
import { met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { planLowering } from "../plan.ts";
import type { Situation } from "../situation.ts";
import { isUnwritten } from "./drain.ts";
import { unconfirmed } from "./drain-rules.ts";
import { drifted } from "./drift-rules.ts";
import { everyPhase, type Rule } from "./rule.ts";

const lowerRoutes: Rule = {
  name: "lowerRoutes",
  doc: "The routes give the target more than was decided: they are lowered before anything else is written.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: false,
  when: (s) =>
    planLowering(s) === undefined
      ? unmet("the routes give the target no more than was decided")
      : met("taking traffic off the target"),
  decide: (s, message) => {
    if (isUnwritten(s)) return tellUnwritten(s);
    if (s.status.heldForStable !== undefined) return letGoOf(s);
    const lowering = planLowering(s);
    const drift = assessRepair(s);
    if (lowering !== undefined && drift !== undefined) return repair(s, lowering, drift);
    return {
      kind: "Converge",
      rule: "lowerRoutes",
      actions: lowering === undefined ? [] : [lowering],
      message,
      requeueAfterMs: undefined,
    };
  },
};

/** What was held waits for nothing more, and is not held again. */
function letGoOf(s: Situation): Decision {
  const { heldForStable: _, drain, ...status } = s.status;
  const letGo = {
    ...status,
    ...(drain !== undefined && { drain: { ...drain, releasedAt: toInstant(s.now) } }),
  };
  const why = isStableEmpty(s.snapshot)
    ? "no pod of the primary became ready in time"
    : "the primary has a ready pod";
  const message = `${why}: taking all traffic off the target`;
  return { kind: "Rollback", rule: "lowerRoutes", status: nextStatus(s, letGo, message) };
}

/** Lowered and counted at once: neither waits for the other. */
function repair(s: Situation, { canaryWeight }: SetWeight, drift: DriftStatus): Decision {
  const status = drifted(s, drift);
  const lowerTo = Math.min(canaryWeight, status.canaryWeight ?? canaryWeight);
  return { kind: "Rollback", rule: "lowerRoutes", status, lowerTo };
}

/** Written as a rollback is: to tell people must not stand before the next attempt. */
function tellUnwritten(s: Situation): Decision {
  const { routes } = s.snapshot;
  const weight = routes.kind === "Known" ? `${Math.round(routes.value.canaryWeight)} %` : "traffic";
  const because = s.snapshot.hindrance ?? "its log says what stands in the way";
  const message = `the routes still send ${weight} to the target; Serin goes on writing them: ${because}`;
  return { kind: "Rollback", rule: "lowerRoutes", status: unconfirmed(s, message) };
}

/** In the order of the table. */
export const routeRules: readonly Rule[] = [lowerRoutes];
