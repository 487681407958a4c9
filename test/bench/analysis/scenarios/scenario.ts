/** What happens to a service while a version is released: plain data and functions of time, from which traces are drawn. */
import type { Latency } from "../traces/latency.ts";

/** How one version answers, by seconds since the canary's first traffic (negative: before) and pod of its arm. */
export interface Behaviour {
  /** Expected share of errors, 0 to 1. */
  readonly errorShare: (second: number, pod: number) => number;
  readonly latency: (second: number) => Latency;
}

/** How errors come, beyond chance alone; the same in both arms. */
export type Noise =
  | { readonly kind: "Even" }
  /** In runs of a geometric length, mostly of one pod within 15 s. */
  | { readonly kind: "Bursts"; readonly meanLength: number }
  /** A factor per pod and 15 s, exponential with mean 1. */
  | { readonly kind: "PodAndTime" }
  /** A factor per pod for the whole run, gamma with mean 1 and this coefficient of variation. */
  | { readonly kind: "Pods"; readonly variation: number };

/** Scrapes that Prometheus misses. */
export interface LostScrapes {
  /** Share (0 to 1) of the rounds in which no pod is scraped. */
  readonly share: number;
  /** No scrape from one second until the other. */
  readonly gap: readonly [from: number, until: number] | undefined;
}

/** Which bad requests count as served: those of the kind that is at fault. */
export type Harm = "Errors" | "Slow" | "Both";

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly isHealthy: boolean;
  /** The canary is worse than 1.5 × stable + 0.5 points of errors, or + 1 point of slow requests, once the fault is there. */
  readonly isBeyondHarm: boolean;
  readonly harm: Harm;
  /** Seconds since the first traffic at which the fault begins. */
  readonly onset: number;
  /** Requests per second to both versions together. */
  readonly rate: (second: number) => number;
  readonly stable: Behaviour;
  readonly canary: Behaviour;
  /** The canary at 30 % of the traffic and more, where that is different. */
  readonly loaded: Behaviour | undefined;
  readonly noise: Noise;
  readonly lost: LostScrapes;
}
