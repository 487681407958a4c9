/**
 * An in-memory Kubernetes API server behind a web-standard fetch handler: what the sandbox, the demo and the
 * controller's tests run against. Runs no controllers: workloads are simulated by others, over this API.
 */
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Backend } from "./backend.ts";
import { answerClusterPath } from "./cluster-paths.ts";
import { customType } from "./crd.ts";
import { PagedLists } from "./list.ts";
import { createMint, seededRandom } from "./mint.ts";
import { Registry } from "./registry.ts";
import { answerResource, type Resources } from "./resources.ts";
import { errorResponse } from "./respond.ts";
import { parseRoute, segmentsOf } from "./route.ts";
import { seedNamespaces } from "./seed.ts";
import { internalError, noSuchPath, StatusError } from "./status-error.ts";
import { nameOf, Store } from "./store.ts";
import { builtinTypes } from "./types/builtin-types.ts";
import { Watches } from "./watch.ts";

export interface ApiServerOptions {
  readonly clock: Clock;
  readonly log?: Log;
  /** Source of uids and generated names, in [0, 1); seeded with a constant when left out. */
  readonly random?: () => number;
}

export interface ApiServer {
  /**
   * Web-standard handler, used in-process by tests (watches included: a streaming body) and by the HTTP listener.
   * Aborting request.signal or cancelling the body ends a watch. Never rejects: failures are Status responses.
   */
  fetch(request: Request): Promise<Response>;
  /** Number of watch events not yet read by their consumers, so that tests can settle. */
  undeliveredEvents(): number;
  /** Ends all watches, as a server restart or a cut connection would. */
  cutWatches(): void;
  /** Forgets event history, so that watches and pages from an older resourceVersion get 410. */
  compact(): void;
  /** Ends all watches and timers. */
  close(): void;
}

const DEFAULT_SEED = 1;
const CRDS = "customresourcedefinitions.apiextensions.k8s.io";

function createBackend(options: ApiServerOptions): Backend {
  const store = new Store();
  const registry = new Registry();
  for (const type of builtinTypes()) registry.set(type);
  store.subscribe(CRDS, (change) => {
    if (change.kind === "DELETED") registry.delete(nameOf(change.object));
    else registry.set(customType(change.object));
  });
  const mint = createMint(options.clock, options.random ?? seededRandom(DEFAULT_SEED));
  const backend = { store, registry, mint, clock: options.clock };
  seedNamespaces(backend);
  return backend;
}

async function route(resources: Resources, request: Request): Promise<Response> {
  const segments = segmentsOf(new URL(request.url).pathname);
  const found = parseRoute(segments);
  if (found !== undefined) return answerResource(resources, found, request);
  const types = resources.backend.registry.all();
  const answer = request.method === "GET" ? answerClusterPath(segments, request, types) : undefined;
  if (answer === undefined) throw noSuchPath();
  return answer;
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  const backend = createBackend(options);
  const resources = { backend, lists: new PagedLists(), watches: new Watches(backend) };
  return {
    fetch: async (request) => {
      try {
        return await route(resources, request);
      } catch (cause) {
        if (cause instanceof StatusError) return errorResponse(cause);
        options.log?.error(
          { err: cause, method: request.method, url: request.url },
          "api server request failed",
        );
        return errorResponse(internalError());
      }
    },
    undeliveredEvents: () => resources.watches.unread,
    cutWatches: () => resources.watches.cutAll(),
    compact: () => {
      backend.store.forgetChanges();
      resources.lists.forgetAll();
    },
    close: () => resources.watches.cutAll(),
  };
}
