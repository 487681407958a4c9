/**
 * Draws what one pod answers to a handful of simulated requests, and how long the answers took. Knows the pod's
 * behaviour and the caller's patience, neither routes nor metrics.
 */
import type { AnswerKind } from "./istio-labels.ts";
import type { Answers } from "./istio-metrics.ts";
import type { LatencyBuckets, LatencySpec } from "./latency.ts";
import { bucketBoundsMs, latencyBuckets, shareSlowerThan } from "./latency.ts";
import type { PodBehaviour } from "./pod-behaviour.ts";
import type { Random } from "./sampling.ts";
import { drawBinomial, drawMultinomial } from "./sampling.ts";

/** Requests that fared alike. */
export interface Outcome {
  readonly kind: "Answered" | "TimedOut" | "Unconnected";
  /** What the caller sees. */
  readonly answer: AnswerKind;
  readonly count: number;
}

export interface Patience {
  readonly protocol: "http" | "grpc";
  /** What is left of the timeout when the request reaches the pod, milliseconds; Infinity = no timeout. */
  readonly leftMs: number;
}

/** gRPC statuses that are the server's fault. */
const grpcServerFaults = new Set(["2", "4", "8", "13", "14", "15"]);
const latencyCacheSize = 1_024;

export function drawOutcomes(
  random: Random,
  pod: { readonly serving: boolean; readonly behaviour: PodBehaviour },
  patience: Patience,
  count: number,
): readonly Outcome[] {
  if (!pod.serving) return [{ kind: "Unconnected", answer: failure("503", "UF"), count }];
  const { behaviour } = pod;
  const hasTimeout = Number.isFinite(patience.leftMs);
  const lateShare = hasTimeout ? shareSlowerThan(behaviour.p99Ms, patience.leftMs) : 0;
  const late = drawBinomial(random, count, lateShare);
  const errors = drawBinomial(random, count - late, behaviour.errorShare);
  const isGrpc = patience.protocol === "grpc";
  const refused = isGrpc
    ? drawBinomial(random, count - late - errors, behaviour.grpcErrorShare)
    : 0;
  const answered = (code: string, grpcStatus: string, among: number): Outcome => ({
    kind: "Answered",
    answer: { code, flags: "-", grpcStatus: isGrpc ? grpcStatus : "" },
    count: among,
  });
  const outcomes: readonly Outcome[] = [
    { kind: "TimedOut", answer: failure("504", "UT"), count: late },
    answered("500", "2", errors),
    answered("200", "13", refused),
    answered("200", "0", count - late - errors - refused),
  ];
  return outcomes.filter((outcome) => outcome.count > 0);
}

/** An answer that the mesh itself gave. */
export function failure(code: string, flags: string): AnswerKind {
  return { code, flags, grpcStatus: "" };
}

/** Whether a client counts the answer as failed: a server error, or no version answered at all. */
export function isFailed(answer: AnswerKind): boolean {
  return (
    Number(answer.code) >= 500 || answer.flags === "NR" || grpcServerFaults.has(answer.grpcStatus)
  );
}

/** Whether the caller's proxy tries again, given a route's `retryOn` conditions. */
export function isRetriable(outcome: Outcome, on: readonly string[]): boolean {
  switch (outcome.kind) {
    case "Unconnected":
      return ["connect-failure", "reset", "gateway-error", "5xx"].some((c) => on.includes(c));
    case "TimedOut":
      return false;
    case "Answered":
      return isRetriableAnswer(outcome.answer, on);
  }
}

function isRetriableAnswer(answer: AnswerKind, on: readonly string[]): boolean {
  if (answer.code === "500") return on.includes("5xx") || on.includes("500");
  return answer.grpcStatus === "13" && on.includes("internal");
}

/** How long `count` answers took when each took exactly `ms`. */
export function fixedAnswers(ms: number, count: number): Answers {
  const place = bucketBoundsMs.findIndex((bound) => ms <= bound);
  const hit = place < 0 ? bucketBoundsMs.length : place;
  const bucketCounts = Array.from({ length: bucketBoundsMs.length + 1 }, () => 0);
  bucketCounts[hit] = count;
  return { count, bucketCounts, sumMs: ms * count };
}

export interface LatencyDraw {
  (spec: LatencySpec, count: number): Answers;
}

/** Draws latencies; the distributions are kept, as versions and timeouts are few. */
export function createLatencyDraw(random: Random): LatencyDraw {
  const cache = new Map<number, Known[]>();
  let kept = 0;
  const bucketsOf = (spec: LatencySpec): LatencyBuckets => {
    const ofP99 = cache.get(spec.p99Ms) ?? [];
    const known = ofP99.find((one) => isSameSpec(one.spec, spec));
    if (known !== undefined) return known.buckets;
    if (kept >= latencyCacheSize) {
      cache.clear();
      kept = 0;
    }
    const buckets = latencyBuckets(spec);
    cache.set(spec.p99Ms, [...(cache.get(spec.p99Ms) ?? []), { spec, buckets }]);
    kept += 1;
    return buckets;
  };
  return (spec, count) => {
    const { cumulative, meanMs } = bucketsOf(spec);
    const bucketCounts = drawMultinomial(random, count, cumulative);
    const sumMs = bucketCounts.reduce((sum, hits, place) => sum + hits * (meanMs[place] ?? 0), 0);
    return { count, bucketCounts, sumMs };
  };
}

interface Known {
  readonly spec: LatencySpec;
  readonly buckets: LatencyBuckets;
}

function isSameSpec(one: LatencySpec, other: LatencySpec): boolean {
  return one.addedMs === other.addedMs && one.beforeMs === other.beforeMs;
}
