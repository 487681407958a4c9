/**
 * Tells people what status.outbox holds: as Events, and through the Canary's alert providers. In order per
 * destination, with back-off, and never in the way of a decision. An entry that everyone was told of is reported back.
 */
import type { AlertReference, CanarySpec } from "../api/canary-spec.ts";
import type { OutboxEntry } from "../api/canary-status.ts";
import { isAlerted } from "../api/conditions.ts";
import type { Identity, Snapshot } from "../core/canary/snapshot.ts";
import type { CancelTimer } from "../ports/clock.ts";
import { RetryableError } from "../ports/errors.ts";
import type { Delivery } from "../ports/notifier.ts";
import { backOffMs } from "./back-off.ts";
import type { ControllerPorts } from "./deps.ts";
import { Gate } from "./gate.ts";
import { maxTelling, tellFirstMs, tellMaxMs } from "./limits.ts";
import type { Memories } from "./memory.ts";

type OutboxPorts = Pick<ControllerPorts, "cluster" | "notifier" | "clock" | "log" | "random">;

/** Where an entry goes: the Events of the Canary, or one alert provider. */
type Destination =
  | { readonly kind: "Event" }
  | { readonly kind: "Alert"; readonly alert: AlertReference };

interface Desk {
  identity: Identity;
  /** Id of the release that runs, or ran last. */
  release: string | undefined;
  entries: readonly OutboxEntry[];
  destinations: ReadonlyMap<string, Destination>;
  /** Ids told, by destination. */
  readonly told: Map<string, Set<string>>;
  /** Destinations that are being told now, or wait for another attempt. */
  readonly busy: Map<string, CancelTimer | undefined>;
  readonly attempts: Map<string, number>;
}

const severityRank = { Info: 0, Warning: 1, Error: 2 } as const;

export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #memories: Memories;
  readonly #onTold: (key: string) => void;
  readonly #desks = new Map<string, Desk>();
  readonly #gate = new Gate(maxTelling);

  constructor(ports: OutboxPorts, memories: Memories, onTold: (key: string) => void) {
    this.#ports = ports;
    this.#memories = memories;
    this.#onTold = onTold;
  }

  /** Messages that are on their way now. */
  get inFlight(): number {
    return this.#gate.size;
  }

  /** Takes over what a pass has seen of the outbox, and goes on telling. */
  follow(key: string, snapshot: Snapshot): void {
    const entries = snapshot.status.outbox ?? [];
    if (entries.length === 0 && !this.#desks.has(key)) return;
    const desk = this.#desks.get(key) ?? newDesk(snapshot.identity);
    this.#desks.set(key, desk);
    desk.identity = snapshot.identity;
    desk.release = snapshot.status.release?.id;
    desk.entries = entries;
    // A spec that cannot be read takes nobody off the list.
    if (snapshot.asked.kind === "Known") desk.destinations = destinationsOf(snapshot.asked.value);
    this.#forgetTold(key, desk);
    // What was waited for may be gone: an alert that was taken out of the spec.
    this.#reportTold(key, desk);
    for (const destination of desk.destinations.keys()) this.#pump(key, desk, destination);
  }

  /** Ends everything; messages on their way end unheard. */
  stop(): void {
    for (const desk of this.#desks.values()) for (const cancel of desk.busy.values()) cancel?.();
    this.#desks.clear();
  }

  forget(key: string): void {
    for (const cancel of this.#desks.get(key)?.busy.values() ?? []) cancel?.();
    this.#desks.delete(key);
  }

  /** What has left the status need not be remembered any more. */
  #forgetTold(key: string, desk: Desk): void {
    const ids = new Set(desk.entries.map((entry) => entry.id));
    for (const told of desk.told.values()) for (const id of told) if (!ids.has(id)) told.delete(id);
    const { told } = this.#memories.of(key);
    for (const id of told) if (!ids.has(id)) told.delete(id);
  }

  #pump(key: string, desk: Desk, name: string): void {
    if (desk.busy.has(name)) return;
    const destination = desk.destinations.get(name);
    if (destination === undefined) return;
    const entry = desk.entries.find((other) => isAwaited(other, name, destination, desk));
    if (entry === undefined) return;
    desk.busy.set(name, undefined);
    this.#gate
      .run(async () => {
        // Its turn may come only after everything was ended: then it is another process's to tell.
        if (this.#desks.get(key) !== desk) return;
        const delivery = await this.#tell(desk, destination, entry);
        this.#after(key, desk, name, { entry, delivery });
      })
      .catch((error: unknown) =>
        this.#ports.log.error({ ...fieldsOf(desk), error }, "telling failed"),
      );
  }

  async #tell(desk: Desk, destination: Destination, entry: OutboxEntry): Promise<Delivery> {
    try {
      return await this.#tellTo(destination, desk, entry);
    } catch (error) {
      const afterMs = error instanceof RetryableError ? error.afterMs : undefined;
      const because = error instanceof Error ? error.message : "not an error was thrown";
      return { kind: "Failed", because, ...(afterMs !== undefined && { afterMs }) };
    }
  }

  async #tellTo(destination: Destination, desk: Desk, entry: OutboxEntry): Promise<Delivery> {
    const { cluster, notifier } = this.#ports;
    const { namespace, name } = desk.identity;
    if (destination.kind === "Event") {
      await cluster.recordEvent(desk.identity, entry);
      return { kind: "Delivered" };
    }
    const provider = cluster.alertProvider(namespace, destination.alert.providerRef.name);
    if (provider.kind === "Unknown") return { kind: "Failed", because: provider.because };
    if (provider.kind === "Missing") return { kind: "Refused", because: provider.because };
    return notifier.send(provider.value, namespace, { entry, namespace, canary: name });
  }

  #after(
    key: string,
    desk: Desk,
    name: string,
    sent: { entry: OutboxEntry; delivery: Delivery },
  ): void {
    if (this.#desks.get(key) !== desk) return;
    desk.busy.delete(name);
    const { entry, delivery } = sent;
    if (delivery.kind === "Failed") {
      this.#retry(key, desk, name, delivery);
      return;
    }
    if (delivery.kind === "Refused") this.#reportRefusal(desk, name, delivery.because);
    desk.attempts.delete(name);
    const told = desk.told.get(name) ?? new Set();
    desk.told.set(name, told.add(entry.id));
    this.#reportTold(key, desk);
    this.#pump(key, desk, name);
  }

  #retry(
    key: string,
    desk: Desk,
    name: string,
    failure: Extract<Delivery, { kind: "Failed" }>,
  ): void {
    const attempt = desk.attempts.get(name) ?? 0;
    desk.attempts.set(name, attempt + 1);
    const delayMs = Math.max(
      failure.afterMs ?? 0,
      backOffMs(attempt, { firstMs: tellFirstMs, maxMs: tellMaxMs }, this.#ports.random),
    );
    this.#ports.log.warn(
      { ...fieldsOf(desk), destination: name, because: failure.because, delayMs },
      "a message could not be told yet",
    );
    const cancel = this.#ports.clock.setTimer(delayMs, () => {
      desk.busy.delete(name);
      this.#pump(key, desk, name);
    });
    desk.busy.set(name, cancel);
  }

  /** Shown on the provider, and nowhere else: a release does not depend on who hears of it. */
  #reportRefusal(desk: Desk, name: string, because: string): void {
    this.#ports.log.warn(
      { ...fieldsOf(desk), destination: name, because },
      "an alert provider cannot be used as it is",
    );
    this.#ports.cluster
      .recordProviderProblem(desk.identity, name, because)
      .catch((error: unknown) =>
        this.#ports.log.warn(
          { ...fieldsOf(desk), error },
          "a provider's problem could not be recorded",
        ),
      );
  }

  #reportTold(key: string, desk: Desk): void {
    const { told } = this.#memories.of(key);
    const destinations = [...desk.destinations];
    const done = desk.entries.filter(
      (entry) =>
        !told.has(entry.id) &&
        !destinations.some(([name, destination]) => isAwaited(entry, name, destination, desk)),
    );
    for (const entry of done) told.add(entry.id);
    if (done.length > 0) this.#onTold(key);
  }
}

/** What a line of the log that is about it says of whose it is. */
function fieldsOf({ identity, release }: Desk) {
  return { namespace: identity.namespace, canary: identity.name, release };
}

function newDesk(identity: Identity): Desk {
  return {
    identity,
    release: undefined,
    entries: [],
    destinations: new Map([["Event", { kind: "Event" }]]),
    told: new Map(),
    busy: new Map(),
    attempts: new Map(),
  };
}

function destinationsOf(spec: CanarySpec): ReadonlyMap<string, Destination> {
  const destinations = new Map<string, Destination>([["Event", { kind: "Event" }]]);
  for (const alert of spec.alerts) {
    const { name } = alert.providerRef;
    const other = destinations.get(name);
    const isLessSevere =
      other?.kind === "Alert" && severityRank[other.alert.severity] < severityRank[alert.severity];
    // Named twice, a provider is told everything that it was to be told by either.
    if (!isLessSevere) destinations.set(name, { kind: "Alert", alert });
  }
  return destinations;
}

/** Still to be told there. What is not for a destination waits for none: one that is down keeps only its own. */
function isAwaited(
  entry: OutboxEntry,
  name: string,
  destination: Destination,
  { told }: Desk,
): boolean {
  const isFor = destination.kind === "Event" || isWanted(entry, destination.alert);
  return isFor && told.get(name)?.has(entry.id) !== true;
}

function isWanted(entry: OutboxEntry, alert: AlertReference): boolean {
  return isAlerted(entry.reason) && severityRank[entry.severity] >= severityRank[alert.severity];
}
