/**
 * Watches: turns the store's changes into a stream of events for one selection. Decides what a change means to a
 * selection (entered, changed, left) and when a watch ends; how an object is written is given.
 */

import type { CancelTimer } from "../../ports/clock.ts";
import { MAX_UNREAD_WATCH_EVENTS, WATCH_BOOKMARK_INTERVAL_MS } from "../limits.ts";
import type { Backend, Target } from "./backend.ts";
import type { JsonObject } from "./json.ts";
import { matcherOf, select } from "./list.ts";
import { apiVersionOf } from "./resource-type.ts";
import type { Matcher } from "./selectors.ts";
import { badRequest, expired, StatusError } from "./status-error.ts";
import type { Change } from "./store.ts";

export type EventType = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
/** Writes the object of an event as the client asked for it. */
export type RenderEvent = (object: JsonObject, type: EventType) => string;

export interface WatchRequest {
  readonly target: Target;
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
  readonly render: RenderEvent;
}

const encoder = new TextEncoder();

class Watch {
  readonly #queue: string[] = [];
  readonly #onEnd: () => void;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  get unread(): number {
    return this.#queue.length;
  }

  send(type: EventType, object: string): void {
    if (this.#ended) return;
    if (this.#queue.length >= MAX_UNREAD_WATCH_EVENTS) {
      this.cut();
      return;
    }
    this.#queue.push(`{"type":"${type}","object":${object}}\n`);
    this.#wake?.();
  }

  /** No more events; those not yet read are still delivered. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
    this.#wake?.();
  }

  /** No more events, not even those that wait to be read. */
  cut(): void {
    this.#queue.length = 0;
    this.end();
  }

  /** One event per read and nothing read ahead, so that `unread` tells the truth. */
  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      { pull: (controller) => this.#pull(controller), cancel: () => this.cut() },
      { highWaterMark: 0 },
    );
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    if (this.#queue.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const line = this.#queue.shift();
    if (line !== undefined) controller.enqueue(encoder.encode(line));
    else if (this.#ended) controller.close();
  }
}

function eventFor(
  change: Change,
  namespace: string,
  matches: Matcher | undefined,
): EventType | undefined {
  if (namespace !== "" && change.namespace !== namespace) return undefined;
  if (matches === undefined) return change.kind;
  const before = change.previous !== undefined && matches(change.previous);
  const after = change.kind !== "DELETED" && matches(change.object);
  if (before && after) return "MODIFIED";
  if (after) return "ADDED";
  return before ? "DELETED" : undefined;
}

/** The version to resume after, or undefined to begin with the current state. */
function resumePoint(backend: Backend, query: URLSearchParams): number | undefined {
  const text = query.get("resourceVersion") ?? "";
  if (text === "" || text === "0") return undefined;
  const version = Number(text);
  if (!Number.isSafeInteger(version)) throw badRequest(`invalid resource version "${text}"`);
  const { forgottenUpTo, resourceVersion } = backend.store;
  if (version < forgottenUpTo)
    throw expired(`too old resource version: ${version} (${forgottenUpTo})`);
  // Left over from another life of this in-memory server: the client must start anew.
  if (version > resourceVersion)
    throw expired(`unknown resource version: ${version} (${resourceVersion})`);
  return version;
}

export class Watches {
  readonly #watches = new Set<Watch>();
  readonly #bookmarked = new Map<Watch, () => void>();
  readonly #backend: Backend;
  #cancelBookmarks: CancelTimer | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  get unread(): number {
    let total = 0;
    for (const watch of this.#watches) total += watch.unread;
    return total;
  }

  cutAll(): void {
    for (const watch of this.#watches) watch.cut();
  }

  /** Throws a 400 or 410 where the watch cannot begin. */
  open(request: WatchRequest): ReadableStream<Uint8Array> {
    const { target, query, render } = request;
    if (query.get("sendInitialEvents") === "true") {
      throw new StatusError(
        422,
        "Invalid",
        "sendInitialEvents is forbidden for watch: the WatchList feature is disabled",
      );
    }
    const matches = matcherOf(target, query);
    const resume = resumePoint(this.#backend, query);
    const teardown: (() => void)[] = [];
    const watch = new Watch(() => {
      for (const undo of teardown) undo();
      this.#watches.delete(watch);
      this.#dropBookmarks(watch);
    });
    this.#watches.add(watch);
    const deliver = (change: Change): void => {
      const type = eventFor(change, target.namespace, matches);
      if (type !== undefined) watch.send(type, render(change.object, type));
    };
    if (resume === undefined) {
      for (const object of select(this.#backend, target, matches))
        watch.send("ADDED", render(object, "ADDED"));
    } else this.#backend.store.changesSince(target.type.key, resume).forEach(deliver);
    teardown.push(
      this.#backend.store.subscribe(target.type.key, deliver),
      ...this.#lifetime(watch, request),
    );
    if (query.get("allowWatchBookmarks") === "true") this.#bookmark(watch, request);
    return watch.stream();
  }

  #lifetime(watch: Watch, { query, signal }: WatchRequest): readonly (() => void)[] {
    const cut = (): void => watch.cut();
    signal.addEventListener("abort", cut, { once: true });
    const seconds = Number(query.get("timeoutSeconds") ?? 0);
    const cancel =
      seconds > 0 ? this.#backend.clock.setTimer(seconds * 1000, () => watch.end()) : () => {};
    return [cancel, () => signal.removeEventListener("abort", cut)];
  }

  #bookmark(watch: Watch, { target, render }: WatchRequest): void {
    this.#bookmarked.set(watch, () => {
      const { type, version } = target;
      const metadata = {
        resourceVersion: String(this.#backend.store.resourceVersion),
        creationTimestamp: null,
      };
      const object = {
        kind: type.kind,
        apiVersion: apiVersionOf(type.group, version.name),
        metadata,
      };
      watch.send("BOOKMARK", render(object, "BOOKMARK"));
    });
    this.#scheduleBookmarks();
  }

  /** One timer for all watches; none while no watch wants bookmarks. */
  #scheduleBookmarks(): void {
    if (this.#cancelBookmarks !== undefined || this.#bookmarked.size === 0) return;
    this.#cancelBookmarks = this.#backend.clock.setTimer(WATCH_BOOKMARK_INTERVAL_MS, () => {
      this.#cancelBookmarks = undefined;
      for (const send of this.#bookmarked.values()) send();
      this.#scheduleBookmarks();
    });
  }

  #dropBookmarks(watch: Watch): void {
    this.#bookmarked.delete(watch);
    if (this.#bookmarked.size > 0) return;
    this.#cancelBookmarks?.();
    this.#cancelBookmarks = undefined;
  }
}
