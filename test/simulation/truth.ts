/** The world as it really is: one shop with its Canary, workloads, routes and clients. Knows nothing of who watches it. */
import type { CanarySpec } from "../../src/api/canary-spec.ts";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import type { FrozenSpec } from "../../src/core/canary/freeze.ts";
import type {
  Commands,
  Deletion,
  Pods,
  RouteWriter,
  Workload,
} from "../../src/core/canary/snapshot.ts";
import type { ManualClock } from "../support/manual-clock.ts";
import { type Behaviour, ToyDeployment } from "../support/toy-deployment.ts";

export type Kind = "Canary" | "Workloads" | "Routes" | "Specs";

export interface RoutesTruth {
  readonly weight: number;
  /** Percentage of the requests that the target gets copies of. */
  readonly mirror: number;
  /** Who wrote them last. */
  readonly writer: RouteWriter["kind"];
  readonly version: number;
}

/** Requests and bad answers since the beginning. */
export type Counts = Readonly<Record<"web" | "web-primary", { total: number; bad: number }>>;

/** Both versions as an API server shows them. */
export interface WorkloadsTruth {
  readonly target: Workload;
  readonly primary: Workload | undefined;
  readonly pods: Pods;
  readonly version: number;
}

export interface CanaryTruth {
  readonly spec: CanarySpec;
  readonly status: CanaryStatus;
  readonly commands: Commands;
  readonly deletion: Deletion;
  /** Deleted, and held by nobody any more. */
  readonly isGone: boolean;
  readonly generation: number;
  readonly version: number;
}

/** Specs that releases are held to, by name. */
export interface SpecsTruth {
  readonly kept: ReadonlyMap<string, FrozenSpec>;
  readonly version: number;
}

export interface TruthEvents {
  /** Something of this kind is different now. */
  readonly onChange: (kind: Kind) => void;
  readonly onWeight: (weight: number, writer: RouteWriter["kind"]) => void;
  readonly onPrimaryTemplate: (hash: string) => void;
  readonly onStatus: (status: CanaryStatus) => void;
  /** Requests that nobody could answer. */
  readonly onLost: (requests: number) => void;
  readonly onServed: (hash: string, requests: number, bad: number) => void;
}

const requestsPerSecond = 100;
const startReplicas = 4;

export class Truth {
  readonly #clock: ManualClock;
  readonly #random: () => number;
  readonly #events: TruthEvents;
  readonly #behaviours: Readonly<Record<string, Behaviour>>;
  readonly target: ToyDeployment;
  primary: ToyDeployment | undefined;
  canary: CanaryTruth;
  routes: RoutesTruth = { weight: 100, mirror: 0, writer: "Hand", version: 1 };
  readonly savedTemplates = new Set<string>();
  specs: SpecsTruth = { kept: new Map(), version: 1 };
  /** As callers count: live requests alone. */
  readonly answered = noCounts();
  /** As the pods count: live requests and copies. */
  readonly received = noCounts();
  #mesh: Pick<RoutesTruth, "weight" | "mirror"> = this.routes;
  #workloadsVersion = 1;

  constructor(
    world: { readonly clock: ManualClock; readonly random: () => number },
    spec: CanarySpec,
    behaviours: Readonly<Record<string, Behaviour>>,
    events: TruthEvents,
  ) {
    this.#clock = world.clock;
    this.#random = world.random;
    this.#events = events;
    this.#behaviours = behaviours;
    const now = this.#clock.now();
    const template = { hash: "v0", replicas: startReplicas, now: now - 60_000 };
    this.target = new ToyDeployment("web", template, behaviours);
    this.target.roll(now);
    const commands = { abort: undefined, command: undefined };
    const deletion = { isAsked: false, isHeld: false };
    this.canary = {
      spec,
      status: {},
      commands,
      deletion,
      isGone: false,
      generation: 1,
      version: 1,
    };
  }

  /** Wall time, ms. */
  get now(): number {
    return this.#clock.now();
  }

  workloads(): WorkloadsTruth {
    const now = this.#clock.now();
    return {
      target: this.target.workload(now),
      primary: this.primary?.workload(now),
      pods: { canary: this.target.pods(now), primary: this.primary?.pods(now) ?? [] },
      version: this.#workloadsVersion,
    };
  }

  putStatus(status: CanaryStatus): void {
    // As over the wire: nothing that JSON does not carry survives.
    const copy: CanaryStatus = JSON.parse(JSON.stringify(status));
    this.#changeCanary({ status: copy });
    this.#events.onStatus(copy);
  }

  /** An annotation is set or removed: somebody asks, or Serin has heard. */
  ask(commands: Partial<Commands>): void {
    this.#changeCanary({ commands: { ...this.canary.commands, ...commands } });
  }

  edit(spec: Partial<CanarySpec>): void {
    const generation = this.canary.generation + 1;
    this.#changeCanary({ spec: { ...this.canary.spec, ...spec }, generation });
  }

  /** As kubectl delete: it is gone once nobody holds it. */
  delete(): void {
    const { isHeld } = this.canary.deletion;
    this.#changeCanary({ deletion: { isAsked: true, isHeld }, isGone: !isHeld });
  }

  hold(isHeld: boolean): void {
    const { isAsked } = this.canary.deletion;
    this.#changeCanary({ deletion: { isAsked, isHeld }, isGone: isAsked && !isHeld });
  }

  route(change: { weight?: number; mirror?: number }, writer: RouteWriter["kind"]): void {
    const { version, ...before } = this.routes;
    const after = { ...before, ...change, writer };
    if (after.weight === before.weight && after.mirror === before.mirror) return;
    this.routes = { ...after, version: version + 1 };
    if (after.weight !== before.weight) this.#events.onWeight(after.weight, writer);
    this.#events.onChange("Routes");
  }

  keepSpec(name: string, content: FrozenSpec): void {
    const kept = new Map(this.specs.kept).set(name, content);
    this.specs = { kept, version: this.specs.version + 1 };
    this.#events.onChange("Specs");
  }

  createPrimary(hash: string, replicas: number): void {
    if (this.primary !== undefined) return;
    const now = this.#clock.now();
    this.primary = new ToyDeployment("web-primary", { hash, replicas, now }, this.#behaviours);
    this.#events.onPrimaryTemplate(hash);
    this.#changedWorkloads();
  }

  confirmPrimary(): void {
    this.primary?.confirm();
    this.#changedWorkloads();
  }

  change(
    role: "Target" | "Primary",
    change: { hash?: string; restoreHash?: string; replicas?: number },
  ): void {
    const deployment = role === "Target" ? this.target : this.primary;
    if (deployment === undefined) return;
    const isNew = change.hash !== undefined && change.hash !== deployment.hash;
    deployment.set(change, this.#clock.now());
    if (role === "Primary" && isNew) this.#events.onPrimaryTemplate(deployment.hash);
    this.#changedWorkloads();
  }

  deletePrimary(): void {
    this.primary = undefined;
    this.#changedWorkloads();
  }

  /** One second of the world: pods start and go, clients call, the mesh hears of new weights. */
  second(): void {
    const now = this.#clock.now();
    const rolled = [this.target, this.primary].map((one) => one?.roll(now) === true);
    if (rolled.includes(true)) this.#changedWorkloads();
    this.#serve(now);
    this.#mesh = this.routes;
  }

  #changeCanary(change: Partial<CanaryTruth>): void {
    this.canary = { ...this.canary, ...change, version: this.canary.version + 1 };
    this.#events.onChange("Canary");
  }

  #changedWorkloads(): void {
    this.#workloadsVersion += 1;
    this.#events.onChange("Workloads");
  }

  #serve(now: number): void {
    const canary = this.#draw(requestsPerSecond, this.#mesh.weight / 100);
    this.#answer("web", this.target, canary, now);
    const copies = this.#draw(requestsPerSecond - canary, this.#mesh.mirror / 100);
    const badShare = this.target.answer(now);
    if (badShare !== undefined) count(this.received.web, copies, this.#draw(copies, badShare));
    this.#answer("web-primary", this.primary, requestsPerSecond - canary, now);
  }

  #answer(
    workload: "web" | "web-primary",
    deployment: ToyDeployment | undefined,
    requests: number,
    now: number,
  ): void {
    const badShare = deployment?.answer(now);
    if (requests === 0) return;
    if (deployment === undefined || badShare === undefined) {
      this.#events.onLost(requests);
      return;
    }
    const bad = this.#draw(requests, badShare);
    count(this.answered[workload], requests, bad);
    count(this.received[workload], requests, bad);
    this.#events.onServed(deployment.hash, requests, bad);
  }

  /** How many of `n` come out, each with probability `share`. */
  #draw(n: number, share: number): number {
    if (share <= 0) return 0;
    if (share >= 1) return n;
    let count = 0;
    for (let index = 0; index < n; index += 1) if (this.#random() < share) count += 1;
    return count;
  }
}

function noCounts(): Counts {
  return { web: { total: 0, bad: 0 }, "web-primary": { total: 0, bad: 0 } };
}

function count(counts: { total: number; bad: number }, requests: number, bad: number): void {
  counts.total += requests;
  counts.bad += bad;
}
