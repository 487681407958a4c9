/** How live traffic is divided. One implementation per mesh or gateway; the domain knows weights only. */
import type { Routing } from "../api/canary-spec.ts";
import type { Routes } from "../core/canary/snapshot.ts";
import type { Fact } from "../core/fact.ts";

/** Which Canary's routes. */
export interface RouteScope {
  readonly namespace: string;
  readonly canary: string;
  readonly canaryUid: string;
  /** Name of the Service that clients call. */
  readonly service: string;
  /** Selector label and its value on the target's pods; the primary's value has the suffix -primary. */
  readonly selector: { readonly label: string; readonly value: string };
  readonly routing: Routing;
}

export interface TrafficRouter {
  /** Reads caches only. Missing: reason and the exact YAML to add (VirtualServiceNotFound, RouteNotFound, DestinationMissing, DestinationRuleNotFound, SubsetMissing, ServiceSelectsOneVersion, Unsupported…). */
  observe(scope: RouteScope): Fact<Routes>;
  /** Creates the Services of host form; idempotent. */
  createServices(scope: RouteScope): Promise<void>;
  /** Sets the weights of every managed route. Tests identity and each object's resourceVersion as given. Throws RetryableError("Conflict") when something changed. */
  raise(
    scope: RouteScope,
    canaryWeight: number,
    resourceVersions: Readonly<Record<string, string>>,
  ): Promise<void>;
  /**
   * Takes weight off the canary: identity tests only, urgent (no token of the request limit), falls back to
   * read-modify-write; writes every object even if one fails, then throws the first failure as RetryableError.
   */
  lower(scope: RouteScope, canaryWeight: number): Promise<void>;
}
