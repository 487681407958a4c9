/**
 * The raise rule: no pass puts more traffic on the canary than it finds there before every metric has given a
 * fresh check that is not Fail, NoData or Error. It makes a crash between two writes of a rollback safe.
 */
import type { Check } from "../analysis/check.ts";
import { type Guard, met, unmet } from "./guard.ts";

/** Whether the canary's weight may be raised on what the metrics say now. */
export function mayRaise(checks: readonly Check[]): Guard {
  if (checks.length === 0) return unmet("no metric has been read yet");
  const blocking = checks.find((check) => !check.fresh || !isHarmless(check));
  if (blocking === undefined) return met("every metric has a fresh check");
  return unmet(`${blocking.metric}: ${blocking.message}`);
}

function isHarmless(check: Check): boolean {
  return check.verdict === "Pass" || check.verdict === "Inconclusive";
}
