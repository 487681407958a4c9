/**
 * What Serin tells about itself in numbers, for scraping. Recording never fails and never waits; how and where the
 * numbers are exposed is the adapter's.
 */
import type { Phase } from "../api/canary-status.ts";
import type { ReleaseOutcome } from "../api/conditions.ts";

/** Which Canary's series. */
export interface CanarySeries {
  readonly namespace: string;
  readonly name: string;
}

/** What is shown of one Canary at one instant. Absent numbers have no series. */
export interface CanaryNumbers {
  readonly phase: Phase;
  /** Weight that Serin wants, in percent. */
  readonly canaryWeight: number | undefined;
  /** Share of live requests seen, in percent. */
  readonly observedWeight: number | undefined;
  /** Latest value of each metric: percent for a ratio, the template's unit for a latency. */
  readonly values: readonly MetricNumbers[];
  /** What a person should look at, as reasons of conditions; none while all is well. */
  readonly problems: readonly string[];
}

/** Latest values of one metric; undefined without requests. */
export interface MetricNumbers {
  readonly metric: string;
  readonly canaryValue: number | undefined;
  readonly stableValue: number | undefined;
  /** Evidence that the canary is worse than is tolerated; undefined where it is not compared. */
  readonly evidence?: number | undefined;
}

/** One request to the API server. */
export interface ApiRequestNumbers {
  /** get, list, watch, create, update, patch or delete. */
  readonly verb: string;
  /** Plural resource name, for example virtualservices; never an object's name. */
  readonly resource: string;
  /** HTTP status, or 0 when there was no answer. */
  readonly status: number;
  readonly durationMs: number;
}

/** One request to a provider of metrics or messages. */
export interface ProviderRequestNumbers {
  readonly provider: "prometheus" | "slack" | "webhook";
  /** Ok, or the failure in one word, for example Timeout; a closed, small set. */
  readonly outcome: string;
  readonly durationMs: number;
}

/** Numbers about Serin and its Canaries. */
export interface Metrics {
  /** Replaces everything shown of this Canary. */
  showCanary(series: CanarySeries, numbers: CanaryNumbers): void;
  /** Removes every series of a Canary that is gone; a no-op when there are none. */
  forgetCanary(series: CanarySeries): void;
  /** Counts the end of a release. */
  countRelease(series: CanarySeries, outcome: ReleaseOutcome): void;
  /**
   * Records a rollback: from its detection until the routes were without the canary (applied), or until live requests
   * to it had stopped (confirmed). Milliseconds, 0 or more.
   */
  recordRollback(step: "applied" | "confirmed", durationMs: number): void;
  /** Keys that wait in the work queue now. */
  setQueueDepth(keys: number): void;
  /** Milliseconds that one key waited in the queue after it was due. */
  recordQueueLag(lagMs: number): void;
  recordApiRequest(request: ApiRequestNumbers): void;
  recordProviderRequest(request: ProviderRequestNumbers): void;
  /** Counts a bug that stopped one key. */
  countInvariantViolation(): void;
  /** Tells whether this process acts (true) or stands by (false). */
  setLeader(isLeader: boolean): void;
}
