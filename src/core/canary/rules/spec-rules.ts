/** Rules that tell whether the spec can be acted on. A release that runs goes on without being raised. */
import { clip } from "../clip.ts";
import { acceptedMessage, warnedMessage } from "../conditions/progress.ts";
import { type Guard, met, unmet } from "../guard.ts";
import { nextStatus } from "../next-status.ts";
import { type Notice, occurrence, releaseFacts } from "../notices.ts";
import { restingMessage } from "../resting-message.ts";
import type { Situation } from "../situation.ts";
import { everyPhase, type Rule } from "./rule.ts";

/** What a spec lacks is no news of a Canary that goes: what goes with it may go first. */
const stayingPhases = everyPhase.filter((phase) => phase !== "Terminating");

const refuseSpec: Rule = {
  name: "refuseSpec",
  doc: "The spec, or something that it names, cannot be worked with: Accepted=False names the fix.",
  from: stayingPhases,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    if (s.acceptance.kind !== "Refused") return unmet("nothing speaks against the spec");
    const { reason, message } = s.acceptance;
    return isPersisted(s, "False", reason, message)
      ? unmet("the refusal is told already")
      : met(message);
  },
  decide: (s, message) => ({
    kind: "Transition",
    rule: "refuseSpec",
    status: nextStatus(s, s.status, message, isStillArriving(s) ? [] : [refusal(s, message)]),
  }),
};

/** Manifests are applied one after the other: that others are not there yet is no news to tell. */
function isStillArriving(s: Situation): boolean {
  return (
    s.phase === "New" && s.acceptance.kind === "Refused" && s.acceptance.reason.endsWith("NotFound")
  );
}

function refusal(s: Situation, message: string): Notice {
  const cause = s.acceptance.kind === "Refused" ? s.acceptance.reason : "";
  return { reason: "SpecRefused", message, facts: { cause }, part: occurrence(s) };
}

const acceptSpec: Rule = {
  name: "acceptSpec",
  doc: "The spec is accepted again.",
  from: stayingPhases,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    if (s.acceptance.kind !== "Accepted" || s.phase === "New") return unmet("nothing to tell");
    const message = clip(acceptedMessage(s.acceptance, s.snapshot.freeze));
    const isTold =
      s.status.conditions?.some(
        (c) => c.type === "Accepted" && c.status === "True" && c.message === message,
      ) === true;
    const isSame =
      s.status.observedGeneration === s.snapshot.identity.generation &&
      s.status.rollbackBoundSeconds === s.acceptance.boundSeconds;
    return isTold && isSame ? unmet("the acceptance is told already") : met("the spec is accepted");
  },
  decide: (s, message) => {
    const before = s.status.conditions?.find((other) => other.type === "Accepted");
    const isAgain = before?.status === "False";
    const part = occurrence(s);
    const again: readonly Notice[] = isAgain
      ? [{ reason: "SpecAccepted", message, facts: {}, part }]
      : [];
    const text = isAgain ? restingMessage(s.status) : (s.status.message ?? message);
    const status = nextStatus(s, s.status, text, [
      ...again,
      ...(isAgain ? [] : deferral(s)),
      ...warningNotices(s),
    ]);
    return { kind: "Transition", rule: "acceptSpec", status };
  },
};

function deferral(s: Situation): readonly Notice[] {
  const { freeze } = s.snapshot;
  if (freeze.kind !== "Held" || !freeze.isEdited) return [];
  const message = "the spec was edited during a release; the edit takes effect with the next one";
  const part = String(s.snapshot.identity.generation);
  return [{ reason: "SpecEditDeferred", message, facts: releaseFacts(s), part }];
}

/** One message about everything that the acceptance warns of, when it is new. */
export function warningNotices(s: Situation): readonly Notice[] {
  if (s.acceptance.kind !== "Accepted" || s.acceptance.warnings.length === 0) return [];
  const told = s.status.conditions?.find((c) => c.type === "Accepted");
  if (told?.message.startsWith(clip(warnedMessage(s.acceptance))) === true) return [];
  const message = s.acceptance.warnings.join("; ");
  return [{ reason: "AcceptedWithWarning", message, facts: {}, part: occurrence(s) }];
}

/** In the order of the table. */
export const specRules: readonly Rule[] = [refuseSpec, acceptSpec];

/** The spec can be acted on; else why not. */
export function isAccepted(s: Situation): Guard {
  switch (s.acceptance.kind) {
    case "Accepted":
      return met("the spec is accepted");
    case "Refused":
      return unmet(s.acceptance.message);
    case "Unknown":
      return unmet(s.acceptance.because);
  }
}

function isPersisted(s: Situation, status: string, reason: string, message: string): boolean {
  const condition = s.status.conditions?.find((other) => other.type === "Accepted");
  return (
    condition?.status === status &&
    condition.reason === reason &&
    condition.message === clip(message) &&
    s.status.observedGeneration === s.snapshot.identity.generation
  );
}
