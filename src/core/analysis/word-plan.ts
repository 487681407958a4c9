/** A plan in sentences: what each stage takes, and what cannot be promised with what to write instead. */
import { wordPoints } from "./assess-comparison.ts";
import type { PlanWarning, ReleasePlan, StagePlan } from "./plan.ts";
import { wordNumber, wordRequests, wordSpan } from "./wording.ts";

/** "stages 10, 25, 50, 100 % take about 13 min at 5 requests a second". */
export function wordPlan({ stages, seconds }: ReleasePlan, requestsPerSecond: number): string {
  const rate = `at ${wordNumber(requestsPerSecond)} requests a second`;
  if (Number.isFinite(seconds))
    return `${rate} a good version takes about ${wordSpan(1000 * seconds)}`;
  const endless = stages.find((stage) => !Number.isFinite(stage.seconds));
  return `${rate} ${endless === undefined ? "" : wordStageOf(endless)} does not end by itself`;
}

/** What one stage takes. */
export function wordStagePlan(stage: StagePlan): string {
  const { excess, requests, seconds, metric } = stage;
  if (excess === undefined) return `${wordSeconds(seconds)}, nothing to exclude`;
  const what = `an excess above ${wordPoints(excess)} points (${metric ?? ""})`;
  return Number.isFinite(requests)
    ? `${wordSeconds(seconds)}: ${wordRequests(Math.ceil(requests), "canary ")} exclude ${what}`
    : `no end: ${what} is never excluded`;
}

/** A warning with its remedy. */
export function wordWarning(warning: PlanWarning): string {
  switch (warning.kind) {
    case "StageTooShort": {
      const { stage, maxSeconds } = warning;
      const excluded =
        stage.excludedInTime === undefined
          ? "nothing"
          : `no more than an excess above ${wordPoints(stage.excludedInTime)} points`;
      return `${wordStageOf(stage)} needs ${wordSeconds(stage.seconds)} and has maxSeconds ${maxSeconds}: ${excluded} is excluded by then, and analysis.onInconclusive decides; raise maxSeconds or the weight, widen compare.harmful, or say with PromoteIfExcluded what is enough`;
    }
    case "NothingCompared":
      return "no stage has both versions beside each other: nothing is compared, limits alone judge; add a stage below 100";
    case "RollbackSlow":
      return `a fault beyond a limit may last ${wordSeconds(warning.seconds)} at this rate instead of ${wordSeconds(warning.boundSeconds)}: lower limit.minSamples, or give the first stage more weight`;
  }
}

function wordStageOf({ weight }: StagePlan): string {
  return `the stage at ${weight} %`;
}

function wordSeconds(seconds: number): string {
  return Number.isFinite(seconds) ? wordSpan(1000 * seconds) : "for ever";
}
