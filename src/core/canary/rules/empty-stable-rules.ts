/** The rule that tells people once that a version keeps traffic which nobody else could answer. */
import type { CanaryStatus } from "../../../api/canary-status.ts";
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

function toldStatus(s: Situation, message: string): CanaryStatus {
  const { weight = 0, until } = heldTraffic(s) ?? {};
  const heldForStable = {
    since: toInstant(s.now),
    ...(until !== undefined && { until: toInstant(until) }),
  };
  const facts = { ...aboutRelease(s), ...stableFacts(s), weight: String(weight) };
  return nextStatus(s, { ...s.status, heldForStable }, message, [
    { reason: "StableHasNoPods", message, facts, part: occurrence(s) },
  ]);
}

function aboutRelease(s: Situation) {
  const { release } = s.status;
  if (release === undefined) return {};
  const cause = release.rollback?.reason ?? release.retreat?.reason;
  return { ...releaseFacts(s), ...(cause !== undefined && { cause }) };
}

/** In the order of the table. */
export const emptyStableRules: readonly Rule[] = [reportEmptyStable];
