/** What is measured of a Canary, and how what was read becomes a reading of it. */
import type { AdvanceRules, NewReading } from "../core/analysis/advance.ts";
import type { MetricRequest, Reading } from "../ports/metric-source.ts";

/** One metric of one Canary that is being measured. */
export interface Subject {
  /** Whose measurement it is: what is read for one release is never remembered for another. */
  readonly of: string;
  readonly metric: string;
  readonly request: MetricRequest;
  readonly rules: AdvanceRules;
  /** False for a dry run: nobody waits for it. */
  readonly decides: boolean;
  /** ln E of the release's comparisons from which it is rolled back; undefined for a metric that rolls nothing back. */
  readonly decisiveFrom?: number | undefined;
  /** True while the version gets requests: whoever measures it for the first time takes it over from somebody. */
  readonly isUnderWay: boolean;
}

/** A subject and whose it is. */
export interface Watched extends Subject {
  readonly key: string;
}

/** Whom a group asks: the same for all in it. */
export function providerOf(watched: readonly Watched[]): string {
  return JSON.stringify(watched[0]?.request.template.provider ?? {});
}

/** What was read at `at` (ms); no answer is a failure. */
export function toNewReading(reading: Reading | undefined, at: number): NewReading {
  if (reading === undefined) {
    const message = "the metric source gave no answer";
    return { kind: "Failure", at, reason: "NoAnswer", message };
  }
  if (reading.kind !== "Failure") return { ...reading, at };
  const { reason, message, query } = reading;
  return { kind: "Failure", at, reason, message, ...(query !== undefined && { query }) };
}
