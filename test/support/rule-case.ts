/** What the table of rules is tested with: one world for each rule. */
import type { Decision } from "../../src/core/canary/decision.ts";
import type { Snapshot } from "../../src/core/canary/snapshot.ts";

/** A world in which exactly this rule decides, and what it then decides, as far as it matters. */
export interface RuleCase {
  readonly world: Snapshot;
  readonly decides: { readonly kind: Decision["kind"]; readonly [field: string]: unknown };
}
