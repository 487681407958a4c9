/** The rule by which routes never wait for anything to be written down before they are lowered. */
import { met, unmet } from "../guard.ts";
import { planLowering } from "../plan.ts";
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
    const lowering = planLowering(s);
    return {
      kind: "Converge",
      rule: "lowerRoutes",
      actions: lowering === undefined ? [] : [lowering],
      message,
      requeueAfterMs: undefined,
    };
  },
};

/** In the order of the table. */
export const routeRules: readonly Rule[] = [lowerRoutes];
