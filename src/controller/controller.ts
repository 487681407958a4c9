/** The control loop: keys come in from watches, timers and measurements; each pass observes, decides and acts. */
import { decide } from "../core/canary/decide.ts";
import type { Decision } from "../core/canary/decision.ts";
import type { Snapshot } from "../core/canary/snapshot.ts";
import { act, type Next } from "./act.ts";
import type { ControllerPorts } from "./deps.ts";
import { remedyFor } from "./failure.ts";
import { fromKey, toKey } from "./key.ts";
import { repeatedActionMs, retryMaxMs } from "./limits.ts";
import { followMeasures } from "./measure.ts";
import { type CanaryMemory, Memories } from "./memory.ts";
import { observe } from "./observe.ts";
import { Outbox } from "./outbox.ts";
import { Prober } from "./prober.ts";
import { report } from "./report.ts";
import { type Priority, WorkQueue } from "./work-queue.ts";

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
      work: (key) => this.#pass(key),
      onDepth: (keys) => ports.metrics.setQueueDepth(keys),
      onLag: (lagMs) => ports.metrics.recordQueueLag(lagMs),
    });
    const add = (key: string, priority: Priority = "Normal") => this.enqueue(key, priority);
    this.#prober = new Prober(ports, this.#memories, add);
    this.#outbox = new Outbox(ports, this.#memories, add);
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
    this.#memories.clear();
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

  async #pass(key: string): Promise<void> {
    const memory = this.#memories.of(key);
    const snapshot = observe(key, memory, this.#ports);
    if (snapshot === undefined) {
      this.#forget(key);
      return;
    }
    followMeasures(key, snapshot, memory, { prober: this.#prober, ports: this.#ports });
    this.#outbox.follow(key, snapshot);
    const decision = decide(snapshot, this.#ports.clock.now());
    try {
      const next = await act(decision, snapshot, this.#ports);
      report(snapshot, decision, this.#ports);
      this.#succeed(key, memory, decision, next);
    } catch (error) {
      this.#fail(key, memory, { error, decision, snapshot });
    }
  }

  #succeed(key: string, memory: CanaryMemory, decision: Decision, next: Next): void {
    memory.failures = 0;
    if (decision.kind === "Converge") {
      const actions = JSON.stringify(decision.actions);
      const isRepeated = decision.actions.length > 0 && actions === memory.latestActions;
      memory.latestActions = actions;
      if (decision.actions.length === 0 || !isRepeated) memory.stall = undefined;
      if (isRepeated) {
        this.#queue.addAfter(key, repeatedActionMs);
        return;
      }
    }
    if (next.kind === "Again") this.#queue.add(key);
    else if (next.afterMs !== undefined) this.#queue.addAfter(key, next.afterMs);
  }

  #fail(
    key: string,
    memory: CanaryMemory,
    failed: { readonly error: unknown; readonly decision: Decision; readonly snapshot: Snapshot },
  ): void {
    const { error, decision } = failed;
    const { log, metrics, random } = this.#ports;
    const remedy = remedyFor(error, decision, memory.failures, random);
    memory.failures += 1;
    log.warn({ canary: key, rule: decision.rule, remedy: remedy.kind, error }, "a pass failed");
    switch (remedy.kind) {
      case "Retry":
        this.#queue.addAfter(key, remedy.afterMs, remedy.priority);
        return;
      case "Stall":
        this.#stall(key, memory, remedy);
        return;
      case "Stop":
        metrics.countInvariantViolation();
        return;
    }
  }

  /** The next pass tells it; the one after tries again, late, in case that a human did something that no watch shows. */
  #stall(key: string, memory: CanaryMemory, stall: NonNullable<CanaryMemory["stall"]>): void {
    const isTold = memory.stall?.message === stall.message;
    memory.stall = { reason: stall.reason, message: stall.message };
    this.#queue.addAfter(key, isTold ? retryMaxMs : 0);
  }

  #forget(key: string): void {
    this.#queue.forget(key);
    this.#prober.unwatch(key);
    this.#outbox.forget(key);
    this.#memories.forget(key);
    this.#ports.metrics.forgetCanary(fromKey(key));
  }
}
