/**
 * Leads a batch of simulated requests through a host's rules: first match, weights, faults, mirrors. Outlier
 * detection, load-balancer settings and connection pools are not simulated.
 */
import { deliver, deliverCopies } from "./delivery.ts";
import type { Batch, Leg, Simulation } from "./leg.ts";
import { reportUnreached, reportUnrouted } from "./report.ts";
import { drawBinomial, drawMultinomial } from "./sampling.ts";

/** Sends all requests of the batch; every one of them is counted exactly once at the source. */
export function sendBatch(simulation: Simulation, batch: Batch): void {
  if (batch.count === 0) return;
  const rule = batch.rules.find((candidate) => candidate.applies(batch.request));
  if (rule === undefined) return reportUnrouted(simulation, batch, { code: "404", flags: "NR" });
  if (rule.answersWith !== undefined) {
    return reportUnrouted(simulation, batch, { code: String(rule.answersWith), flags: "-" });
  }
  if (rule.clusters.length === 0) {
    return reportUnrouted(simulation, batch, { code: "503", flags: "NC" });
  }
  const split = drawMultinomial(simulation.random, batch.count, rule.cumulative);
  for (const [place, cluster] of rule.clusters.entries()) {
    passFaults({ simulation, batch, rule, cluster, addedMs: 0 }, split[place] ?? 0);
  }
  for (const mirror of rule.mirrors) {
    const copies = drawBinomial(simulation.random, batch.count, mirror.share);
    const leg: Leg = { simulation, batch, rule, cluster: mirror.cluster, addedMs: 0 };
    deliverCopies(leg, copies);
  }
}

/** Delay and abort are drawn independently, the delay coming first, as Envoy's fault filter does. */
function passFaults(leg: Leg, count: number): void {
  const delay = leg.rule.fault?.delay;
  const delayed = drawBinomial(leg.simulation.random, count, delay?.share ?? 0);
  passAbort(leg, count - delayed);
  passAbort({ ...leg, addedMs: delay?.ms ?? 0 }, delayed);
}

function passAbort(leg: Leg, count: number): void {
  const abort = leg.rule.fault?.abort;
  const aborted = drawBinomial(leg.simulation.random, count, abort?.share ?? 0);
  if (abort !== undefined && aborted > 0) {
    const { httpStatus, grpcStatus } = abort;
    const flags = leg.addedMs > 0 ? "DI,FI" : "FI";
    reportUnreached(leg, { code: String(httpStatus), flags, grpcStatus }, aborted);
  }
  deliver(leg, count - aborted);
}
