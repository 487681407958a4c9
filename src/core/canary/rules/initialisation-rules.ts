/** Rules that put a workload under Serin's care: its primary is made, and gets the traffic once it can carry it. */
import { toInstant } from "../../instant.ts";
import { every, type Guard, met, unmet } from "../guard.ts";
import { isWholePrimary } from "../half-promoted.ts";
import { missingTarget } from "../loss.ts";
import { nextStatus } from "../next-status.ts";
import type { Situation } from "../situation.ts";
import { isNotSuspended } from "../suspension.ts";
import type { Rule } from "./rule.ts";
import { isAccepted, warningNotices } from "./spec-rules.ts";

const beginInitialisation: Rule = {
  name: "beginInitialisation",
  doc: "A new Canary: the live pods keep all traffic while the primary is created.",
  from: ["New"],
  leadsTo: ["Initializing"],
  isAwaited: true,
  when: (s) =>
    every(
      () => mayBegin(s),
      () => isNotSuspended(s),
      // Whether the live pods must keep the traffic depends on whether there is a primary.
      () =>
        s.snapshot.primary.kind === "Unknown" ? unmet(s.snapshot.primary.because) : met("accepted"),
      () =>
        s.snapshot.deletion.isHeld ? met("") : unmet("putting Serin's finalizer on the Canary"),
    ),
  decide: (s) => {
    const { primary } = s.snapshot;
    const isFresh = primary.kind === "Missing";
    const message = isFresh
      ? "creating the primary; the live pods keep all traffic"
      : "the primary exists; giving it the traffic";
    return {
      kind: "Transition",
      rule: "beginInitialisation",
      status: nextStatus(
        s,
        {
          ...s.status,
          phase: "Initializing",
          initialisation: { step: "CreatePrimary", since: toInstant(s.now) },
          // An existing primary may be serving: until it is seen to be available the routes stay as they are.
          ...(isFresh && { canaryWeight: 100 }),
        },
        message,
        [
          { reason: "SpecAccepted", message: "the spec is accepted", facts: {} },
          ...warningNotices(s),
        ],
      ),
    };
  },
};

const shiftToPrimary: Rule = {
  name: "shiftToPrimary",
  doc: "The primary is available: it gets all traffic.",
  from: ["Initializing"],
  leadsTo: [],
  isAwaited: true,
  when: (s) =>
    every(
      () => mayBegin(s),
      () => (s.status.initialisation?.step === "CreatePrimary" ? met("") : unmet("")),
      () => {
        const { primary } = s.snapshot;
        if (primary.kind !== "Known") return unmet(primary.because);
        const whole = isWholePrimary(s.snapshot);
        if (!whole.holds) return whole;
        const { isRolledOut, availableReplicas, replicas } = primary.value;
        return isRolledOut && availableReplicas > 0
          ? met("the primary is available; giving it the traffic")
          : unmet(`the primary has ${availableReplicas} of ${replicas} pods available`);
      },
    ),
  decide: (s, message) => {
    const { primary } = s.snapshot;
    const promoted =
      primary.kind === "Known" ? { lastPromotedHash: primary.value.templateHash } : {};
    return {
      kind: "Transition",
      rule: "shiftToPrimary",
      status: nextStatus(
        s,
        {
          ...s.status,
          ...promoted,
          initialisation: { step: "Shift", since: toInstant(s.now) },
          canaryWeight: 0,
          drain: { startedAt: toInstant(s.now) },
        },
        message,
      ),
    };
  },
};

/** In the order of the table. */
export const initialisationRules: readonly Rule[] = [beginInitialisation, shiftToPrimary];

/**
 * A primary that serves gets all traffic also where no release could be made: nobody judges what the target gets. The
 * target may be gone, too; then nobody else can serve.
 */
function mayBegin(s: Situation): Guard {
  const { primary, routes } = s.snapshot;
  if (primary.kind === "Known" && routes.kind === "Known") return met("");
  return missingTarget(s.snapshot) === undefined ? isAccepted(s) : met("the target is gone");
}
