/** Rules that keep count of what others do while Serin is at rest, and forget it once they leave it alone. */
import type { IdleReplicasStatus } from "../../../api/canary-status.ts";
import { fromOptionalInstant, toInstant } from "../../instant.ts";
import { contestedWithinMs, correctionMs, maxCorrections } from "../../limits.ts";
import { isReplicasContested } from "../drift.ts";
import { met, unmet } from "../guard.ts";
import { isExposedByLoss } from "../loss.ts";
import { nextStatus } from "../next-status.ts";
import { stableFacts } from "../notices.ts";
import { restingMessage } from "../resting-message.ts";
import type { Situation } from "../situation.ts";
import { everyPhase, idlePhases, type Rule } from "./rule.ts";

const settleDrift: Rule = {
  name: "settleDrift",
  doc: "Nobody has changed the weights for ten minutes: what was counted is dropped.",
  from: everyPhase,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const latest = fromOptionalInstant(s.status.drift?.repairedAt.at(-1));
    if (s.status.drift === undefined) return unmet("");
    const dueAt = (latest ?? 0) + contestedWithinMs;
    return s.now >= dueAt ? met("the weights are left alone") : unmet("", dueAt);
  },
  decide: (s) => {
    const { drift: _, ...status } = s.status;
    return {
      kind: "Transition",
      rule: "settleDrift",
      status: nextStatus(s, status, s.status.message ?? restingMessage(status)),
    };
  },
};

const correctReplicas: Rule = {
  name: "correctReplicas",
  doc: "Somebody gave the idle target pods: it is scaled down again, three times after each release; then they stay.",
  from: idlePhases,
  leadsTo: [],
  isAwaited: false,
  when: (s) => {
    const { target, primary } = s.snapshot;
    // Pods that lost their routes were left by nobody but the release.
    const isIdle = isAtRest(s) && !isExposedByLoss(s.snapshot);
    if (!isIdle || target.kind !== "Known" || target.value.replicas === 0) return unmet("");
    if (primary.kind !== "Known" || primary.value.availableReplicas === 0) return unmet("");
    if (isReplicasContested(s)) return unmet("");
    const latest = fromOptionalInstant(countOf(s).at(-1));
    return latest === undefined || s.now >= latest + correctionMs
      ? met("")
      : unmet("", latest + correctionMs);
  },
  decide: (s) => {
    const before = countOf(s);
    const isContested = before.length >= maxCorrections;
    const idleReplicas: IdleReplicasStatus = {
      correctedAt: [...before, toInstant(s.now)].slice(-maxCorrections),
      release: s.status.release?.id ?? "",
      ...(isContested && { isContested }),
    };
    const message = s.status.message ?? "";
    const told = contestedMessage(s);
    return {
      kind: "Transition",
      rule: "correctReplicas",
      status: nextStatus(
        s,
        { ...s.status, idleReplicas },
        message,
        isContested ? [{ reason: "ReplicasContested", message: told, facts: stableFacts(s) }] : [],
      ),
    };
  },
};

function isAtRest({ status: { drain, canaryWeight } }: Situation): boolean {
  return drain === undefined && canaryWeight === 0;
}

function countOf({ status: { idleReplicas, release } }: Situation): readonly string[] {
  return idleReplicas?.release === (release?.id ?? "") ? idleReplicas.correctedAt : [];
}

function contestedMessage({ snapshot: { target } }: Situation): string {
  const name = target.kind === "Known" ? target.value.name : "the target";
  return (
    `somebody keeps giving Deployment ${name} replicas while the primary serves; its pods are left, and releases go on. ` +
    `With Argo CD: spec.ignoreDifferences: [{group: apps, kind: Deployment, name: ${name}, jsonPointers: [/spec/replicas]}]; in any tool: leave spec.replicas out of git`
  );
}

/** In the order of the table. */
export const handsRules: readonly Rule[] = [settleDrift, correctReplicas];
