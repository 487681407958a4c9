/** The snapshot with what follows from it alone: acceptance, checks, evidence. Rules read this and nothing else. */
import type { CanarySpec } from "../../api/canary-spec.ts";
import type { CanaryStatus, Phase } from "../../api/canary-status.ts";
import type { Check } from "../analysis/check.ts";
import { type Acceptance, assessAcceptance } from "./acceptance.ts";
import { assessChecks } from "./checks.ts";
import { assessEvidence, type Evidence } from "./evidence.ts";
import { forgetOldDeletion } from "./old-deletion.ts";
import { rebaseline } from "./rebaseline.ts";
import { skipStages } from "./skip-analysis.ts";
import type { Snapshot } from "./snapshot.ts";

/** New is a Canary that was never touched. */
export type LifePhase = Phase | "New";

export interface Situation {
  readonly snapshot: Snapshot;
  readonly status: CanaryStatus;
  readonly phase: LifePhase;
  /** Undefined while the spec is unreadable. */
  readonly spec: CanarySpec | undefined;
  readonly acceptance: Acceptance;
  /** Of the metrics that decide. */
  readonly checks: readonly Check[];
  /** Of every metric, dry runs too: for people alone. */
  readonly shown: readonly Check[];
  /** Evidence against the version under release; undefined when there is none. */
  readonly evidence: Evidence | undefined;
  /** Wall time, ms. */
  readonly now: number;
}

/** Draws the conclusions that every rule shares. */
export function assessSituation(observed: Snapshot, now: number): Situation {
  const snapshot = skipStages(rebaseline(forgetOldDeletion(observed)));
  const spec = snapshot.spec.kind === "Known" ? snapshot.spec.value : undefined;
  const shown = assessChecks(snapshot, now);
  const checks = shown.filter((check) => check.decides);
  return {
    snapshot,
    status: snapshot.status,
    phase: snapshot.status.phase ?? "New",
    spec,
    acceptance: assessAcceptance(snapshot),
    checks,
    shown,
    evidence: assessEvidence(snapshot, checks, now),
    now,
  };
}
