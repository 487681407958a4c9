/** One simulated world from its creation to its rest, and every promise that was broken on the way. The same seed gives the same world. */

import type { OutboxEntry } from "../../src/api/canary-status.ts";
import type { CommandAction } from "../../src/api/commands.ts";
import { canarySpec } from "../support/fake-ports.ts";
import { createManualClock } from "../support/manual-clock.ts";
import { createSeededRandom } from "../support/seeded-random.ts";
import { Fate } from "./fate.ts";
import { Promises } from "./promises.ts";
import { busyMs, drawScenario, type IncidentAt, type Scenario } from "./scenario.ts";
import type { Scraped } from "./simulated-ports.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import { Truth } from "./truth.ts";

export interface Outcome {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly scenario: Scenario;
  readonly releases: number;
  readonly exposures: readonly number[];
}

const scrapeMs = 1_000;
/** Two minutes of them: more than any limit looks back on. */
const mostScrapes = 120;
const restMs = 400_000;
/** Whatever was asked last is heard of by then. */
const hearingMs = 10_000;
const idleMs = 120_000;

export async function runSeed(seed: number): Promise<Outcome> {
  const world = new SimulatedWorld(seed);
  await world.run();
  return world.outcome();
}

class SimulatedWorld {
  readonly #seed: number;
  readonly #clock = createManualClock();
  readonly #random: () => number;
  readonly #fate: Fate;
  readonly #scenario: Scenario;
  readonly #truth: Truth;
  readonly #promises: Promises;
  readonly #told = new Map<string, OutboxEntry>();
  readonly #processes: SimulatedProcess[] = [];
  #scraped: Scraped | undefined;
  /** What was scraped in the last minutes, oldest first. */
  readonly #scrapes: { readonly at: number; readonly scraped: Scraped }[] = [];
  #commands = 0;
  /** A tool goes on writing what is in git: no weight for the target. */
  #isContested = false;
  #unreadableSince: number | undefined;
  #returnsAt = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = createSeededRandom(seed);
    this.#fate = new Fate(this.#clock, this.#random);
    this.#scenario = drawScenario(this.#random);
    const spec = canarySpec("web", {
      stages: stagesOf(this.#scenario),
      analysis: {
        intervalSeconds: 5,
        warmupSeconds: 0,
        metrics: [{ name: "errors", templateRef: { name: "errors" }, limit: { max: 5 } }],
      },
      alerts: [{ providerRef: { name: "slack" } }],
      progressDeadlineSeconds: 40,
    });
    this.#promises = new Promises({
      spec,
      behaviours: this.#scenario.behaviours,
      now: () => this.#clock.now(),
      disturbedAt: () => this.#fate.disturbedAt,
      // Of a second that has just begun to be readable the next read knows already.
      unreadableSince: () =>
        this.#fate.provider === "Answers" ? undefined : this.#unreadableSince,
      targetHash: () => this.#truth.target.hash,
    });
    this.#truth = new Truth(
      { clock: this.#clock, random: this.#random },
      spec,
      this.#scenario.behaviours,
      {
        onChange: (kind) => {
          for (const process of this.#processes) process.changed(kind);
        },
        onWeight: (weight, by) => this.#promises.onWeight(weight, by),
        onPrimaryTemplate: (hash) => this.#promises.onPrimaryTemplate(hash),
        onStatus: (status) => this.#promises.onStatus(status),
        onLost: (requests) => this.#promises.onLost(requests),
        onServed: (hash, _requests, bad) => this.#promises.onServed(hash, bad),
      },
    );
  }

  outcome(): Outcome {
    return {
      seed: this.#seed,
      violations: this.#promises.violations,
      scenario: this.#scenario,
      releases: this.#truth.canary.status.releases ?? 0,
      exposures: this.#promises.exposures,
    };
  }

  async run(): Promise<void> {
    const endOfTrouble = this.#elapsed() + busyMs;
    const pending = [...this.#scenario.incidents];
    while (this.#elapsed() < endOfTrouble) {
      while ((pending[0]?.atMs ?? Number.POSITIVE_INFINITY) <= this.#elapsed())
        this.#happen(pending.shift());
      await this.#second();
    }
    this.#fate.calm();
    this.#isContested = false;
    this.#suspend(false);
    await this.#untilRest();
    await this.#stayIdle();
    for (const { metrics } of this.#processes)
      if (metrics.violations > 0) this.#promises.violate("a pass met a bug");
  }

  #elapsed(): number {
    return this.#clock.monotonic();
  }

  #happen(incident: IncidentAt | undefined): void {
    // What people do to a service without a Canary is theirs.
    if (incident === undefined || this.#truth.canary.isGone) return;
    const { target, primary } = this.#truth;
    switch (incident.kind) {
      case "Push":
        // Whoever pushes to what is being handed back wants it without stages.
        if (this.#truth.canary.deletion.isAsked) this.#promises.vouch(incident.hash);
        this.#truth.change("Target", { hash: incident.hash });
        return;
      case "PushPromoted":
        if (primary !== undefined) this.#truth.change("Target", { hash: primary.hash });
        return;
      case "HandWeight":
        this.#truth.route({ weight: target.replicas === 0 ? 0 : incident.weight }, "Hand");
        this.#fate.disturb();
        return;
      case "EraseStatus":
        this.#truth.putStatus({});
        this.#fate.disturb();
        return;
      case "Delete":
        this.#truth.delete();
        return;
      case "Suspend":
        this.#for(incident.forMs, (isOn) => this.#suspend(isOn));
        return;
      case "GitOps":
        this.#for(incident.forMs, (isOn) => {
          this.#isContested = isOn;
        });
        return;
      case "Abort":
        this.#truth.ask({ abort: "it smells" });
        return;
      case "Command":
        this.#command(incident.action);
        return;
      case "Kill":
        this.#processes.at(-1)?.kill();
        this.#returnsAt = this.#elapsed() + incident.awayMs;
        return;
      case "ApiDown":
        this.#for(incident.forMs, (isOn) => {
          this.#fate.isApiUp = !isOn;
        });
        return;
      case "RoughWatch":
        this.#for(incident.forMs, (isOn) => {
          this.#fate.isWatchRough = isOn;
        });
        return;
      case "FailingWrites":
        this.#for(incident.forMs, (isOn) => {
          this.#fate.failingShare = isOn ? 0.4 : 0;
        });
        return;
      case "Provider":
        this.#for(incident.forMs, (isOn) => {
          this.#fate.provider = isOn ? incident.state : "Answers";
        });
        return;
    }
  }

  #for(ms: number, set: (isOn: boolean) => void): void {
    set(true);
    this.#clock.setTimer(ms, () => {
      set(false);
      this.#fate.disturb();
    });
  }

  async #second(): Promise<void> {
    this.#replaceTheDead();
    if (this.#fate.isDisturbed) this.#fate.disturb();
    if (this.#isContested && this.#elapsed() % 5_000 === 0) {
      if (this.#truth.primary !== undefined) this.#truth.route({ weight: 0 }, "GitOps");
      this.#fate.disturb();
    }
    this.#truth.second();
    this.#scrape();
    const end = this.#elapsed() + 1_000;
    await this.#settle();
    for (let due = this.#clock.nextDueAt(); due !== undefined && due <= end; ) {
      this.#clock.advanceTo(due);
      await this.#settle();
      due = this.#clock.nextDueAt();
    }
    this.#clock.advanceTo(end);
  }

  /** Whoever stands by takes over once the lease has run out. */
  #replaceTheDead(): void {
    if (this.#processes.some((process) => !process.isDead)) return;
    this.#fate.disturb();
    if (this.#elapsed() < this.#returnsAt) return;
    const died = this.#processes.length;
    this.#returnsAt = this.#elapsed() + Math.floor(this.#random() * 16_000);
    this.#processes.push(
      new SimulatedProcess({
        clock: this.#clock,
        random: this.#random,
        truth: this.#truth,
        fate: this.#fate,
        diesAtWrite: this.#scenario.deaths[died] ?? Number.POSITIVE_INFINITY,
        scraped: () => (this.#scraped ??= this.#counted()),
        scrapedAt: (atMs) => this.#scrapes.findLast(({ at }) => at <= atMs)?.scraped,
        onTold: (entry) => this.#told.set(entry.id, entry),
        onRead: () => undefined,
      }),
    );
  }

  #suspend(suspend: boolean): void {
    if (this.#truth.canary.spec.suspend !== suspend) this.#truth.edit({ suspend });
  }

  #command(action: CommandAction): void {
    this.#commands += 1;
    const id = `command-${this.#commands}`;
    const command = { kind: "Readable", id, action, by: "ann", reason: "because" } as const;
    this.#truth.ask({ command });
  }

  #counted() {
    const { answered, received } = this.#truth;
    return { callers: structuredClone(answered), pods: structuredClone(received) };
  }

  /** In the end somebody looks: what waits is let go on. */
  #attend(): void {
    const { phase, waiting } = this.#truth.canary.status;
    if (phase !== "Waiting" || !this.#isAnswered()) return;
    this.#command(waiting?.reason === "Approval" ? "promote" : "resume");
  }

  /** What people pushed to a workload that is handed back does not come up: they were told, and must act. */
  #isDeletionBlocked(): boolean {
    return this.#truth.canary.status.deletion?.isTold === true;
  }

  #isAnswered(): boolean {
    const { status, commands } = this.#truth.canary;
    const isHeard =
      this.#commands === 0 || status.commandIds?.includes(`command-${this.#commands}`);
    return isHeard === true && commands.abort === undefined;
  }

  #scrape(): void {
    const isReadable = this.#fate.provider === "Answers";
    this.#unreadableSince = isReadable ? undefined : (this.#unreadableSince ?? this.#clock.now());
    if (this.#elapsed() % scrapeMs !== 0) return;
    this.#scraped = this.#counted();
    this.#scrapes.push({ at: this.#clock.now(), scraped: this.#scraped });
    if (this.#scrapes.length > mostScrapes) this.#scrapes.shift();
  }

  async #untilRest(): Promise<void> {
    const end = this.#elapsed() + restMs;
    for (const heardAt = this.#elapsed() + hearingMs; this.#elapsed() < heardAt; )
      await this.#second();
    while (!this.#isAtRest()) {
      if (this.#elapsed() >= end) {
        const { status } = this.#truth.canary;
        this.#promises.violate(`no rest: ${status.phase}, ${status.message}`);
        return;
      }
      this.#attend();
      await this.#second();
    }
    const { canary, routes, target, primary } = this.#truth;
    if (canary.isGone || this.#isDeletionBlocked()) {
      this.#promises.whenGone(routes.weight, target.hash);
      return;
    }
    this.#promises.atRest({
      status: canary.status,
      weight: routes.weight,
      targetHash: target.hash,
      targetReplicas: target.replicas,
      primaryHash: primary?.hash,
    });
  }

  #isAtRest(): boolean {
    const { phase, drain, outbox = [] } = this.#truth.canary.status;
    if (this.#truth.canary.isGone || this.#isDeletionBlocked()) return true;
    if (!this.#isAnswered()) return false;
    const isIdle = phase === "Initialized" || phase === "Succeeded" || phase === "Failed";
    return isIdle && drain === undefined && outbox.length === 0 && !this.#isNew();
  }

  /** A push that nobody has answered yet. */
  #isNew(): boolean {
    const { phase, lastPromotedHash, lastFailedHash } = this.#truth.canary.status;
    const { hash } = this.#truth.target;
    if (hash === lastPromotedHash) return phase === "Failed";
    return hash !== lastFailedHash;
  }

  /** Idle is free: nothing is written, and no timer of Serin's runs. */
  async #stayIdle(): Promise<void> {
    const before = JSON.stringify([this.#truth.canary.version, this.#truth.routes]);
    for (const end = this.#elapsed() + idleMs; this.#elapsed() < end; ) await this.#second();
    const after = JSON.stringify([this.#truth.canary.version, this.#truth.routes]);
    if (before !== after && !this.#isDeletionBlocked())
      this.#promises.violate("something was written at rest");
  }

  /** Lets everything happen that needs no time. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      await new Promise<void>((resume) => {
        setImmediate(resume);
      });
      const busy = this.#processes.some(({ isDead, controller }) => !isDead && controller.busy > 0);
      quiet = busy && quiet === 0 ? 1 : quiet + 1;
    }
  }
}

function stagesOf({ isMirrored, isApproved }: Scenario) {
  const mirror = { mirror: { percentage: 10, sideEffects: "None" }, minSeconds: 5 };
  const live = [10, 50, 100].map((weight) => ({
    weight,
    minSeconds: 5,
    ...(isApproved && weight === 50 && { approval: "Manual" }),
  }));
  return isMirrored ? [mirror, ...live] : live;
}
