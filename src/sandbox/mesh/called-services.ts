/**
 * Which Services are called right now, with what load and by which rules; worked out anew only when the known world
 * has changed. Sends nothing.
 */
import type { Log } from "../../ports/log.ts";
import type { KnownWorld } from "./known-world.ts";
import { hostOf } from "./known-world.ts";
import type { Endpoint } from "./leg.ts";
import type { Load } from "./load.ts";
import { planLoad } from "./load.ts";
import type { Labels, MeshService, RequestClass } from "./objects.ts";
import type { SimulatedRequest } from "./request-match.ts";
import type { CompiledRule } from "./route-table.ts";
import { compileRoutes } from "./route-table.ts";

/** A Service that is called, with everything a tick needs. */
export interface CalledService {
  readonly host: string;
  readonly service: MeshService;
  readonly load: Load;
  /** One for each of the load's classes. */
  readonly requests: readonly SimulatedRequest[];
  readonly rules: readonly CompiledRule<Endpoint>[];
  readonly pace: Pace;
}

/** What is carried over from tick to tick. */
export interface Pace {
  /** Requests due but not whole yet. */
  fraction: number;
  /** Which caller is next. */
  turn: number;
}

export interface CallerOrigin {
  readonly namespace: string;
  readonly labels: Labels;
}

/** A Service is called from its first ready endpoint on, as long as it has load, whatever becomes of its pods. */
export function createCalledServices(
  world: KnownWorld<Endpoint>,
  origin: CallerOrigin,
  log: Log,
): () => readonly CalledService[] {
  const loads = new WeakMap<MeshService, { readonly load: Load | undefined }>();
  const paces = new Map<string, Pace>();
  let called: readonly CalledService[] = [];
  let generation = -1;

  /** Parsed once per version of a Service, so that a bad annotation is complained of once. */
  function loadOf(service: MeshService): Load | undefined {
    const known = loads.get(service) ?? { load: planLoad(service, log) };
    loads.set(service, known);
    return known.load;
  }

  function call(service: MeshService): readonly CalledService[] {
    const load = loadOf(service);
    const host = hostOf(service);
    const isReachable = paces.has(host) || world.endpoints(service, {}).length > 0;
    if (load === undefined || !isReachable) return [];
    const pace = paces.get(host) ?? { fraction: 0, turn: 0 };
    const rules = compileRoutes(world, service, origin.namespace);
    const requests = load.classes.map((kind) => requestOf(kind, service, origin));
    return [{ host, service, load, requests, rules, pace }];
  }

  return () => {
    if (generation === world.generation()) return called;
    generation = world.generation();
    called = [...world.services()].flatMap(call);
    paces.clear();
    for (const { host, pace } of called) paces.set(host, pace);
    return called;
  };
}

function requestOf(
  kind: RequestClass,
  service: MeshService,
  origin: CallerOrigin,
): SimulatedRequest {
  return {
    uri: kind.uri,
    method: kind.method,
    authority: hostOf(service),
    port: service.http?.port ?? 80,
    headers: kind.headers,
    sourceLabels: origin.labels,
    sourceNamespace: origin.namespace,
  };
}
