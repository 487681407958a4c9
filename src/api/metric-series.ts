/**
 * Every series that Serin exposes on /metrics: what is registered, what its help says, and what the page for people on call shows
 * are all taken from here.
 */

/** One series as it is registered, and what a person makes of it. */
export interface SeriesEntry {
  readonly kind: "Gauge" | "Counter" | "Histogram";
  /** Names, each with few values; those of a Canary go with their Canary. */
  readonly labels: readonly string[];
  /** What it is, without its unit. */
  readonly doc: string;
  readonly unit: string;
  /** What a person who looks at it in the night makes of it. */
  readonly use: string;
}

/** Of each Canary: labelled with its namespace and name, and removed with it. */
export const canarySeries = {
  serin_canary_phase: {
    kind: "Gauge",
    labels: ["namespace", "name", "phase"],
    doc: "The phase that a Canary is in; no series for the others.",
    unit: "always 1",
    use: "Failed: the promoted version serves, mend the new one. Waiting: somebody's decision is asked.",
  },
  serin_canary_problem: {
    kind: "Gauge",
    labels: ["namespace", "name", "reason"],
    doc: "A reason by which a person should look at a Canary: those of Stalled, DrainUnconfirmed and TrafficSplitMismatch; no series while all is well.",
    unit: "always 1",
    use: "Look the reason up above.",
  },
  serin_canary_weight: {
    kind: "Gauge",
    labels: ["namespace", "name"],
    doc: "Weight of the new version that Serin wants.",
    unit: "percent",
    use: "Compare it with what was observed.",
  },
  serin_canary_observed_weight: {
    kind: "Gauge",
    labels: ["namespace", "name"],
    doc: "Share of live requests that the new version was seen to get.",
    unit: "percent",
    use: "Far above the weight: `TrafficSplitMismatch` above. No series: callers report nothing.",
  },
  serin_analysis_value: {
    kind: "Gauge",
    labels: ["namespace", "name", "metric", "version"],
    doc: "Latest value of a metric, by version.",
    unit: "percent for a ratio, the template's unit for a latency or a query",
    use: "What a limit is held against; `serin get` has limit and query.",
  },
  serin_analysis_evidence: {
    kind: "Gauge",
    labels: ["namespace", "name", "metric"],
    doc: "Evidence that the new version is worse than is tolerated beside stable.",
    unit: "a factor: 1 says nothing, 1/falseRollbackProbability rolls back (100 by default)",
    use: "Rising for minutes: the release is on its way to a rollback.",
  },
  serin_release_total: {
    kind: "Counter",
    labels: ["namespace", "name", "outcome"],
    doc: "Releases that ended, by outcome.",
    unit: "releases",
    use: "Many Failed of one service: its tests let through what live traffic does not.",
  },
} as const satisfies Readonly<Record<string, SeriesEntry>>;

/** Of the controller itself: none is labelled by a Canary. */
export const controllerSeries = {
  serin_leader: {
    kind: "Gauge",
    labels: [],
    doc: "Whether this replica acts (1) or stands by (0).",
    unit: "0 or 1",
    use: "The sum is 1, for seconds 0 in a change of leaders. Longer: nobody rolls back, see `SerinNoLeader`.",
  },
  serin_rollback_seconds: {
    kind: "Histogram",
    labels: ["step"],
    doc: "From the detection of a bad version until routes were without it (applied), or requests to it had stopped (confirmed).",
    unit: "seconds",
    use: "Above 120 s confirmed: see `RollbackUnconfirmed`.",
  },
  serin_queue_depth: {
    kind: "Gauge",
    labels: [],
    doc: "Canaries that wait for their turn.",
    unit: "Canaries",
    use: "Near 0. Else as the next one.",
  },
  serin_queue_lag_seconds: {
    kind: "Histogram",
    labels: [],
    doc: "How long a Canary waited for its turn after it was due.",
    unit: "seconds",
    use: "Seconds instead of milliseconds: give Serin CPU.",
  },
  serin_api_requests_total: {
    kind: "Counter",
    labels: ["verb", "resource", "status"],
    doc: "Requests to the API server, by HTTP status; 0 is no answer.",
    unit: "requests",
    use: "401: Serin's token. 403: its roles. 409, 410 and 422 now and then are the ordinary course of things.",
  },
  serin_api_request_seconds: {
    kind: "Histogram",
    labels: ["verb", "resource"],
    doc: "Duration of requests to the API server, watches left out.",
    unit: "seconds",
    use: "Writes take 5 s at most, then they are given up and tried again.",
  },
  serin_provider_requests_total: {
    kind: "Counter",
    labels: ["provider", "outcome"],
    doc: "Requests to providers of metrics and messages, by outcome.",
    unit: "requests",
    use: "Anything but Ok and Delivered: the outcome says which way it fails, the log has the words.",
  },
  serin_provider_request_seconds: {
    kind: "Histogram",
    labels: ["provider"],
    doc: "Duration of requests to providers of metrics and messages.",
    unit: "seconds",
    use: "Near the provider's timeout: its server is overloaded.",
  },
  serin_series_withheld: {
    kind: "Gauge",
    labels: [],
    doc: "Canaries that have no series of their own because there are too many.",
    unit: "Canaries",
    use: "Above 0: split the installation by namespaces (`--namespace`); the Canaries themselves are looked after all the same.",
  },
  serin_log_lines_lost_total: {
    kind: "Counter",
    labels: [],
    doc: "Lines of the log that could not be written: its reader is slow or gone, or the disk is full.",
    unit: "lines",
    use: "Look at the disk and the container runtime of Serin's node. Nothing else is affected.",
  },
  serin_invariant_violations_total: {
    kind: "Counter",
    labels: [],
    doc: "Bugs that stopped the work on one Canary.",
    unit: "bugs",
    use: "Above 0: keep the log and report it. A push, or a restart of Serin, tries again.",
  },
} as const satisfies Readonly<Record<string, SeriesEntry>>;

/** The help text of a series on /metrics. */
export function helpOf({ doc, unit }: SeriesEntry): string {
  return `${doc} Unit: ${unit}.`;
}
