/** The rule that tells people once that a version keeps traffic which nobody else could answer. */
import { toInstant } from "../../instant.ts";
import { heldTraffic } from "../empty-stable.ts";
import { met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { occurrence, releaseFacts, stableFacts } from "../notices.ts";
import type { Situation } from "../situation.ts";
import { everyPhase, type Rule } from "./rule.ts";

const reportEmptyStable: Rule = {
  name: "reportEmptyStable",
  doc: "Traffic is to be taken off the target, and the primary has no ready pod: the target keeps it until one is ready, at most as long as a rollback may take where a verdict asks for it.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: true,
  when: (s) => {
    const held = heldTraffic(s);
    if (held === undefined || s.phase === "Suspended") return unmet("");
    return s.status.heldForStable === undefined
      ? met(held.message)
      : unmet(held.message, held.until);
  },
  decide: (s, message) => ({
    kind: "Transition",
    rule: "reportEmptyStable",
    status: toldStatus(s, message),
  }),
};

function toldStatus(s: Situation, message: string) {
  const held = heldTraffic(s);
  const { release } = s.status;
  const cause = release?.rollback?.reason ?? release?.retreat?.reason;
  const facts = {
    ...(release !== undefined && releaseFacts(s)),
    ...stableFacts(s),
    ...(cause !== undefined && { cause }),
    weight: String(held?.weight ?? 0),
  };
  const heldForStable = {
    since: toInstant(s.now),
    ...(held?.until !== undefined && { until: toInstant(held.until) }),
  };
  return nextStatus(s, { ...s.status, heldForStable }, message, [
    { reason: "StableHasNoPods", message, facts, part: occurrence(s) },
  ]);
}

/** In the order of the table. */
export const emptyStableRules: readonly Rule[] = [reportEmptyStable];
