/**
 * Kubernetes Events on an object, as `kubectl describe` shows them: repeats counted up, told at most once where it
 * matters, bounded per object. Never throws: a decision does not depend on having been told of.
 */
import { createHash } from "node:crypto";
import type { Clock } from "../../ports/clock.ts";
import { RetryableError } from "../../ports/errors.ts";
import { isAlreadyExists, toOurError } from "./api-error.ts";
import { EventRates } from "./events-rate.ts";
import * as limits from "./limits.ts";
import { resourcePath } from "./paths.ts";
import { isRecord } from "./raw-object.ts";
import type { Transport } from "./transport.ts";

export interface EventFacts {
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    /** Left out for objects outside namespaces, whose Events are in `default`. */
    readonly namespace?: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion?: string;
  };
  readonly type: "Normal" | "Warning";
  /** PascalCase, at most 128 characters. */
  readonly reason: string;
  /** For people; cut after 1,024 characters. */
  readonly message: string;
  /** Told once per object and id, also when tried again after a crash. Left out: repeats in 10 min count up. */
  readonly id?: string;
}

export type EventOutcome =
  | { readonly kind: "Recorded" }
  /** The object has caused too many; trying again makes it no better. */
  | { readonly kind: "Dropped"; readonly because: string }
  /** Not written, or not known to be: to be tried again with the same id. */
  | { readonly kind: "Failed"; readonly because: string; readonly afterMs?: number };

export interface EventRecorder {
  record(event: EventFacts, signal?: AbortSignal): Promise<EventOutcome>;
}

export interface EventRecorderOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  /** Who tells: `serin-controller`. */
  readonly component: string;
  /** Which process of it: the pod's name. */
  readonly instance: string;
}

const EVENTS = { group: "", version: "v1", plural: "events", namespaced: true } as const;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const rates = new EventRates(options.clock);
  return {
    async record(event, signal) {
      if (!rates.allow(event.regarding.uid)) {
        return { kind: "Dropped", because: "too many Events for this object" };
      }
      try {
        await writeEvent(options, event, signal);
        return { kind: "Recorded" };
      } catch (error) {
        return failureOf(error);
      }
    },
  };
}

function failureOf(error: unknown): EventOutcome {
  const ours = toOurError(error);
  const afterMs = ours instanceof RetryableError ? ours.afterMs : undefined;
  return {
    kind: "Failed",
    because: ours.message,
    ...(afterMs === undefined ? {} : { afterMs }),
  };
}

/** Its name says what it tells, so that the server itself knows a repetition. */
async function writeEvent(
  { transport, clock, component, instance }: EventRecorderOptions,
  event: EventFacts,
  signal: AbortSignal | undefined,
): Promise<void> {
  const at = timeOf(clock.now());
  const namespace = event.regarding.namespace ?? "default";
  const name = eventName(event, clock.now());
  const body = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { namespace, name },
    involvedObject: event.regarding,
    type: event.type,
    reason: event.reason.slice(0, limits.MAX_EVENT_REASON_CHARS),
    message: messageOf(event.message),
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    source: { component },
    reportingComponent: component,
    reportingInstance: instance,
  };
  try {
    const path = resourcePath(EVENTS, { namespace });
    await transport.request({ method: "POST", path, body, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    if (event.id !== undefined) return;
    const path = resourcePath(EVENTS, { namespace, name });
    await countUp({ transport, path, at, signal });
  }
}

interface Repeat {
  readonly transport: Transport;
  readonly path: string;
  readonly at: string;
  readonly signal: AbortSignal | undefined;
}

async function countUp({ transport, path, at, signal }: Repeat): Promise<void> {
  const existing = await transport.request({ method: "GET", path, signal });
  const count = isRecord(existing) && typeof existing.count === "number" ? existing.count : 1;
  const body = { count: count + 1, lastTimestamp: at };
  await transport.request({ method: "PATCH", path, patch: "merge", body, signal });
}

function eventName({ regarding, type, reason, message, id }: EventFacts, nowMs: number): string {
  const window = Math.floor(nowMs / limits.EVENT_WINDOW_MS);
  const what = id === undefined ? [type, reason, message, window] : [id];
  const told = JSON.stringify([regarding.uid, ...what]);
  const digest = createHash("sha256").update(told).digest("hex").slice(0, 16);
  const longest = limits.MAX_EVENT_NAME_CHARS - digest.length - 1;
  // A name may not be cut so that a part of it ends in a dash or is empty.
  return `${regarding.name.slice(0, longest).replace(/(?<![-.])[-.]+$/, "")}.${digest}`;
}

function messageOf(message: string): string {
  const isLong = message.length > limits.MAX_EVENT_MESSAGE_CHARS;
  return isLong ? `${message.slice(0, limits.MAX_EVENT_MESSAGE_CHARS - 1)}…` : message;
}

/** Kubernetes' Time has no fractions of a second. */
const timeOf = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
