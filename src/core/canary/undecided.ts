/** Whether a stage has had its time and its numbers, and still no verdict. What is done then is not decided here. */
import type { CanarySpec } from "../../api/canary-spec.ts";
import type { CanaryStatus, StageStatus } from "../../api/canary-status.ts";
import type { Check } from "../analysis/check.ts";
import { wordNumber } from "../analysis/wording.ts";
import { fromOptionalInstant } from "../instant.ts";
import { type Guard, met, unmet } from "./guard.ts";

/**
 * Holds once `maxSeconds` have passed in a stage that gets on by itself while some metric is Inconclusive on data of the
 * new version, and none lacks data or cannot be read: these never time out into a decision.
 */
export function isUndecided(
  spec: CanarySpec,
  { phase, release }: CanaryStatus,
  checks: readonly Check[],
  now: number,
): Guard {
  const stage = release?.stage;
  const clockAt = stage === undefined ? undefined : stageClockAt(stage);
  if (phase !== "Progressing" || stage === undefined || clockAt === undefined) return unmet("");
  const first = measuredOpen(checks);
  if (first === undefined) return unmet("");
  const maxSeconds = spec.stages[stage.index]?.maxSeconds ?? Number.POSITIVE_INFINITY;
  const dueAt = clockAt + maxSeconds * 1000;
  return now >= dueAt
    ? met(`no verdict within ${maxSeconds} s: ${first.metric}: ${first.message}`)
    : unmet("", dueAt);
}

/** The first check that is Inconclusive on data, where nothing worse stands in the way of a verdict. */
function measuredOpen(checks: readonly Check[]): Check | undefined {
  const open = checks.filter((check) => check.verdict !== "Pass");
  return open.every((check) => check.verdict === "Inconclusive")
    ? open.find((check) => check.canaryValue !== undefined)
    : undefined;
}

/** When the longest stay began (ms): with the traffic, and anew when somebody let the release go on. */
function stageClockAt({ trafficConfirmedAt, resumedAt }: StageStatus): number | undefined {
  const confirmedAt = fromOptionalInstant(trafficConfirmedAt);
  if (confirmedAt === undefined) return undefined;
  return Math.max(confirmedAt, fromOptionalInstant(resumedAt) ?? confirmedAt);
}

/**
 * Holds where the spec lets a stage without a verdict pass on what is excluded by then: every limit holds, nothing but the
 * comparison is missing, and no metric leaves an excess of `excessBelow` points possible.
 */
export function isExcludedEnough(
  { analysis: { onInconclusive } }: CanarySpec,
  checks: readonly Check[],
): Guard {
  const { action, excessBelow = 0 } = onInconclusive;
  if (action !== "PromoteIfExcluded") return unmet("");
  const missing = checks.find((check) => check.verdict !== "Pass" && !check.isHeld);
  if (missing !== undefined) return unmet(`${missing.metric}: ${missing.message}`);
  const wide = checks.find(
    ({ compared }) => compared !== undefined && (compared.excluded ?? 1) * 100 > excessBelow,
  );
  return wide === undefined
    ? met(`an excess above ${wordNumber(excessBelow)} points is excluded (onInconclusive)`)
    : unmet(
        `${wide.metric}: an excess above ${wordNumber(excessBelow)} points is not excluded (onInconclusive)`,
      );
}
