/**
 * Keeps telling a sink what one kind of object looks like: a list, then every change, for ever, whatever the server
 * does in between. Knows the protocol of list and watch, keeps no object.
 */
import type { Clock } from "../../ports/clock.ts";
import { RetryableError } from "../../ports/errors.ts";
import type { Log } from "../../ports/log.ts";
import { ApiError, isGone, isNotFound } from "./api-error.ts";
import { type Backoff, createBackoff, pause } from "./backoff.ts";
import * as limits from "./limits.ts";
import { type WatchEvent, watchEventOf } from "./list-watch-event.ts";
import { listAll } from "./list-watch-pages.ts";
import { nameOfPath, type ResourceRef, resourcePath } from "./paths.ts";
import { isOlderVersion, type RawObject } from "./raw-object.ts";
import type { Transport } from "./transport.ts";

export interface ListWatchScope {
  readonly resource: ResourceRef;
  /** Left out: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListWatchOptions extends ListWatchScope {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly sink: ListWatchSink;
}

export interface Listing {
  readonly items: readonly RawObject[];
  readonly resourceVersion: string;
  /** The server's history went back (a restored backup): versions seen before are no measure any more. */
  readonly rewound: boolean;
}

/** Called from the loop, in the order of what happened; must not throw. */
export interface ListWatchSink {
  /** Everything there is, as of one version. */
  listed(listing: Listing): void;
  changed(change: { readonly type: "Set" | "Deleted"; readonly object: RawObject }): void;
  /** The server does not know the kind (now); the loop goes on asking, with back-off. */
  notServed(): void;
  /** A list or watch failed; the loop goes on. */
  failed?(error: unknown): void;
}

export interface ListWatch {
  start(): void;
  /** Ends list, watch and waiting at once; resolves when nothing runs any more. start() begins afresh. */
  stop(): Promise<void>;
}

export function createListWatch(options: ListWatchOptions): ListWatch {
  let stopping = new AbortController();
  let running: Promise<void> | undefined;
  return {
    start() {
      if (running !== undefined) return;
      stopping = new AbortController();
      running = new Loop(options, stopping.signal).run();
    },
    async stop() {
      stopping.abort();
      await running;
      running = undefined;
    },
  };
}

const isSilence = (error: unknown): boolean =>
  error instanceof RetryableError && error.reason === "Timeout";

/** One life of a list-watch, from start to stop. */
class Loop {
  readonly #options: ListWatchOptions;
  readonly #signal: AbortSignal;
  readonly #path: string;
  readonly #backoff: Backoff;
  readonly #log: Log;
  /** Where to go on watching; undefined when there must be a list first. */
  #version: string | undefined;
  #newestVersion: string | undefined;
  #refusedWatches = 0;
  #askedToWaitMs = 0;
  /** Somebody was not there to answer since the last list. */
  #wasUnanswered = false;

  constructor(options: ListWatchOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#path = resourcePath(options.resource, { namespace: options.namespace });
    this.#log = options.log.child({ resource: nameOfPath(this.#path) });
    this.#backoff = createBackoff({
      baseMs: limits.WATCH_BACKOFF_BASE_MS,
      capMs: limits.WATCH_BACKOFF_CAP_MS,
      random: options.random,
    });
  }

  async run(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#signal.aborted) {
      const startedAt = clock.monotonic();
      const isWatch = this.#version !== undefined;
      const outcome = await this.#attempt();
      if (outcome === "Listed") continue;
      const isHealthy = isWatch && clock.monotonic() - startedAt >= limits.HEALTHY_WATCH_MS;
      if (isHealthy) this.#backoff.reset();
      // Back to back, so that nothing is missed, unless the server ends every watch as soon as it began.
      if (outcome === "Ended" && isHealthy) continue;
      await pause(clock, Math.max(this.#backoff.next(), this.#askedToWaitMs), this.#signal);
    }
  }

  async #attempt(): Promise<"Listed" | "Ended" | "Failed"> {
    this.#askedToWaitMs = 0;
    try {
      if (this.#version === undefined) {
        this.#version = await this.#list();
        return "Listed";
      }
      await this.#watch(this.#version);
      this.#refusedWatches = 0;
      return "Ended";
    } catch (error) {
      if (!this.#signal.aborted) this.#failed(error);
      return "Failed";
    }
  }

  async #list(): Promise<string> {
    const { transport, labelSelector, fieldSelector, sink } = this.#options;
    const query = { labelSelector, fieldSelector };
    const list = await listAll({ transport, path: this.#path, query, signal: this.#signal });
    const rewound = isOlderVersion(list.resourceVersion, this.#newestVersion);
    this.#newestVersion = list.resourceVersion;
    this.#refusedWatches = 0;
    this.#wasUnanswered = false;
    sink.listed({ ...list, rewound });
    return list.resourceVersion;
  }

  async #watch(version: string): Promise<void> {
    const lines = await this.#options.transport.stream({
      method: "GET",
      path: this.#path,
      query: this.#watchQuery(version),
      signal: this.#signal,
    });
    try {
      for await (const line of lines) {
        if (this.#signal.aborted) return;
        this.#take(watchEventOf(line));
      }
    } catch (error) {
      // Of a kind that nobody changes there is nothing to hear. Whether anybody is still there, the next watch tells.
      if (!isSilence(error)) throw error;
    }
  }

  #watchQuery(version: string) {
    const { labelSelector, fieldSelector, random } = this.#options;
    const factor = 1 + limits.WATCH_TIMEOUT_JITTER * (2 * random() - 1);
    return {
      watch: true,
      resourceVersion: version,
      allowWatchBookmarks: true,
      timeoutSeconds: Math.round(limits.WATCH_TIMEOUT_SECONDS * factor),
      labelSelector,
      fieldSelector,
    };
  }

  #take(event: WatchEvent): void {
    if (event.type === "Error") throw event.error;
    if (!isOlderVersion(event.resourceVersion, this.#version)) {
      this.#version = event.resourceVersion;
      this.#newestVersion = event.resourceVersion;
    }
    if (event.type === "Bookmark") return;
    this.#backoff.reset();
    this.#refusedWatches = 0;
    this.#options.sink.changed(event);
  }

  #failed(error: unknown): void {
    const { sink } = this.#options;
    const what = this.#version === undefined ? "list" : "watch";
    if (this.#mustList(error)) this.#version = undefined;
    this.#askedToWaitMs = retryAfterOf(error);
    // A server that was started again says so once to each watch: what was waited for is over, the list can come.
    if (isGone(error) && this.#wasUnanswered) this.#backoff.reset();
    if (!isAnswer(error)) this.#wasUnanswered = true;
    if (isNotFound(error)) {
      sink.notServed();
      return;
    }
    sink.failed?.(error);
    const because = error instanceof Error ? error.message : String(error);
    this.#log.warn({ what, because }, "cannot follow the API server's objects, trying again");
  }

  /** Whether going on from the last version is hopeless, or was tried often enough with a server that answers. */
  #mustList(error: unknown): boolean {
    if (isGone(error) || isNotFound(error)) return true;
    const isBroken = error instanceof RetryableError && error.reason === "BadResponse";
    if (isBroken) return true;
    if (isAnswer(error)) this.#refusedWatches += 1;
    return this.#refusedWatches >= limits.MAX_REFUSED_WATCHES;
  }
}

const isAnswer = (error: unknown): boolean =>
  error instanceof ApiError || causeOf(error) instanceof ApiError;

const causeOf = (error: unknown): unknown => (error instanceof Error ? error.cause : undefined);

function retryAfterOf(error: unknown): number {
  if (error instanceof RetryableError) return error.afterMs ?? 0;
  return error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
}
