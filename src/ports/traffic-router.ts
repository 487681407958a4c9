/** How live traffic is divided. One implementation per mesh or gateway; the domain knows weights only. */
import type { Routing } from "../api/canary-spec.ts";
import type { GeneratedPart } from "../core/canary/decision.ts";
import type { Routes } from "../core/canary/snapshot.ts";
import type { Fact } from "../core/fact.ts";

/** The one port of a generated Service. */
export interface ServicePorts {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
}

/** Which Canary's routes. */
export interface RouteScope {
  readonly namespace: string;
  readonly canary: string;
  readonly canaryUid: string;
  /** Name of the Service that clients call. */
  readonly service: string;
  /** Ports of that Service, where it is to be generated. */
  readonly ports?: ServicePorts | undefined;
  /**
   * Selector label and its value on the target's pods; the primary's value has the suffix -primary. `shared`: labels
   * that the pods of both versions have.
   */
  readonly selector: {
    readonly label: string;
    readonly value: string;
    readonly shared?: Readonly<Record<string, string>>;
  };
  readonly routing: Routing;
}

export interface TrafficRouter {
  /** Reads caches only. Missing: reason and the exact YAML to add (VirtualServiceNotFound, RouteNotFound, DestinationMissing, DestinationRuleNotFound, SubsetMissing, RouteMirrored, ServiceSelectsOneVersion, NameTaken, Unsupported…). */
  observe(scope: RouteScope): Fact<Routes>;
  /**
   * Creates and mends what `Routes.missingObjects` names: the Services of host form, or everything that is generated.
   * A generated VirtualService begins with `canaryWeight`; one that is there keeps its weights. Idempotent.
   */
  createObjects(scope: RouteScope, canaryWeight: number): Promise<void>;
  /** Sets the weights of every managed route. Tests identity and each object's resourceVersion as given. Throws RetryableError("Conflict") when something changed. */
  raise(
    scope: RouteScope,
    canaryWeight: number,
    resourceVersions: Readonly<Record<string, string>>,
  ): Promise<void>;
  /**
   * Copies `percentage` (1 to 100) of the managed routes' requests to the canary, whose answers nobody gets; sets no
   * weight. Tests what `raise` tests, and that nobody else mirrors. `lower` takes the copies away.
   */
  mirror(
    scope: RouteScope,
    percentage: number,
    resourceVersions: Readonly<Record<string, string>>,
  ): Promise<void>;
  /**
   * Takes weight off the canary, and copies of requests with it: identity tests only, urgent (no token of the request
   * limit), falls back to read-modify-write; writes every object even if one fails, then throws the first failure as
   * RetryableError. A weight that is lower already stays; somebody else's mirror does too.
   */
  lower(scope: RouteScope, canaryWeight: number): Promise<void>;
  /** Reads caches only: whether the route that Serin generated is there. None where it was adopted, or is another's. */
  generatedRoute(scope: RouteScope): Fact<"There" | "None">;
  /**
   * For the end of a Canary: deletes a part of what Serin generated, once the traffic is where it is to stay; with the
   * subsets the Service that clients call is let go. What was adopted, or is another's, is left. Idempotent.
   */
  removeGenerated(scope: RouteScope, part: GeneratedPart): Promise<void>;
}
