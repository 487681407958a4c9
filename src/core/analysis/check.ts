/** The outcome of judging one metric once, and what the spec makes of it. */
import type { Metric } from "../../api/canary-spec.ts";
import type { Verdict } from "../../api/canary-status.ts";
import type { FailureReason } from "../../api/conditions.ts";
import type { Compared } from "./compared.ts";

/** What the metric's numbers say. */
export interface Assessment {
  readonly metric: string;
  readonly verdict: Verdict;
  /** Why, with the numbers; shown to people. */
  readonly message: string;
  /** Percent for a ratio, the template's unit for a latency; undefined without requests. */
  readonly canaryValue: number | undefined;
  readonly stableValue: number | undefined;
  readonly limit: number;
  /** Canary requests in the window judged. */
  readonly samples: number;
  /** What the comparison with stable says; undefined where the metric is judged by its limit alone. */
  readonly compared: Compared | undefined;
  /** True where nothing but the comparison keeps it from passing. */
  readonly isHeld: boolean;
  /** Why it fails, if it does. */
  readonly failure: FailureReason | undefined;
  /** Checks in a row beyond the limit. */
  readonly breaches: number;
  /** When what fails it began: the run of breaches, or the silence, ms. */
  readonly breachedAt: number | undefined;
  /**
   * True while stable is beyond the same limit in the same checks: then this is no evidence against the canary alone.
   * A check that fails by comparison with stable is never shared.
   */
  readonly isShared: boolean;
  /** True if the latest good read is at most two intervals old. */
  readonly fresh: boolean;
  readonly query: string | undefined;
  /** Instant of the latest read, good or not, ms. */
  readonly at: number | undefined;
}

/** An assessment of a metric of the spec. */
export interface Check extends Assessment {
  /** False for a dry run: it is shown, and nothing is decided on it. */
  readonly decides: boolean;
  readonly onFail: Metric["onFail"];
  /** True where the comparison speaks against the version, short of what rolls it back: no more traffic for it. */
  readonly isSuspected?: boolean;
}
