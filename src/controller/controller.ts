/** The control loop: keys come in from watches, timers and measurements; each pass observes, decides and acts. */
import { decide } from "../core/canary/decide.ts";
import type { Decision } from "../core/canary/decision.ts";
import type { Snapshot } from "../core/canary/snapshot.ts";
import { act, type Next } from "./act.ts";
import type { ControllerPorts } from "./deps.ts";
import { isBug, type Remedy, remedyFor } from "./failure.ts";
import { fromKey, toKey } from "./key.ts";
import { failuresToTell, repeatedActionMs, restateStallMs, retryMaxMs } from "./limits.ts";
import { endMeasures, followMeasures } from "./measure.ts";
import { type CanaryMemory, Memories } from "./memory.ts";
import { observe } from "./observe.ts";
import { Outbox } from "./outbox.ts";
import { Prober } from "./prober.ts";
import { report } from "./report.ts";
import { type Priority, WorkQueue } from "./work-queue.ts";

type Stalled = Extract<Remedy, { kind: "Stall" }>;

export class Controller {
  readonly #ports: ControllerPorts;
  readonly #memories = new Memories();
  readonly #queue: WorkQueue;
  readonly #prober: Prober;
  readonly #outbox: Outbox;
  #isLeading = false;

  constructor(ports: ControllerPorts) {
    this.#ports = ports;
    this.#queue = new WorkQueue({
      clock: ports.clock,
      work: (key) => this.#turn(key),
      onDepth: (keys) => ports.metrics.setQueueDepth(keys),
      onLag: (lagMs) => ports.metrics.recordQueueLag(lagMs),
    });
    const add = (key: string, priority: Priority = "Normal") => this.enqueue(key, priority);
    this.#prober = new Prober(ports, this.#memories, add);
    this.#outbox = new Outbox(ports, this.#memories, add);
  }

  /** Whether keys are taken: until then, finding out whom a change concerns is work for nothing. */
  get isLeading(): boolean {
    return this.#isLeading;
  }

  /** Something about this Canary may have changed. */
  enqueue(key: string, priority: Priority = "Normal"): void {
    if (this.#isLeading) this.#queue.add(key, priority);
  }

  /** Begins to act, with every Canary in the cache. */
  lead(): void {
    this.#isLeading = true;
    this.#ports.metrics.setLeader(true);
    this.#queue.open();
    for (const canary of this.#ports.cluster.canaries()) this.enqueue(toKey(canary));
  }

  /** Stops acting and forgets what only a leader may know; resolves when the passes under way have ended. */
  async stand(): Promise<void> {
    this.#isLeading = false;
    this.#ports.metrics.setLeader(false);
    this.#prober.stop();
    this.#outbox.stop();
    await this.#queue.close();
    for (const key of this.#memories.keys()) this.#forget(key);
  }

  /** Forgets Canaries that are gone without a change that told of it, and their metric series. Idempotent. */
  sweep(): void {
    const present = new Set(this.#ports.cluster.canaries().map(toKey));
    for (const key of this.#memories.keys()) if (!present.has(key)) this.#forget(key);
  }

  /** Passes, reads and messages under way or due at once. */
  get busy(): number {
    return this.#queue.depth + this.#prober.inFlight + this.#outbox.inFlight;
  }

  /**
   * Writing numbers down is no turn of its own: where turns come less often than numbers are due, a key would get to
   * nothing else.
   */
  async #turn(key: string): Promise<void> {
    const decision = await this.#pass(key);
    if (decision?.kind === "Transition" && decision.rule === "refresh") await this.#pass(key);
  }

  /** What was decided and done. Never throws: whatever goes wrong concerns this key alone. */
  async #pass(key: string): Promise<Decision | undefined> {
    if (!this.#isLeading) return undefined;
    const memory = this.#memories.of(key);
    let decision: Decision | undefined;
    try {
      const snapshot = this.#observe(key, memory);
      if (snapshot === undefined) return undefined;
      decision = decide(snapshot, this.#ports.clock.now());
      const next = await act(decision, snapshot, this.#ports);
      report(snapshot, decision, memory, this.#ports);
      this.#succeed(key, memory, decision, next);
      return decision;
    } catch (error) {
      this.#fail(key, memory, { error, decision });
      return undefined;
    }
  }

  /** The snapshot, with everything that follows a Canary brought up to it; undefined when there is nothing to decide. */
  #observe(key: string, memory: CanaryMemory): Snapshot | undefined {
    const snapshot = observe(key, memory, this.#ports);
    const { uid } = snapshot?.identity ?? {};
    if (uid === undefined || (memory.uid !== undefined && memory.uid !== uid)) {
      this.#forget(key);
      if (uid !== undefined) this.#queue.add(key);
      return undefined;
    }
    if (snapshot === undefined) return undefined;
    memory.uid = uid;
    memory.reported ??= snapshot.status;
    followMeasures(key, snapshot, memory, { prober: this.#prober, ports: this.#ports });
    this.#outbox.follow(key, snapshot);
    return snapshot;
  }

  #succeed(key: string, memory: CanaryMemory, decision: Decision, next: Next): void {
    memory.failures = 0;
    const done = doneBy(decision);
    const isRepeated = done !== undefined && done === memory.latestDone;
    memory.latestDone = done;
    if (decision.kind === "Converge" && !isRepeated) memory.stall = undefined;
    if (decision.kind === "Converge") memory.hindrance = undefined;
    if (isRepeated) this.#queue.addAfter(key, repeatedActionMs);
    else if (next.kind === "Again") this.#queue.add(key);
    else if (next.afterMs !== undefined) this.#queue.addAfter(key, next.afterMs);
  }

  #fail(
    key: string,
    memory: CanaryMemory,
    { error, decision }: { readonly error: unknown; readonly decision: Decision | undefined },
  ): void {
    const { log, metrics, random } = this.#ports;
    const remedy = remedyFor(error, decision, memory.failures, random);
    memory.failures += 1;
    if (memory.failures >= failuresToTell && error instanceof Error)
      memory.hindrance = error.message;
    const { namespace, name } = fromKey(key);
    const release = memory.reported?.release?.id;
    const fields = { namespace, canary: name, release, rule: decision?.rule };
    const failure = { ...fields, remedy: remedy.kind, error };
    if (isBug(error)) {
      metrics.countInvariantViolation();
      log.error(failure, "a pass met a bug");
    } else log.warn(failure, "a pass failed");
    switch (remedy.kind) {
      case "Retry":
        this.#queue.addAfter(key, remedy.afterMs, remedy.priority);
        return;
      case "Stall":
        this.#stall(key, memory, remedy);
        return;
      case "Stop":
        return;
    }
  }

  /**
   * The next pass tells it; the one after tries again, late, in case that a human did something that no watch shows.
   * A message that differs each time (it names a request) is not told each time.
   */
  #stall(key: string, memory: CanaryMemory, { reason, message }: Stalled): void {
    const now = this.#ports.clock.monotonic();
    const { stall } = memory;
    const isTold = stall?.reason === reason && now - stall.since < restateStallMs;
    if (!isTold) memory.stall = { reason, message, since: now };
    this.#queue.addAfter(key, isTold ? retryMaxMs : 0);
  }

  #forget(key: string): void {
    const memory = this.#memories.of(key);
    endMeasures(key, memory, { prober: this.#prober, ports: this.#ports });
    this.#queue.forget(key);
    this.#outbox.forget(key);
    this.#memories.forget(key);
    this.#ports.metrics.forgetCanary(fromKey(key));
  }
}

/** What a decision has changed, to be compared with the next one; undefined for nothing. */
function doneBy(decision: Decision): string | undefined {
  switch (decision.kind) {
    case "Converge":
      return decision.actions.length > 0 ? JSON.stringify(decision.actions) : undefined;
    case "Transition":
    case "Rollback":
      return decision.rule;
    case "Stall":
      return undefined;
  }
}
