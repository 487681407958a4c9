/** Has the proxies and the clients count what became of requests. Decides no outcome. */
import { failure, fixedAnswers, isFailed } from "./answers.ts";
import type { AnswerKind, PeerIdentity, ServiceIdentity } from "./istio-labels.ts";
import { exchangeLabels, unknownPeer, unroutedIdentity } from "./istio-labels.ts";
import type { Answers, SeriesKey } from "./istio-metrics.ts";
import type { Batch, Leg, LivePod, Simulation } from "./leg.ts";

interface Report {
  readonly service: ServiceIdentity;
  readonly peer: PeerIdentity;
  readonly answer: AnswerKind;
}

/** A pod's answer as the caller's proxy and the client see it. */
export function reportAnswer(leg: Leg, live: LivePod, answer: AnswerKind, timed: Answers): void {
  const report: Report = { service: serviceOf(leg), peer: live.identity, answer };
  reportAtSource(leg.simulation, leg.batch, report, timed);
}

/** The route led to a cluster, but no pod was asked. */
export function reportUnreached(leg: Leg, answer: AnswerKind, count: number): void {
  const report: Report = { service: serviceOf(leg), peer: unknownPeer, answer };
  reportAtSource(leg.simulation, leg.batch, report, fixedAnswers(leg.addedMs, count));
}

/** The caller's proxy answered without a cluster. */
export function reportUnrouted(
  simulation: Simulation,
  batch: Batch,
  seen: { readonly code: string; readonly flags: string },
): void {
  const answer = failure(seen.code, seen.flags);
  const report: Report = { service: unroutedIdentity(batch.host), peer: unknownPeer, answer };
  reportAtSource(simulation, batch, report, fixedAnswers(0, batch.count));
}

/** What the pod's own proxy counts. */
export function reportAtDestination(
  leg: Leg,
  live: LivePod,
  answer: AnswerKind,
  timed: Answers,
): void {
  const report: Report = { service: serviceOf(leg), peer: live.identity, answer };
  live.metrics.record(
    seriesKey(leg.batch.protocol, report),
    () => labelsOf("destination", leg.batch, report),
    timed,
  );
}

function reportAtSource(
  simulation: Simulation,
  batch: Batch,
  report: Report,
  timed: Answers,
): void {
  const { peer, answer } = report;
  batch.caller.metrics.record(
    seriesKey(batch.protocol, report),
    () => labelsOf("source", batch, report),
    timed,
  );
  simulation.counts.record(batch.host, {
    workload: peer.workload,
    count: timed.count,
    failed: isFailed(answer),
    seen: `${answer.code} ${answer.flags}`,
    at: batch.at,
  });
}

function labelsOf(reporter: "source" | "destination", batch: Batch, report: Report) {
  const { service, peer, answer } = report;
  const { caller, protocol } = batch;
  return exchangeLabels(reporter, {
    source: caller.identity,
    destination: peer,
    service,
    protocol,
    answer,
  });
}

/** Without a cluster the proxy names what the client asked for. */
function serviceOf(leg: Leg): ServiceIdentity {
  return leg.cluster.kind === "Known" ? leg.cluster.identity : unroutedIdentity(leg.batch.host);
}

/** Callers are all of one workload, so only the other end, the Service and the answer tell series apart. */
function seriesKey(protocol: string, { service, peer, answer }: Report): SeriesKey {
  return {
    service: service.host,
    peer: peer.key,
    answer: `${protocol}|${answer.code}|${answer.flags}|${answer.grpcStatus}`,
  };
}
