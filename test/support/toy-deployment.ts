/** A Deployment as plain data that a clock moves: pods start, replace older ones, and answer or crash as their template does. */
import type { Pod, Workload } from "../../src/core/canary/snapshot.ts";
import { aPod } from "./snapshots.ts";

/** How pods of a template behave. */
export interface Behaviour {
  /** Share of requests answered badly, 0 to 1. */
  readonly badShare?: number;
  /** Containers that end soon after they start. */
  readonly crashes?: boolean;
  /** Pods that never become ready. */
  readonly hangs?: boolean;
  /** Pods that never become ready as primary. */
  readonly hangsAsPrimary?: boolean;
}

interface ToyPod {
  readonly name: string;
  readonly hash: string;
  readonly createdAt: number;
}

const startMs = 3000;
const crashMs = 8000;

export class ToyDeployment {
  readonly #name: string;
  readonly #behaviours: Readonly<Record<string, Behaviour>>;
  #pods: readonly ToyPod[] = [];
  #version = 1;
  #generation = 1;
  #created = 0;
  hash: string;
  /** What the primary gets back unless it is promoted to the end. */
  restoreHash: string | undefined;
  replicas: number;

  constructor(
    name: string,
    template: { readonly hash: string; readonly replicas: number; readonly now: number },
    behaviours: Readonly<Record<string, Behaviour>>,
  ) {
    this.#name = name;
    this.#behaviours = behaviours;
    this.hash = template.hash;
    this.replicas = template.replicas;
    this.roll(template.now);
  }

  get resourceVersion(): string {
    return String(this.#version);
  }

  set(
    change: { readonly hash?: string; readonly restoreHash?: string; readonly replicas?: number },
    now: number,
  ): void {
    if (change.hash !== undefined) this.restoreHash = change.restoreHash;
    this.hash = change.hash ?? this.hash;
    this.replicas = change.replicas ?? this.replicas;
    this.#generation += 1;
    this.roll(now);
  }

  /** Nothing is to be restored any more: a label, and no new generation. */
  confirm(): void {
    this.restoreHash = undefined;
    this.#version += 1;
  }

  /** New pods come at once, older ones go when all new ones are ready. True when something is different now. */
  roll(now: number): boolean {
    const before = this.#look(now);
    const kept = this.#pods.filter((pod) => pod.hash === this.hash).slice(0, this.replicas);
    const older = this.#pods.filter((pod) => pod.hash !== this.hash);
    const fresh = Array.from({ length: this.replicas - kept.length }, () => {
      this.#created += 1;
      return { name: `${this.#name}-${this.#created}`, hash: this.hash, createdAt: now };
    });
    const current = [...kept, ...fresh];
    const isReplaced = current.every((pod) => this.#isReady(pod, now));
    this.#pods = isReplaced ? current : [...older, ...current];
    const isChanged = this.#look(now) !== before || this.#look(now) !== this.#look(now - 1000);
    if (isChanged) this.#version += 1;
    return isChanged;
  }

  /** Share of bad answers among the pods that are ready; undefined when none is. */
  answer(now: number): number | undefined {
    const ready = this.#pods.filter((pod) => this.#isReady(pod, now));
    if (ready.length === 0) return undefined;
    const bad = ready.map((pod) => this.#behaviours[pod.hash]?.badShare ?? 0);
    return bad.reduce((sum, share) => sum + share, 0) / ready.length;
  }

  workload(now: number): Workload {
    const current = this.#pods.filter((pod) => pod.hash === this.hash);
    const available = current.filter((pod) => this.#isReady(pod, now)).length;
    return {
      name: this.#name,
      uid: this.#name,
      generation: this.#generation,
      resourceVersion: this.resourceVersion,
      templateHash: this.hash,
      markedHash: undefined,
      restoreHash: this.restoreHash,
      images: [`web:${this.hash}`],
      replicas: this.replicas,
      availableReplicas: available,
      readyReplicas: this.#pods.filter((pod) => this.#isReady(pod, now)).length,
      refusedPods: undefined,
      isRolledOut: this.#pods.length === current.length && available === this.replicas,
    };
  }

  pods(now: number): readonly Pod[] {
    return this.#pods.map((pod) => {
      const isCrashing = this.#behaviours[pod.hash]?.crashes === true;
      return aPod({
        name: pod.name,
        templateHash: pod.hash,
        createdAt: pod.createdAt,
        isReady: this.#isReady(pod, now),
        hasServed: this.#isReady(pod, now),
        readyChangedAt: this.#isReady(pod, now) ? pod.createdAt + startMs : pod.createdAt,
        ...(isCrashing &&
          now - pod.createdAt >= crashMs && {
            crash: { container: "web", because: "CrashLoopBackOff" },
          }),
      });
    });
  }

  #isReady(pod: ToyPod, now: number): boolean {
    const { crashes, hangs, hangsAsPrimary } = this.#behaviours[pod.hash] ?? {};
    const isStuck = hangs === true || (hangsAsPrimary === true && this.#name === "web-primary");
    return crashes !== true && !isStuck && now - pod.createdAt >= startMs;
  }

  #look(now: number): string {
    return JSON.stringify(this.pods(now).map(({ name, isReady, crash }) => [name, isReady, crash]));
  }
}
