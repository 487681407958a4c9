/** What the controller needs from outside: ports only. */
import type { Clock } from "../ports/clock.ts";
import type { Cluster } from "../ports/cluster.ts";
import type { Log } from "../ports/log.ts";
import type { MetricSource } from "../ports/metric-source.ts";
import type { Metrics } from "../ports/metrics.ts";
import type { Notifier } from "../ports/notifier.ts";
import type { SpecRevisions } from "../ports/spec-revisions.ts";
import type { TrafficRouter } from "../ports/traffic-router.ts";
import type { Workloads } from "../ports/workloads.ts";

export interface ControllerPorts {
  readonly cluster: Cluster;
  readonly workloads: Workloads;
  readonly specRevisions: SpecRevisions;
  readonly router: TrafficRouter;
  readonly source: MetricSource;
  readonly notifier: Notifier;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  /** 0 to 1, for jitter. */
  readonly random: () => number;
}
