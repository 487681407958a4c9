/**
 * What the comparisons of all metrics say together: whether the release fails by them, or must not go on for now. One probability
 * of a false rollback is shared by all metrics that roll back, and one by those that pause.
 */

import type { Check } from "../analysis/check.ts";
import type { Compared } from "../analysis/compared.ts";
import { combinedEvidence, evidenceWeights } from "../analysis/sequential/combine.ts";
import { wordNumber } from "../analysis/wording.ts";

/** Evidence from which on no stage is left, ln: five times as likely as without a difference is no ground to go on. */
const suspicion = Math.log(5);

type ComparedCheck = Check & { readonly compared: Compared };

/** The checks, with the verdict of the comparison on the one that speaks loudest. Dry runs are judged each for itself. */
export function judgeTogether(checks: readonly Check[], alpha: number): readonly Check[] {
  const rollback = judgeGroup(
    checks.filter((check) => check.decides && check.onFail === "Rollback"),
    alpha,
  );
  const pause = judgeGroup(
    checks.filter((check) => check.decides && check.onFail === "Pause"),
    alpha,
  );
  const alone = checks.filter((check) => !check.decides).map((check) => judgeGroup([check], alpha));
  const judged = [rollback, pause, ...alone].filter((check) => check !== undefined);
  return checks.map((check) => judged.find(({ metric }) => metric === check.metric) ?? check);
}

/** The loudest check of the group with its new verdict; undefined where the group has nothing to say. */
function judgeGroup(group: readonly Check[], alpha: number): Check | undefined {
  const compared = group.filter(isCompared);
  const loudest = loudestOf(compared);
  if (loudest === undefined) return undefined;
  const log = combinedEvidence(compared.map((check) => check.compared));
  if (log >= Math.log(1 / alpha)) return failed(loudest, log, alpha);
  return log >= suspicion ? suspected(loudest, log) : undefined;
}

function isCompared(check: Check): check is ComparedCheck {
  return check.compared !== undefined;
}

function loudestOf(checks: readonly ComparedCheck[]): ComparedCheck | undefined {
  const weights = evidenceWeights(checks.map(({ compared }) => compared));
  const said = checks.map(({ compared }, m) => compared.log + Math.log(weights[m] ?? 0));
  return checks[said.indexOf(Math.max(...said))];
}

/** A limit that the canary alone has broken is the simpler reason; an incident that stable shares is no longer one. */
function failed(check: ComparedCheck, log: number, alpha: number): Check {
  if (check.verdict === "Fail" && !check.isShared) return check;
  return {
    ...check,
    verdict: "Fail",
    failure: "WorseThanStable",
    message: `${check.message}; ${wordArms(check)}evidence ${wordEvidence(log)} that it is worse than is tolerated beside stable, ${wordEvidence(-Math.log(alpha))} decides`,
    breachedAt: check.at,
    isShared: false,
    isHeld: false,
  };
}

function suspected(check: ComparedCheck, log: number): Check {
  if (check.verdict !== "Pass" && !check.isHeld) return { ...check, isSuspected: true };
  return {
    ...check,
    isSuspected: true,
    verdict: "Inconclusive",
    isHeld: false,
    message: `${check.message}; held: evidence ${wordEvidence(log)} that it is worse than is tolerated beside stable, below 5 is needed to go on`,
  };
}

function wordArms({ stableValue }: Check): string {
  return stableValue === undefined ? "" : `stable ${wordNumber(stableValue)}; `;
}

/** E itself, of which people need no more than two digits. */
export function wordEvidence(log: number): string {
  const value = Math.exp(Math.min(log, Math.log(1e9)));
  return log > Math.log(1e9) ? "> 1e9" : String(Number(value.toPrecision(2)));
}
