/**
 * The ports in memory, for tests of the controller: a world that keeps what is written to it and shows it to who
 * reads. Every write goes through `onWrite`, where a test can make it slow or let it fail.
 */
import { createHash } from "node:crypto";
import type { AlertProviderSpec } from "../../src/api/alert-provider.ts";
import { AnalysisTemplateSpec } from "../../src/api/analysis-template.ts";
import { CanarySpec } from "../../src/api/canary-spec.ts";
import type { CanaryStatus, OutboxEntry } from "../../src/api/canary-status.ts";
import type { ControllerPorts } from "../../src/controller/deps.ts";
import { fromKey, toKey } from "../../src/controller/key.ts";
import { standingClaims } from "../../src/core/canary/claims.ts";
import type { FrozenSpec } from "../../src/core/canary/freeze.ts";
import type {
  Deletion,
  Identity,
  Namespace,
  Pods,
  Workload,
} from "../../src/core/canary/snapshot.ts";
import { type Fact, known, missing, unknown } from "../../src/core/fact.ts";
import type { CanaryObject, Cluster, FoundTemplate, StatusWrite } from "../../src/ports/cluster.ts";
import { RetryableError } from "../../src/ports/errors.ts";
import type { CanaryNumbers, Metrics } from "../../src/ports/metrics.ts";
import type { Delivery, Message, Notifier } from "../../src/ports/notifier.ts";
import type { SpecRevisions } from "../../src/ports/spec-revisions.ts";
import type { RouteScope, TrafficRouter } from "../../src/ports/traffic-router.ts";
import type { TemplateHashes, WorkloadScope, Workloads } from "../../src/ports/workloads.ts";
import { FakeSource } from "./fake-source.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import { createRecordingLog, type RecordingLog } from "./recording-log.ts";
import { noCommands } from "./snapshots.ts";

/** `writeStatus shop/orders`, `lower shop/orders`, … Throws or waits to make the write fail or slow. */
export type WriteFault = (write: string) => Promise<void> | void;

/** What all fakes share. */
export class Writes {
  onWrite: WriteFault = () => undefined;
  /** Told of every change of a route or workload, as the watches of a real world tell. */
  onChange: () => void = () => undefined;
  /** Writes that were begun, in order. */
  readonly begun: string[] = [];

  async pass(write: string): Promise<void> {
    this.begun.push(write);
    await this.onWrite(write);
  }
}

export class FakeCluster implements Cluster {
  readonly #writes: Writes;
  readonly #canaries = new Map<string, CanaryObject>();
  readonly templates = new Map<string, Fact<FoundTemplate>>();
  readonly providers = new Map<string, Fact<AlertProviderSpec>>();
  /** Events by the id of their entry. */
  readonly events = new Map<string, OutboxEntry>();
  readonly providerProblems: string[] = [];
  /** Namespaces that are being deleted. */
  readonly ending = new Set<string>();
  readonly #namespaces = new Map<string, Fact<Namespace>>();
  /** Of Canaries that were created at another time than the rest, by key. */
  readonly createdAt = new Map<string, string>();
  /** Statuses as they were written, oldest first. */
  readonly written: CanaryStatus[] = [];
  /** Told of every change, as the watch of a real one tells. */
  onChange: (key: string) => void = () => undefined;
  #version = 0;

  constructor(writes: Writes) {
    this.#writes = writes;
  }

  put(key: string, spec: Fact<CanarySpec>, status: CanaryStatus = {}, uid = "uid-1"): void {
    this.#version += 1;
    const version = { generation: 1, resourceVersion: String(this.#version) };
    const deletion = { isAsked: false, isHeld: true };
    const createdAt = this.createdAt.get(key) ?? "2026-11-21T11:00:00Z";
    const identity = { ...fromKey(key), uid, ...version };
    this.#canaries.set(key, { identity, commands: noCommands, deletion, createdAt, spec, status });
    this.onChange(key);
  }

  /** Marks a Canary as being deleted, or as not held. */
  mark(key: string, deletion: Deletion): void {
    const now = this.#canaries.get(key);
    if (now === undefined) return;
    this.#canaries.set(key, { ...now, deletion });
    this.onChange(key);
  }

  namespace(name: string): Fact<Namespace> {
    return this.#namespaces.get(name) ?? unknown("not read yet");
  }

  async readNamespace(name: string): Promise<void> {
    await this.#writes.pass(`readNamespace ${name}`);
    this.#namespaces.set(name, known({ isEnding: this.ending.has(name), readAt: 0 }));
  }

  async setFinalizer(identity: Identity, wanted: boolean): Promise<void> {
    const key = toKey(identity);
    await this.#writes.pass(`setFinalizer ${key} ${wanted}`);
    const isAsked = this.#canaries.get(key)?.deletion.isAsked === true;
    if (isAsked && !wanted) this.remove(key);
    else this.mark(key, { isAsked, isHeld: wanted });
  }

  remove(key: string): void {
    this.#canaries.delete(key);
    this.onChange(key);
  }

  status(key: string): CanaryStatus {
    return this.#canaries.get(key)?.status ?? {};
  }

  canary(key: { namespace: string; name: string }): CanaryObject | undefined {
    return this.#canaries.get(toKey(key));
  }

  canaries(): readonly Identity[] {
    return [...this.#canaries.values()].map(({ identity }) => identity);
  }

  claimants(namespace: string, claim: string): readonly CanaryObject[] {
    return [...this.#canaries.values()].filter(
      ({ identity, spec, status }) =>
        identity.namespace === namespace &&
        standingClaims(namespace, spec, status).some(({ key }) => key === claim),
    );
  }

  template(_namespace: string, { name }: { readonly name: string }): Fact<FoundTemplate> {
    return this.templates.get(name) ?? missing("TemplateNotFound", `there is no template ${name}`);
  }

  alertProvider(_namespace: string, name: string): Fact<AlertProviderSpec> {
    return this.providers.get(name) ?? missing("ProviderNotFound", `there is no ${name}`);
  }

  async writeStatus({ identity, status, mode }: StatusWrite): Promise<void> {
    const key = toKey(identity);
    await this.#writes.pass(`writeStatus ${key}`);
    const now = this.#canaries.get(key);
    const isSame =
      now?.identity.uid === identity.uid &&
      (mode === "Urgent" || now.identity.resourceVersion === identity.resourceVersion);
    if (now === undefined || !isSame) throw new RetryableError("Conflict", `${key} changed`);
    this.written.push(status);
    this.#version += 1;
    const resourceVersion = String(this.#version);
    this.#canaries.set(key, { ...now, identity: { ...now.identity, resourceVersion }, status });
    this.onChange(key);
  }

  async removeAbort(identity: Identity, value: string): Promise<void> {
    const key = toKey(identity);
    await this.#writes.pass(`removeAbort ${key} ${value}`);
  }

  async recordEvent(identity: Identity, entry: OutboxEntry): Promise<void> {
    await this.#writes.pass(`recordEvent ${toKey(identity)} ${entry.id}`);
    this.events.set(entry.id, entry);
  }

  async recordProviderProblem(
    { namespace }: Identity,
    name: string,
    because: string,
  ): Promise<void> {
    await this.#writes.pass(`recordProviderProblem ${namespace}/${name}`);
    this.providerProblems.push(`${namespace}/${name}: ${because}`);
  }
}

export class FakeRouter implements TrafficRouter {
  readonly #writes: Writes;
  readonly #weights = new Map<string, { canaryWeight: number; version: number }>();
  /** Percent of requests copied, by key. */
  readonly mirrors = new Map<string, number>();
  /** Instead of what is there. */
  missing: Fact<never> | undefined;

  constructor(writes: Writes) {
    this.#writes = writes;
  }

  /** Percent, 0 as long as nobody has set any. */
  weight(key: string): number {
    return this.#weights.get(key)?.canaryWeight ?? 0;
  }

  set(key: string, canaryWeight: number): void {
    // As an API server does: what changes nothing is no new version, and nobody is told.
    if (this.weight(key) === canaryWeight) return;
    this.#weights.set(key, { canaryWeight, version: (this.#weights.get(key)?.version ?? 0) + 1 });
    this.#writes.onChange();
  }

  observe(scope: RouteScope): ReturnType<TrafficRouter["observe"]> {
    if (this.missing !== undefined) return this.missing;
    const key = keyOf(scope);
    return known({
      canaryWeight: this.weight(key),
      isUniform: true,
      mirror: this.#mirrorOf(key),
      hasUnmanagedRules: false,
      otherRoutes: [],
      missingObjects: [],
      writer: { kind: "Unknown", manager: "" },
      resourceVersions: { [key]: String(this.#weights.get(key)?.version ?? 0) },
    });
  }

  async createObjects(scope: RouteScope): Promise<void> {
    await this.#writes.pass(`createObjects ${keyOf(scope)}`);
  }

  async raise(
    scope: RouteScope,
    canaryWeight: number,
    resourceVersions: Readonly<Record<string, string>>,
  ): Promise<void> {
    const key = keyOf(scope);
    await this.#writes.pass(`raise ${key} ${canaryWeight}`);
    if (resourceVersions[key] !== String(this.#weights.get(key)?.version ?? 0))
      throw new RetryableError("Conflict", `the routes of ${key} changed`);
    this.set(key, canaryWeight);
  }

  async mirror(scope: RouteScope, percentage: number): Promise<void> {
    const key = keyOf(scope);
    await this.#writes.pass(`mirror ${key} ${percentage}`);
    this.mirrors.set(key, percentage);
    this.#writes.onChange();
  }

  async lower(scope: RouteScope, canaryWeight: number): Promise<void> {
    const key = keyOf(scope);
    await this.#writes.pass(`lower ${key} ${canaryWeight}`);
    this.mirrors.delete(key);
    this.set(key, Math.min(canaryWeight, this.weight(key)));
  }

  generatedRoute(): ReturnType<TrafficRouter["generatedRoute"]> {
    return known("None");
  }

  async removeGenerated(scope: RouteScope): Promise<void> {
    await this.#writes.pass(`removeGenerated ${keyOf(scope)}`);
  }

  #mirrorOf(key: string) {
    const percentage = this.mirrors.get(key);
    return percentage === undefined ? undefined : { percentage, isUniform: true };
  }
}

/** Targets and primaries whose pods are there as soon as they are asked for. */
export class FakeWorkloads implements Workloads {
  readonly #writes: Writes;
  readonly #byName = new Map<string, Workload>();
  readonly selectors = new Map<string, Fact<{ label: string; value: string }>>();
  /** Targets whose pods are watched. */
  readonly watched = new Set<string>();
  pods: Pods = { canary: [], primary: [] };
  #version = 0;

  constructor(writes: Writes) {
    this.#writes = writes;
  }

  put(name: string, workload: Partial<Workload>): void {
    this.#version += 1;
    const before = this.#byName.get(name);
    const replicas = workload.replicas ?? before?.replicas ?? 2;
    this.#byName.set(name, {
      templateHash: "v1",
      markedHash: undefined,
      restoreHash: undefined,
      images: ["shop/orders:1"],
      isRolledOut: true,
      refusedPods: undefined,
      ...before,
      generation: (before?.generation ?? 0) + 1,
      ...workload,
      name,
      uid: name,
      replicas,
      availableReplicas: workload.availableReplicas ?? replicas,
      readyReplicas: workload.readyReplicas ?? workload.availableReplicas ?? replicas,
      resourceVersion: String(this.#version),
    });
    this.#writes.onChange();
  }

  remove(name: string): void {
    this.#byName.delete(name);
    this.#writes.onChange();
  }

  get(name: string): Workload | undefined {
    return this.#byName.get(name);
  }

  observe({ target }: WorkloadScope): ReturnType<Workloads["observe"]> {
    return {
      target: this.#find(target, "TargetNotFound"),
      primary: this.#find(`${target}-primary`, "NotFound"),
      selector: this.selectors.get(target) ?? known({ label: "app", value: target }),
      autoscaler: known(undefined),
      neighbours: known([]),
      pods: this.watched.has(target) ? known(this.pods) : unknown("the pods are not watched"),
    };
  }

  #find(name: string, reason: string): Fact<Workload> {
    const found = this.#byName.get(name);
    return found === undefined ? missing(reason, `there is no ${name}`) : known(found);
  }

  watchPods({ target }: WorkloadScope, wanted: boolean): void {
    if (wanted) this.watched.add(target);
    else this.watched.delete(target);
  }

  async createPrimary(scope: WorkloadScope, replicas: number, templateHash: string): Promise<void> {
    await this.#writes.pass(`createPrimary ${keyOf(scope)}`);
    this.put(`${scope.target}-primary`, { replicas, templateHash });
  }

  async scale(
    { namespace, canary, target }: WorkloadScope,
    role: "Target" | "Primary",
    replicas: number,
    resourceVersion: string,
  ): Promise<void> {
    const name = role === "Target" ? target : `${target}-primary`;
    await this.#writes.pass(`scale ${namespace}/${canary} ${role} ${replicas}`);
    if (this.#byName.get(name)?.resourceVersion !== resourceVersion)
      throw new RetryableError("Conflict", `${name} changed`);
    this.put(name, { replicas });
  }

  async deletePrimary(scope: WorkloadScope, resourceVersion: string): Promise<void> {
    const name = `${scope.target}-primary`;
    await this.#writes.pass(`deletePrimary ${keyOf(scope)}`);
    if (this.#byName.get(name)?.resourceVersion !== resourceVersion)
      throw new RetryableError("Conflict", `${name} changed`);
    this.remove(name);
  }

  async copyTemplate(scope: WorkloadScope, hashes: TemplateHashes): Promise<void> {
    await this.#writes.pass(`copyTemplate ${keyOf(scope)}`);
    const { templateHash, savedHash } = hashes;
    this.put(`${scope.target}-primary`, { templateHash, restoreHash: savedHash });
  }

  async restoreTemplate(scope: WorkloadScope, savedHash: string): Promise<void> {
    await this.#writes.pass(`restoreTemplate ${keyOf(scope)}`);
    this.put(`${scope.target}-primary`, { templateHash: savedHash, restoreHash: undefined });
  }

  async confirmTemplate(scope: WorkloadScope): Promise<void> {
    await this.#writes.pass(`confirmTemplate ${keyOf(scope)}`);
    this.put(`${scope.target}-primary`, { restoreHash: undefined });
  }
}

export class FakeSpecRevisions implements SpecRevisions {
  readonly #writes: Writes;
  readonly kept = new Map<string, FrozenSpec>();
  /** False: the cache does not show what is kept, until somebody looks. */
  hasSynced = true;

  constructor(writes: Writes) {
    this.#writes = writes;
  }

  nameOf({ name }: Identity, content: FrozenSpec): string {
    return `${name}-spec-${createHash("sha256").update(JSON.stringify(content)).digest("hex")}`;
  }

  find(_canary: Identity, revision: string): Fact<FrozenSpec> {
    if (!this.hasSynced) return unknown("the revisions are not read");
    const found = this.kept.get(revision);
    return found === undefined
      ? missing("SpecRevisionMissing", `${revision} is gone`)
      : known(found);
  }

  async look(): Promise<void> {
    this.hasSynced = true;
    this.#writes.onChange();
  }

  async save(canary: Identity, content: FrozenSpec): Promise<void> {
    const name = this.nameOf(canary, content);
    await this.#writes.pass(`keepSpec ${toKey(canary)}`);
    this.kept.set(name, content);
    this.#writes.onChange();
  }
}

export class FakeNotifier implements Notifier {
  /** What arrived, oldest first. */
  readonly delivered: Message[] = [];
  /** How many times somebody tried. */
  attempts = 0;
  answer: (message: Message) => Promise<Delivery> | Delivery = () => ({ kind: "Delivered" });

  async send(_provider: AlertProviderSpec, _namespace: string, message: Message) {
    this.attempts += 1;
    const delivery = await this.answer(message);
    if (delivery.kind === "Delivered") this.delivered.push(message);
    return delivery;
  }
}

export class FakeMetrics implements Metrics {
  readonly shown = new Map<string, CanaryNumbers>();
  readonly releases: string[] = [];
  readonly rollbacks: { readonly step: string; readonly durationMs: number }[] = [];
  queueDepth = 0;
  violations = 0;
  isLeader = false;

  showCanary(series: { namespace: string; name: string }, numbers: CanaryNumbers): void {
    this.shown.set(toKey(series), numbers);
  }
  forgetCanary(series: { namespace: string; name: string }): void {
    this.shown.delete(toKey(series));
  }
  countRelease(series: { namespace: string; name: string }, outcome: string): void {
    this.releases.push(`${toKey(series)} ${outcome}`);
  }
  recordRollback(step: "applied" | "confirmed", durationMs: number): void {
    this.rollbacks.push({ step, durationMs });
  }
  setQueueDepth(keys: number): void {
    this.queueDepth = keys;
  }
  recordQueueLag(): void {}
  recordApiRequest(): void {}
  recordProviderRequest(): void {}
  countInvariantViolation(): void {
    this.violations += 1;
  }
  setLeader(isLeader: boolean): void {
    this.isLeader = isLeader;
  }
}

export interface FakePorts extends ControllerPorts {
  readonly cluster: FakeCluster;
  readonly router: FakeRouter;
  readonly workloads: FakeWorkloads;
  readonly specRevisions: FakeSpecRevisions;
  readonly source: FakeSource;
  readonly notifier: FakeNotifier;
  readonly metrics: FakeMetrics;
  readonly clock: ManualClock;
  readonly log: RecordingLog;
  readonly writes: Writes;
}

/** An empty world, at a standstill. */
export function createFakePorts(startMs?: number): FakePorts {
  const writes = new Writes();
  return {
    writes,
    cluster: new FakeCluster(writes),
    router: new FakeRouter(writes),
    workloads: new FakeWorkloads(writes),
    specRevisions: new FakeSpecRevisions(writes),
    source: new FakeSource(),
    notifier: new FakeNotifier(),
    metrics: new FakeMetrics(),
    clock: createManualClock(startMs),
    log: createRecordingLog(),
    random: () => 0,
  };
}

/** A template of an error rate, scraped every second. */
export function errorRateTemplate(address?: string): Fact<FoundTemplate> {
  const spec = AnalysisTemplateSpec.parse({
    provider: {
      prometheus: {
        scrapeSeconds: 1,
        timeoutSeconds: 1,
        ...(address !== undefined && { address }),
      },
    },
    ratio: { total: "requests_total", bad: 'requests_total{code=~"5.."}' },
  });
  return known({ spec, secretNamespace: "shop" });
}

/** A spec with one metric, checked every second, and short stages; `changes` replace whole fields. */
export function canarySpec(
  name: string,
  changes: Readonly<Record<string, unknown>> = {},
): CanarySpec {
  return CanarySpec.parse({
    targetRef: { name },
    routing: { istio: { virtualServices: [{ name }], propagationSeconds: 0 } },
    stages: [
      { weight: 10, minSeconds: 2 },
      { weight: 100, minSeconds: 2 },
    ],
    analysis: {
      intervalSeconds: 1,
      warmupSeconds: 0,
      metrics: [
        { name: "errors", templateRef: { name: "errors" }, limit: { max: 5 }, compare: null },
      ],
    },
    rollback: { canaryScaleDownDelaySeconds: 1 },
    ...changes,
  });
}

function keyOf({ namespace, canary }: { namespace: string; canary: string }): string {
  return `${namespace}/${canary}`;
}
