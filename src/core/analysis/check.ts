/** The outcome of judging one metric once. */
import type { Verdict } from "../../api/canary-status.ts";

export interface Check {
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
  /** Checks in a row beyond the limit. */
  readonly breaches: number;
  /** When the run of breaches began, ms. */
  readonly breachedAt: number | undefined;
  /** True if the latest good read is at most two intervals old. */
  readonly fresh: boolean;
  readonly query: string | undefined;
  /** Instant of the latest read, good or not, ms. */
  readonly at: number | undefined;
}
