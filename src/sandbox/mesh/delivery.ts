/**
 * Brings the requests of one leg to the pods of its cluster and back: round robin, timeout, retries. Which cluster
 * it is was decided before.
 */
import type { Outcome } from "./answers.ts";
import { drawOutcomes, failure, fixedAnswers, isRetriable } from "./answers.ts";
import type { Answers } from "./istio-metrics.ts";
import type { Endpoint, Leg, LivePod } from "./leg.ts";
import type { PodBehaviour } from "./pod-behaviour.ts";
import { reportAnswer, reportAtDestination, reportUnreached } from "./report.ts";
import { spreadEvenly } from "./sampling.ts";

interface Attempt {
  readonly isRetry: boolean;
  readonly retriesLeft: boolean;
}

/** Delivers `count` requests and reports every one at both ends. */
export function deliver(leg: Leg, count: number): void {
  if (count === 0) return;
  const { cluster, rule } = leg;
  if (cluster.kind === "Missing") return reportUnreached(leg, failure("503", "NC"), count);
  if (reachable(cluster).length === 0) return reportUnreached(leg, failure("503", "UH"), count);
  let pending = count;
  for (let attempt = 0; pending > 0; attempt += 1) {
    const retriesLeft = attempt < rule.retries.attempts;
    pending = attemptOnce(leg, pending, { isRetry: attempt > 0, retriesLeft });
  }
}

/** Only the destination's proxy sees copies: Envoy reports none for the caller, and drops the answers. */
export function deliverCopies(leg: Leg, count: number): void {
  if (count === 0) return;
  for (const [endpoint, share] of spread(leg, count, false)) serve(leg, endpoint, share);
}

/** Where all hosts of a cluster are ejected Envoy answers as if there were none. */
function reachable(cluster: Leg["cluster"]): readonly Endpoint[] {
  if (cluster.kind === "Missing") return [];
  return cluster.endpoints.filter(({ live }) => !live.behaviour.isEjected);
}

/** Sends `count` requests and reports those that are settled; returns how many are to be tried again. */
function attemptOnce(leg: Leg, count: number, attempt: Attempt): number {
  let again = 0;
  for (const [endpoint, share] of spread(leg, count, attempt.isRetry)) {
    for (const outcome of serve(leg, endpoint, share)) {
      const mayRetry = isRetriable(outcome, leg.rule.retries.on);
      if (mayRetry && attempt.retriesLeft) again += outcome.count;
      else settle(leg, endpoint.live, withFlags(leg, outcome, mayRetry && attempt.isRetry));
    }
  }
  return again;
}

/** Splits requests evenly over the endpoints, going on where the cluster's last requests left off. */
function spread(leg: Leg, count: number, isRetry: boolean): readonly [Endpoint, number][] {
  if (leg.cluster.kind === "Missing") return [];
  const { name } = leg.cluster;
  const { turns } = leg.simulation;
  const hosts = reachable(leg.cluster);
  const endpoints = isRetry ? preferServing(hosts) : hosts;
  const turn = turns.get(name) ?? 0;
  turns.set(name, (turn + count) % Number.MAX_SAFE_INTEGER);
  const shares = spreadEvenly(count, endpoints.length, turn);
  return endpoints.map((endpoint, place): [Endpoint, number] => [endpoint, shares[place] ?? 0]);
}

/** A retry prefers another host than one that refused the connection. */
function preferServing(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const serving = endpoints.filter((endpoint) => endpoint.live.serving);
  return serving.length > 0 ? serving : endpoints;
}

/** The pod answers, and its own proxy reports; a caller that gave up shows there as code 0. */
function serve(leg: Leg, endpoint: Endpoint, count: number): readonly Outcome[] {
  if (count === 0) return [];
  const { live } = endpoint;
  const patience = { protocol: leg.batch.protocol, leftMs: patienceMs(leg) };
  const pod = { serving: live.serving, behaviour: suffering(leg, live.behaviour) };
  const outcomes = drawOutcomes(leg.simulation.random, pod, patience, count);
  for (const outcome of outcomes) {
    if (outcome.kind === "Unconnected") continue;
    const answer = outcome.kind === "TimedOut" ? failure("0", "DC") : outcome.answer;
    reportAtDestination(leg, live, answer, drawTimes(leg, live, outcome, 0));
  }
  return outcomes;
}

/** What the pod does to what it shares with others shows in its own answers as in theirs. */
function suffering({ simulation, batch }: Leg, behaviour: PodBehaviour): PodBehaviour {
  if (behaviour.harm !== undefined) simulation.harms.inflict(batch.host, behaviour.harm, batch.at);
  const share = simulation.harms.shareAt(batch.host, batch.at);
  return share > behaviour.errorShare ? { ...behaviour, errorShare: share } : behaviour;
}

function settle(leg: Leg, live: LivePod, outcome: Outcome): void {
  reportAnswer(leg, live, outcome.answer, drawTimes(leg, live, outcome, leg.addedMs));
}

/** How long the outcome took, seen from where `addedMs` of delay has passed (the caller) or not (the pod). */
function drawTimes(leg: Leg, live: LivePod, outcome: Outcome, addedMs: number): Answers {
  const { count } = outcome;
  const beforeMs = patienceMs(leg) + addedMs;
  switch (outcome.kind) {
    case "TimedOut":
      return fixedAnswers(beforeMs, count);
    case "Unconnected":
      return fixedAnswers(addedMs, count);
    case "Answered":
      return leg.simulation.drawLatency({ p99Ms: live.behaviour.p99Ms, addedMs, beforeMs }, count);
  }
}

function patienceMs(leg: Leg): number {
  return leg.rule.timeoutMs - leg.addedMs;
}

/** DI: an injected delay; URX: retries were used up. */
function withFlags(leg: Leg, outcome: Outcome, isExhausted: boolean): Outcome {
  const { answer } = outcome;
  const all = [
    ...(leg.addedMs > 0 ? ["DI"] : []),
    ...(answer.flags === "-" ? [] : [answer.flags]),
    ...(isExhausted ? ["URX"] : []),
  ];
  return { ...outcome, answer: { ...answer, flags: all.length > 0 ? all.join(",") : "-" } };
}
