/** The shape of a rule: a row of the ordered table, first match wins. */
import type { Decision } from "../decision.ts";
import type { Guard } from "../guard.ts";
import type { RuleName } from "../rule-name.ts";
import type { LifePhase, Situation } from "../situation.ts";

export interface Rule {
  readonly name: RuleName;
  /** One line for the state diagram and the docs. */
  readonly doc: string;
  /** Phases in which the rule is asked. */
  readonly from: readonly LifePhase[];
  /**
   * Phases it may lead to, from each in `from`; its own is left out when it stays. A pair is one arrow, for a rule
   * that leads elsewhere from each phase.
   */
  readonly leadsTo: readonly (LifePhase | readonly [LifePhase, LifePhase])[];
  /**
   * True for the rules that a release waits for: their `because` is what people read while nothing happens.
   * Rules that only watch for something bad stay silent.
   */
  readonly isAwaited: boolean;
  readonly when: (situation: Situation) => Guard;
  readonly decide: (situation: Situation, message: string) => Decision;
}

/** Every phase, for rules that are asked always. */
export const everyPhase: readonly LifePhase[] = [
  "New",
  "Initializing",
  "Initialized",
  "Progressing",
  "Waiting",
  "Promoting",
  "Finalising",
  "Succeeded",
  "Failed",
  "Suspended",
  "Terminating",
];

/** Phases in which no release runs and the primary serves. */
export const idlePhases: readonly LifePhase[] = ["Initialized", "Succeeded", "Failed"];
