/** Whether a Canary can be acted on, and if not, the one thing to mend first. Accepted=False speaks from here. */
import { isRefusalReason, type RefusalReason } from "../../api/conditions.ts";
import { countsRequests } from "../analysis/traffic.ts";
import type { Fact } from "../fact.ts";
import { maxMessageLength } from "../limits.ts";
import { clip } from "./clip.ts";
import { isReleaseRunning } from "./phases.ts";
import { rollbackBoundSeconds } from "./rollback-bound.ts";
import { decides } from "./skip-analysis.ts";
import type { Snapshot } from "./snapshot.ts";

export type Acceptance =
  | {
      readonly kind: "Accepted";
      readonly boundSeconds: number | undefined;
      readonly warnings: readonly string[];
    }
  | { readonly kind: "Refused"; readonly reason: RefusalReason; readonly message: string }
  | { readonly kind: "Unknown"; readonly because: string };

/** Asks in the order in which a user would mend things: spec, target, selector, routes, templates, primary, autoscaler, metrics, bound. */
export function assessAcceptance(snapshot: Snapshot): Acceptance {
  const { refusal } = snapshot;
  if (refusal !== undefined) return refused(refusal.reason, sayDeferred(snapshot, refusal.message));
  for (const fact of neededFacts(snapshot)) {
    if (fact.kind === "Missing") return refused(toReason(fact.reason), fact.because);
    if (fact.kind === "Unknown") return { kind: "Unknown", because: fact.because };
  }
  return assessTogether(snapshot);
}

const goesOn =
  "; the release under way goes on under the spec of its start, and gets no more traffic until this is mended";

/** An edit that cannot be worked with takes nothing from a release that has its own spec, but the way up. */
function sayDeferred({ freeze, status }: Snapshot, message: string): string {
  const isUnderWay = freeze.kind === "Held" && isReleaseRunning(status);
  return isUnderWay ? `${clip(message, maxMessageLength - goesOn.length)}${goesOn}` : message;
}

/** What must be known before a Canary can be acted on. */
export function neededFacts(snapshot: Snapshot): readonly Fact<unknown>[] {
  return [
    snapshot.spec,
    snapshot.target,
    snapshot.selector,
    snapshot.autoscaler,
    snapshot.routes,
    snapshot.neighbours,
    ...(isSkipped(snapshot) ? [] : [snapshot.metrics]),
  ];
}

/** What several facts say together, as far as they are known; asked by itself where some of them cannot be. */
export function assessTogether(snapshot: Snapshot): Acceptance {
  return (
    assessPrimaryName(snapshot) ??
    assessAutoscaler(snapshot) ??
    assessMetrics(snapshot) ??
    assessBound(snapshot)
  );
}

/** A primary that is not there yet is no hindrance; somebody else's Deployment of its name is. */
function assessPrimaryName({ primary }: Snapshot): Acceptance | undefined {
  return primary.kind === "Missing" && primary.reason === "PrimaryNameTaken"
    ? refused(primary.reason, primary.because)
    : undefined;
}

function assessAutoscaler(snapshot: Snapshot): Acceptance | undefined {
  if (snapshot.autoscaler.kind !== "Known" || snapshot.autoscaler.value === undefined)
    return undefined;
  return refused(
    "AutoscalerNotSupported",
    `${snapshot.autoscaler.value} scales this workload; remove it, Serin does not yet work beside an autoscaler`,
  );
}

/** Nothing is promoted without evidence, and no traffic is seen to move without counted requests. */
function assessMetrics({ spec, metrics }: Snapshot): Acceptance | undefined {
  if (spec.kind !== "Known" || metrics.kind !== "Known") return undefined;
  if (spec.value.skipAnalysis) return undefined;
  if (!spec.value.analysis.metrics.some((metric) => decides(spec.value, metric)))
    return refused(
      "MetricsInsufficient",
      "no metric decides: set dryRun: false on one of analysis.metrics, or skipAnalysis: true to promote without evidence",
    );
  if (metrics.value.some(countsRequests)) return undefined;
  return refused(
    "MetricsInsufficient",
    "no metric counts requests, so that nobody could see where traffic goes: add one whose template is a ratio or a latency, for example istio-error-rate, with dryRun: true if it is not to decide",
  );
}

/** Then a release needs no metrics, and nothing bounds how long a fault lasts. */
function isSkipped({ spec }: Snapshot): boolean {
  return spec.kind === "Known" && spec.value.skipAnalysis;
}

function assessBound(snapshot: Snapshot): Acceptance {
  const warnings = warningsOf(snapshot);
  if (isSkipped(snapshot)) return { kind: "Accepted", boundSeconds: undefined, warnings };
  if (snapshot.spec.kind !== "Known" || snapshot.metrics.kind !== "Known") {
    return { kind: "Unknown", because: "the spec or its metrics have not been read yet" };
  }
  const boundSeconds = rollbackBoundSeconds(snapshot.spec.value, snapshot.metrics.value);
  const within = snapshot.spec.value.rollback.withinSeconds;
  if (boundSeconds === undefined || boundSeconds <= within)
    return { kind: "Accepted", boundSeconds, warnings };
  return refused(
    "RollbackBoundExceeded",
    `a fault could take ${boundSeconds} s to roll back, more than rollback.withinSeconds ${within}; ` +
      "lower analysis.intervalSeconds, limit.consecutive or analysis.warmupSeconds, or the template's scrapeSeconds or timeoutSeconds",
  );
}

function warningsOf({ neighbours }: Snapshot): readonly string[] {
  return neighbours.kind === "Known" ? neighbours.value : [];
}

function toReason(word: string): RefusalReason {
  return isRefusalReason(word) ? word : "Unsupported";
}

function refused(reason: RefusalReason, message: string): Acceptance {
  return { kind: "Refused", reason, message };
}
