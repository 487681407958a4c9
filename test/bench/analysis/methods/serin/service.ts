/** The Canary under release as decisions see it: its workloads, pods and routes, all of them well. Decides nothing. */
import type { CanarySpec } from "../../../../../src/api/canary-spec.ts";
import type { CanaryStatus } from "../../../../../src/api/canary-status.ts";
import type { Action } from "../../../../../src/core/canary/decision.ts";
import type { Routes, Snapshot } from "../../../../../src/core/canary/snapshot.ts";
import { known } from "../../../../../src/core/fact.ts";
import {
  aPod,
  aSnapshot,
  aWorkload,
  initialized,
  settled,
  someRoutes,
} from "../../../../support/snapshots.ts";
import { canaryPods, stablePods } from "../../traces/trace.ts";

/** A whole minute at which the canary gets its first traffic, ms. */
export const startAt = Date.UTC(2026, 10, 21, 12, 0, 0);

const rested = {
  uid: "7c8d",
  generation: 7,
  templateHash: "good",
  replicas: stablePods,
};

export class Service {
  readonly #spec: CanarySpec;
  #status: CanaryStatus;
  #weight = 0;
  #replicas = canaryPods;

  constructor(spec: CanarySpec) {
    this.#spec = spec;
    this.#status = {
      ...settled(initialized()),
      workloads: { target: rested, primary: rested },
    };
  }

  get status(): CanaryStatus {
    return this.#status;
  }

  get weight(): number {
    return this.#weight;
  }

  persist(status: CanaryStatus): void {
    this.#status = status;
  }

  route(weight: number): void {
    this.#weight = weight;
  }

  carryOut(action: Action): void {
    if (action.kind === "SetWeight") this.#weight = action.canaryWeight;
    if (action.kind === "Scale" && action.role === "Target") this.#replicas = action.replicas;
  }

  /** `now` in ms. The canary's pods are ready from `startAt` on. */
  snapshot(now: number): Snapshot {
    const isReady = now >= startAt;
    const spec = known(this.#spec);
    return aSnapshot({
      status: this.#status,
      spec,
      asked: spec,
      target: known(
        aWorkload({
          templateHash: "next",
          images: ["web:2"],
          generation: 8,
          replicas: this.#replicas,
          availableReplicas: isReady ? this.#replicas : 0,
        }),
      ),
      primary: known(
        aWorkload({ name: "web-primary", replicas: stablePods, availableReplicas: stablePods }),
      ),
      routes: known(this.#routes()),
      pods: known({
        canary: Array.from({ length: canaryPods }, (_, index) =>
          aPod({
            name: `web-${index}`,
            createdAt: startAt - 30_000,
            isReady,
            hasServed: isReady,
            readyChangedAt: isReady ? startAt : startAt - 30_000,
          }),
        ),
        primary: Array.from({ length: stablePods }, (_, index) =>
          aPod({ name: `web-primary-${index}`, templateHash: "good" }),
        ),
      }),
      told: new Set(this.#status.outbox?.map(({ id }) => id)),
    });
  }

  #routes(): Routes {
    return someRoutes({ canaryWeight: this.#weight });
  }
}
