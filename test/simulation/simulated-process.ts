/** One controller process in a simulated world: the real controller, which may die at any of its writes. */
import { Controller } from "../../src/controller/controller.ts";
import { toKey } from "../../src/controller/key.ts";
import { FakeMetrics } from "../support/fake-ports.ts";
import { FreezingPoint } from "../support/freezing-point.ts";
import { createKillableClock } from "../support/killable-clock.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { createRecordingLog } from "../support/recording-log.ts";
import { DelayedView, type Versioned } from "./delayed-view.ts";
import type { Fate } from "./fate.ts";
import {
  canaryKey,
  clusterOf,
  notifierOf,
  type PortDeps,
  routerOf,
  sourceOf,
  specRevisionsOf,
  workloadsOf,
} from "./simulated-ports.ts";
import type { Kind, Truth } from "./truth.ts";

export interface ProcessDeps extends Pick<PortDeps, "scraped" | "scrapedAt" | "onTold" | "onRead"> {
  readonly clock: ManualClock;
  readonly random: () => number;
  readonly truth: Truth;
  readonly fate: Fate;
  /** Writes after which the process is gone; Infinity for never. */
  readonly diesAtWrite: number;
}

export class SimulatedProcess {
  readonly #deps: ProcessDeps;
  readonly #clock;
  readonly #views;
  readonly metrics = new FakeMetrics();
  readonly controller: Controller;
  #writes = 0;
  isDead = false;

  constructor(deps: ProcessDeps) {
    this.#deps = deps;
    const { truth, fate, random } = deps;
    this.#clock = createKillableClock(deps.clock, new FreezingPoint());
    this.#views = {
      Canary: this.#view(() => truth.canary),
      Workloads: this.#view(() => truth.workloads()),
      Routes: this.#view(() => truth.routes),
      Specs: this.#view(() => truth.specs),
    };
    const ports: PortDeps = {
      ...deps,
      views: this.#views,
      write: (apply, answers) => this.#write(apply, answers),
    };
    this.controller = new Controller({
      cluster: clusterOf(ports),
      workloads: workloadsOf(ports),
      specRevisions: specRevisionsOf(ports),
      router: routerOf(ports),
      source: sourceOf(ports),
      notifier: notifierOf(() => fate.isApiUp),
      metrics: this.metrics,
      clock: this.#clock,
      log: createRecordingLog(),
      random,
    });
    this.controller.lead();
  }

  /** The truth has changed: the watch will tell it, sooner or later. */
  changed(kind: Kind): void {
    if (!this.isDead) this.#views[kind].changed();
  }

  /** As SIGKILL: nothing of it runs any more; what it has sent may still arrive. */
  kill(): void {
    this.isDead = true;
    this.#clock.kill();
    this.#deps.fate.disturb();
  }

  #view<T extends Versioned>(read: () => T): DelayedView<T> {
    return new DelayedView(read, {
      clock: this.#clock,
      random: this.#deps.random,
      faults: () => this.#deps.fate.view(),
      onEvent: () => this.controller.enqueue(toKey(canaryKey)),
    });
  }

  async #write(apply: () => void, answers: Kind): Promise<void> {
    if (this.isDead) return forever();
    this.#writes += 1;
    const isLast = this.#writes >= this.#deps.diesAtWrite;
    // Half of the deaths come before the last write has left, half after.
    if (isLast && this.#deps.random() < 0.5) {
      this.kill();
      return forever();
    }
    const { fate } = this.#deps;
    const decided = fate.write();
    if (isLast) this.kill();
    if (decided.kind === "Refused") return this.isDead ? forever() : Promise.reject(decided.error);
    await fate.wait(decided.delayMs);
    apply();
    if (this.isDead) return forever();
    if (decided.kind === "AnswerLost") {
      await fate.wait(5_000);
      throw fate.lostAnswer();
    }
    this.#views[answers].answered();
  }
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}
