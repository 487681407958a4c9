/**
 * Watches: turns the store's changes into a stream of events for one selection. Decides what a change means to a
 * selection (entered, changed, left) and when a watch ends; how an object is written is given.
 */

import type { CancelTimer } from "../../ports/clock.ts";
import {
  MAX_UNREAD_WATCH_EVENTS,
  WATCH_BOOKMARK_INTERVAL_MS,
  WATCH_LAST_BOOKMARK_MS,
} from "../limits.ts";
import type { Backend, Target } from "./backend.ts";
import { forbiddenField } from "./field-error.ts";
import { type JsonObject, withAt } from "./json.ts";
import { matcherOf, select } from "./list.ts";
import { apiVersionOf } from "./resource-type.ts";
import type { Matcher } from "./selectors.ts";
import { expired, invalidOption, StatusError, unexpected } from "./status-error.ts";
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

/** What leaves a selection is shown as it was while it still belonged to it. */
function lastSelected({ kind, object, previous, resourceVersion }: Change, type: EventType) {
  if (type !== "DELETED" || kind === "DELETED" || previous === undefined) return object;
  return withAt(previous, ["metadata", "resourceVersion"], String(resourceVersion));
}

/** Whether the current state is asked for as events, with a bookmark at its end. Throws a 422 where it is asked wrongly. */
function isStreamingList(query: URLSearchParams): boolean {
  if (query.get("sendInitialEvents") !== "true") return false;
  if (query.get("resourceVersionMatch") === "NotOlderThan") return true;
  const detail = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
  throw invalidOption("ListOptions", forbiddenField(["resourceVersionMatch"], detail));
}

const INITIAL_EVENTS_END: JsonObject = { annotations: { "k8s.io/initial-events-end": "true" } };

/** The version to resume after, or undefined to begin with the current state; an error is the first event of a watch. */
function resumePoint(backend: Backend, query: URLSearchParams): number | StatusError | undefined {
  const text = query.get("resourceVersion") ?? "";
  if (text === "" || text === "0") return undefined;
  const version = Number(text);
  if (!Number.isSafeInteger(version))
    throw unexpected(
      `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`,
    );
  const { forgottenUpTo, resourceVersion } = backend.store;
  if (version < forgottenUpTo)
    return expired(`too old resource version: ${version} (${forgottenUpTo})`);
  // Left over from another life of this in-memory server: the client must start anew.
  if (version > resourceVersion)
    return expired(`unknown resource version: ${version} (${resourceVersion})`);
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

  /** Throws where the watch cannot begin; a version that is too old is told as its only event. */
  open(request: WatchRequest): ReadableStream<Uint8Array> {
    const { target, query, render } = request;
    const streamsList = isStreamingList(query);
    const matches = matcherOf(target, query);
    const resume = streamsList ? undefined : resumePoint(this.#backend, query);
    const teardown: (() => void)[] = [];
    const watch = new Watch(() => {
      for (const undo of teardown) undo();
      this.#watches.delete(watch);
      this.#dropBookmarks(watch);
    });
    this.#watches.add(watch);
    const deliver = (change: Change): void => {
      const type = eventFor(change, target.namespace, matches);
      if (type !== undefined) watch.send(type, render(lastSelected(change, type), type));
    };
    if (resume instanceof StatusError) {
      watch.send("ERROR", JSON.stringify(resume.status));
      watch.end();
      return watch.stream();
    }
    if (resume === undefined) {
      for (const object of select(this.#backend, target, matches))
        watch.send("ADDED", render(object, "ADDED"));
      if (streamsList && query.get("allowWatchBookmarks") === "true")
        watch.send("BOOKMARK", render(this.#bookmarkOf(target, INITIAL_EVENTS_END), "BOOKMARK"));
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
    return [
      cancel,
      this.#lastBookmark(watch, seconds),
      () => signal.removeEventListener("abort", cut),
    ];
  }

  /** Shortly before its end a watch is told where it may go on. */
  #lastBookmark(watch: Watch, seconds: number): () => void {
    const delayMs = seconds * 1_000 - WATCH_LAST_BOOKMARK_MS;
    if (delayMs <= 0) return () => {};
    return this.#backend.clock.setTimer(delayMs, () => this.#bookmarked.get(watch)?.());
  }

  #bookmarkOf({ type, version }: Target, more: JsonObject = {}): JsonObject {
    const metadata = { resourceVersion: String(this.#backend.store.resourceVersion), ...more };
    return { kind: type.kind, apiVersion: apiVersionOf(type.group, version.name), metadata };
  }

  #bookmark(watch: Watch, { target, render }: WatchRequest): void {
    this.#bookmarked.set(watch, () => {
      watch.send("BOOKMARK", render(this.#bookmarkOf(target), "BOOKMARK"));
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
