/**
 * A world as plain data in which decisions have consequences: workloads, routes, callers and their counters, one clock.
 * Passes run only when something happened or a timer is due. It can die after any write, and knows then only what was persisted.
 */
import type { CanarySpec } from "../../src/api/canary-spec.ts";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { advanceMetric, emptyMetricState } from "../../src/core/analysis/advance.ts";
import type { MetricState } from "../../src/core/analysis/metric-state.ts";
import { decide } from "../../src/core/canary/decide.ts";
import type { Action, Decision } from "../../src/core/canary/decision.ts";
import { isMeasured } from "../../src/core/canary/measured.ts";
import type { Routes, Snapshot } from "../../src/core/canary/snapshot.ts";
import { ratioLimitsFrom } from "../../src/core/canary/warmup.ts";
import { known, missing, unknown } from "../../src/core/fact.ts";
import { metricFacts, ratio } from "./analysis.ts";
import { aSnapshot, aSpec, someRoutes, now as startOfTime } from "./snapshots.ts";
import { type Behaviour, ToyDeployment } from "./toy-deployment.ts";

/** Thrown by the write after which the process is gone. */
class Death extends Error {}
/** Thrown by a write that is refused: the pass ends, and is tried again a second later. */
class Refusal extends Error {}
const requestsPerSecond = 200;
const intervalMs = 5000;

/** The spec of every toy world that is not given another. */
export const toySpec: CanarySpec = aSpec({
  stages: [10, 25, 50, 100].map((weight) => ({ weight, minSeconds: 10, maxSeconds: 1800 })),
  analysis: { ...aSpec().analysis, intervalSeconds: 5, warmupSeconds: 0 },
  rollback: { withinSeconds: 120, canaryScaleDownDelaySeconds: 5 },
  progressDeadlineSeconds: 60,
});

/** Proxies may hear of a deletion of the route after that of its subsets. */
const routesLateMs = 4000;

export class ToyWorld {
  readonly #startedAt = startOfTime;
  readonly #spec: CanarySpec;
  readonly #behaviours: Readonly<Record<string, Behaviour>>;
  readonly target: ToyDeployment;
  primary: ToyDeployment | undefined;
  status: CanaryStatus = {};
  now = startOfTime;
  /** Weight on the routing objects, and in the mesh a second later. */
  weight = 0;
  #meshWeight = 0;
  /** What is generated, and when the route went. */
  generated = { hasRoute: true, hasSubsets: true };
  #routeGoneAt = Number.POSITIVE_INFINITY;
  #requests = { canary: 0, bad: 0, stable: 0 };
  #metric: MetricState = emptyMetricState;
  #measuredFor: string | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #saved = new Set<string>();
  isPrometheusDown = false;
  /** What people ask by annotation. */
  abort: string | undefined;
  command: Snapshot["commands"]["command"];
  /** The API server does not let the primary be given another template. */
  isCopyRefused = false;
  /** Somebody has deleted the Canary, and it is gone. */
  isDeleted = false;
  isGone = false;
  #namespaceReadAt: number | undefined;
  /** Writes made so far, and after which of them the process dies. */
  writes = 0;
  diesAfter = Number.POSITIVE_INFINITY;
  /** What happened: rises of the decided weight, phases, messages, requests that nobody could answer. */
  readonly rises: number[] = [];
  readonly phases: string[] = [];
  readonly told: string[] = [];
  lost = 0;

  constructor(behaviours: Readonly<Record<string, Behaviour>> = {}, spec = toySpec) {
    this.#behaviours = behaviours;
    this.#spec = spec;
    this.target = new ToyDeployment(
      "web",
      { hash: "v1", replicas: 4, now: this.now - 60_000 },
      behaviours,
    );
    this.target.roll(this.now);
    this.weight = 100;
    this.#meshWeight = 100;
  }

  /** Seconds since the world began. */
  get seconds(): number {
    return (this.now - this.#startedAt) / 1000;
  }

  push(hash: string): void {
    this.target.set({ hash }, this.now);
    this.#dueAt = this.now;
  }

  delete(): void {
    this.isDeleted = true;
    this.#dueAt = this.now;
  }

  /** Lets time pass until it is so; false when it is not within the seconds given. */
  runUntil(isSo: (world: ToyWorld) => boolean, seconds = 600): boolean {
    this.#passes();
    for (let passed = 0; passed < seconds; passed += 1) {
      if (isSo(this)) return true;
      this.#second();
    }
    return isSo(this);
  }

  run(seconds: number): void {
    this.runUntil(() => false, seconds);
  }

  #second(): void {
    this.now += 1000;
    const isRolling = [this.target, this.primary].map((one) => one?.roll(this.now) === true);
    this.#serve();
    this.#meshWeight = this.weight;
    const isRead = this.now % intervalMs === 0 && isMeasured(this.status);
    if (isRead) this.#read();
    if (isRead || isRolling.includes(true) || this.now >= this.#dueAt) this.#passes();
  }

  #serve(): void {
    const isRouted = this.now < this.#routeGoneAt + routesLateMs;
    if (isRouted && !this.generated.hasSubsets) {
      this.lost += requestsPerSecond;
      return;
    }
    // Without a route a Service sends to the pods of both.
    const weight = !isRouted && this.primary === undefined ? 100 : this.#meshWeight;
    const canary = Math.round((requestsPerSecond * weight) / 100);
    const stable = requestsPerSecond - canary;
    const canaryBad = this.target.answer(this.now);
    const stableBad = this.primary?.answer(this.now);
    if (canary > 0 && canaryBad === undefined) this.lost += canary;
    if (stable > 0 && stableBad === undefined) this.lost += stable;
    this.#requests.canary += canary;
    this.#requests.stable += stable;
    this.#requests.bad += Math.round(canary * (canaryBad ?? 1));
  }

  #read(): void {
    this.#measureFor(this.status.release?.id ?? "initialisation");
    const { canary, bad, stable } = this.#requests;
    const counters = [
      { workload: "web", pod: "caller", counts: ratio(canary, bad) },
      { workload: "web-primary", pod: "caller", counts: ratio(stable) },
    ];
    const rules = {
      kind: "Ratio",
      quantile: 0,
      limit: { max: 5, consecutive: 2, minSamples: 20 },
      canaryWorkload: "web",
      primaryWorkload: "web-primary",
      scrapeSeconds: 15,
      limitAppliesFrom: ratioLimitsFrom(this.status),
    } as const;
    const failure = { kind: "Failure", at: this.now, reason: "Timeout", message: "down" } as const;
    const reading = { kind: "Counters", at: this.now, counters, query: "" } as const;
    this.#metric = advanceMetric(this.#metric, this.isPrometheusDown ? failure : reading, rules);
  }

  /** Counters survive from one release to the next, what was judged does not. */
  #measureFor(id: string): void {
    if (this.#measuredFor === id) return;
    this.#measuredFor = id;
    const { counters, readAt } = this.#metric;
    this.#metric = { ...emptyMetricState, counters, readAt };
  }

  snapshot(): Snapshot {
    const isMissing = missing("PrimaryNotFound", "Deployment shop/web-primary does not exist");
    return aSnapshot({
      commands: { abort: this.abort, command: this.command },
      deletion: { isAsked: this.isDeleted, isHeld: true },
      namespace:
        this.#namespaceReadAt === undefined
          ? unknown("not read yet")
          : known({ isEnding: false, readAt: this.#namespaceReadAt }),
      spec: known(this.#spec),
      status: this.status,
      target: known(this.target.workload(this.now)),
      primary: this.primary === undefined ? isMissing : known(this.primary.workload(this.now)),
      routes: known(this.#routes()),
      generatedRoute: known(this.generated.hasRoute ? "There" : "None"),
      metrics: known([metricFacts(this.#metric, { scrapeSeconds: 1 })]),
      pods:
        this.primary === undefined
          ? unknown("the pods are not watched")
          : known({ canary: this.target.pods(this.now), primary: this.primary.pods(this.now) }),
      told: new Set(this.status.outbox?.map((entry) => entry.id)),
    });
  }

  #routes(): Routes {
    return this.generated.hasRoute
      ? someRoutes({ canaryWeight: this.weight })
      : someRoutes({ isUniform: false, missingObjects: ["VirtualService web"] });
  }

  #passes(): void {
    for (let count = 0; count < 40 && !this.isGone; count += 1) {
      try {
        const decision = decide(this.snapshot(), this.now);
        this.#act(decision);
        if (decision.kind === "Stall") return this.#wait(undefined);
        if (decision.kind === "Converge" && decision.actions.length === 0)
          return this.#wait(decision.requeueAfterMs);
      } catch (thrown) {
        if (thrown instanceof Refusal) return this.#wait(1000);
        if (!(thrown instanceof Death)) throw thrown;
        this.#metric = emptyMetricState;
        this.#measuredFor = undefined;
      }
    }
    if (this.isGone) return;
    throw new Error(`no rest: ${JSON.stringify(decide(this.snapshot(), this.now))}`);
  }

  #wait(ms: number | undefined): void {
    this.#dueAt = ms === undefined ? Number.POSITIVE_INFINITY : this.now + ms;
  }

  #act(decision: Decision): void {
    switch (decision.kind) {
      case "Transition":
        this.#persist(decision.status);
        return;
      case "Rollback":
        // Neither waits for the other: which of them comes first is up to the mesh and the server.
        if (this.diesAfter % 2 === 0) this.#route(0);
        this.#persist(decision.status);
        this.#route(0);
        return;
      case "Converge":
        for (const action of decision.actions) this.#carryOut(action);
        return;
      case "Stall":
        return;
    }
  }

  #carryOut(action: Action): void {
    switch (action.kind) {
      case "FindSpec":
      case "KeepSpec":
        return;
      case "SetWeight":
        this.#route(action.canaryWeight);
        return;
      case "CreatePrimary": {
        const template = { hash: action.templateHash, replicas: action.replicas, now: this.now };
        this.primary = new ToyDeployment("web-primary", template, this.#behaviours);
        break;
      }
      case "Scale":
        (action.role === "Target" ? this.target : this.primary)?.set(action, this.now);
        break;
      case "CopyTemplate":
        if (this.isCopyRefused) throw new Refusal();
        this.#saved.add(action.savedHash);
        this.primary?.set({ hash: action.templateHash, restoreHash: action.savedHash }, this.now);
        break;
      case "RestoreTemplate":
        if (!this.#saved.has(action.savedHash)) throw new Error("nothing was saved");
        this.primary?.set({ hash: action.savedHash }, this.now);
        break;
      case "ConfirmTemplate":
        this.primary?.confirm();
        break;
      case "RemoveAbort":
        if (this.abort === action.value) this.abort = undefined;
        break;
      case "RemoveGenerated":
        if (action.part === "Subsets") this.generated = { ...this.generated, hasSubsets: false };
        else {
          this.generated = { ...this.generated, hasRoute: false };
          this.#routeGoneAt = this.now;
        }
        break;
      case "DeletePrimary":
        this.primary = undefined;
        break;
      case "SetFinalizer":
        this.isGone = this.isDeleted && !action.wanted;
        break;
      case "ReadNamespace":
        this.#namespaceReadAt = this.now;
        return;
      // Its stages ask for no copies, and its routes need no Services.
      case "SetMirror":
      case "CreateObjects":
        break;
    }
    this.#written();
  }

  #route(weight: number): void {
    this.weight = weight;
    this.#written();
  }

  #persist(status: CanaryStatus): void {
    const before = this.status;
    this.status = JSON.parse(JSON.stringify(status));
    const wanted = status.canaryWeight ?? 0;
    if (wanted > (before.canaryWeight ?? 0)) this.rises.push(wanted);
    if (status.phase !== undefined && status.phase !== before.phase) this.phases.push(status.phase);
    const known = new Set(before.outbox?.map((entry) => entry.id));
    for (const { id, reason } of status.outbox ?? []) if (!known.has(id)) this.told.push(reason);
    this.#written();
  }

  #written(): void {
    this.writes += 1;
    if (this.writes === this.diesAfter) throw new Death();
  }
}
