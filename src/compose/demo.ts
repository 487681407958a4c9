/** The demo: a good release and a bad one at the same time, in a sandbox of their own, and what came of them. */

import { decodeCanary } from "../adapters/kubernetes/cluster/decode.ts";
import { canaryResource } from "../adapters/kubernetes/cluster/informers.ts";
import { createInformer, type Informer } from "../adapters/kubernetes/informer.ts";
import type { CanaryStatus, RollbackStatus } from "../api/canary-status.ts";
import { fromInstant } from "../core/instant.ts";
import type { CanaryObject } from "../ports/cluster.ts";
import type { ClientCount } from "../sandbox/mesh/client-counts.ts";
import {
  demoNamespace,
  deploymentPath,
  type Manifest,
  serviceManifests,
  sharedManifests,
} from "./demo-manifests.ts";
import { shippedTemplates } from "./manifests.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "./sandbox.ts";

/** Longest run, milliseconds. */
const deadlineMs = 120_000;
const goodName = "good-service";
const badName = "bad-service";

/** What is to be seen of the demo at one moment. */
export interface DemoView {
  readonly elapsedSeconds: number;
  readonly step: string;
  readonly good: CanaryStatus;
  readonly bad: CanaryStatus;
}

export interface DemoResult {
  readonly good: {
    readonly phase: string;
    readonly weights: readonly number[];
    readonly seconds: number;
  };
  readonly bad: {
    readonly phase: string;
    readonly reason: string;
    readonly peakWeight: number;
    readonly rollback: {
      readonly detectedSeconds: number;
      readonly appliedSeconds: number;
      readonly confirmedSeconds: number;
    };
    readonly requests: number;
    readonly failedRequests: number;
  };
}

export interface DemoOptions extends SandboxOptions {
  readonly signal: AbortSignal;
  readonly onView: (view: DemoView) => void;
}

/** Thrown when the demo was stopped or did not end in time. */
class DemoFailure extends Error {
  constructor(message: string) {
    super(message);
    this.name = "DemoFailure";
  }
}

/** Runs to the end of both releases. Throws DemoFailure. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const sandbox = await startSandbox(options);
  const demo = new Demo(sandbox, options);
  try {
    return await demo.play();
  } finally {
    await demo.close();
    await sandbox.stop();
  }
}

class Demo {
  readonly #sandbox: Sandbox;
  readonly #options: DemoOptions;
  readonly #canaries: Informer<CanaryObject>;
  readonly #startedAt: number;
  readonly #cancelDeadline: () => void;
  readonly #rises: number[] = [];
  #waiting: (() => void)[] = [];
  #step = "starting";

  constructor(sandbox: Sandbox, options: DemoOptions) {
    this.#sandbox = sandbox;
    this.#options = options;
    this.#startedAt = options.clock.monotonic();
    const transport = sandbox.world.admin;
    this.#canaries = createInformer({
      ...options,
      transport,
      resource: canaryResource,
      decode: decodeCanary,
    });
    this.#canaries.onChange((change) => {
      if (change.name === goodName)
        recordRise(this.#rises, change.before?.view.status, change.after?.view.status);
      this.#show();
      this.#wake();
    });
    options.signal.addEventListener("abort", () => this.#wake());
    this.#cancelDeadline = options.clock.setTimer(deadlineMs, () => this.#wake());
  }

  async play(): Promise<DemoResult> {
    const { clock } = this.#options;
    await this.#prepare();
    const clients = this.#sandbox.world.mesh.countClients(`${badName}.${demoNamespace}`);
    const changedAt = clock.now();
    await this.#release();
    await this.#until(() => this.#bothHave(isOver));
    this.#enter("done");
    const good = this.#statusOf(goodName);
    return {
      good: goodResult(good, this.#rises, changedAt),
      bad: badResult(this.#statusOf(badName), clients),
    };
  }

  async close(): Promise<void> {
    this.#cancelDeadline();
    await this.#canaries.stop();
  }

  async #prepare(): Promise<void> {
    this.#enter("creating two services with a Canary each");
    this.#canaries.start();
    await this.#apply(sharedManifests(await shippedTemplates()));
    await this.#apply([...serviceManifests(goodName), ...serviceManifests(badName)]);
    await this.#until(() => this.#bothHave(isReadyForRelease));
  }

  async #release(): Promise<void> {
    this.#enter("releasing version 2.0 of both; every fifth request to bad-service 2.0 fails");
    this.#rises.length = 0;
    await this.#patch(goodName, {});
    await this.#patch(badName, { "sandbox.serin.dev/error-percent": "20" });
    await this.#until(() => this.#bothHave((status) => status.phase !== "Initialized"));
  }

  async #apply(manifests: readonly Manifest[]): Promise<void> {
    for (const { path, body } of manifests)
      await this.#sandbox.world.admin.request({ method: "POST", path, body });
  }

  async #patch(name: string, annotations: Readonly<Record<string, string>>): Promise<void> {
    const body = version2(name, annotations);
    await this.#sandbox.world.admin.request({
      method: "PATCH",
      path: deploymentPath(name),
      patch: "strategic",
      body,
    });
  }

  #statusOf(name: string): CanaryStatus {
    return this.#canaries.get(demoNamespace, name)?.view.status ?? {};
  }

  #bothHave(holds: (status: CanaryStatus) => boolean): boolean {
    return holds(this.#statusOf(goodName)) && holds(this.#statusOf(badName));
  }

  #enter(step: string): void {
    this.#step = step;
    this.#show();
  }

  #show(): void {
    const elapsedMs = this.#options.clock.monotonic() - this.#startedAt;
    this.#options.onView({
      elapsedSeconds: Math.round(elapsedMs / 1000),
      step: this.#step,
      good: this.#statusOf(goodName),
      bad: this.#statusOf(badName),
    });
  }

  #wake(): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const resume of woken) resume();
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.#options.signal.aborted) throw new DemoFailure("stopped");
      if (this.#options.clock.monotonic() - this.#startedAt >= deadlineMs)
        throw new DemoFailure(`not done after ${deadlineMs / 1000} s: ${this.#step}`);
      await new Promise<void>((resume) => this.#waiting.push(resume));
    }
  }
}

function goodResult(
  status: CanaryStatus,
  rises: readonly number[],
  changedAt: number,
): DemoResult["good"] {
  const endedAt = fromInstant(status.history?.[0]?.endedAt ?? "");
  return {
    phase: status.phase ?? "",
    weights: [...rises],
    seconds: toSeconds(endedAt - changedAt),
  };
}

function recordRise(
  rises: number[],
  before: CanaryStatus | undefined,
  after: CanaryStatus | undefined,
): void {
  const weight = after?.canaryWeight ?? 0;
  if (weight > (before?.canaryWeight ?? 0)) rises.push(weight);
}

/** The drain of the initialisation is over too, so that its requests are not taken for the new version's. */
function isReadyForRelease(status: CanaryStatus): boolean {
  return status.phase === "Initialized" && status.drain === undefined;
}

function isOver(status: CanaryStatus): boolean {
  if (status.phase === "Succeeded") return true;
  return status.phase === "Failed" && status.release?.rollback?.confirmedAt !== undefined;
}

function badResult(status: CanaryStatus, clients: ClientCount): DemoResult["bad"] {
  const { phase = "", release: { rollback, peakWeight = 0 } = {} } = status;
  const onset = clients.stats().byWorkload[badName]?.firstRequestAt ?? 0;
  const counted = clients.between(onset, fromInstant(rollback?.confirmedAt ?? ""));
  return {
    phase,
    reason: rollback?.reason ?? "",
    peakWeight,
    rollback: timesSince(onset, rollback),
    requests: counted.requests,
    failedRequests: counted.failed,
  };
}

/** Seconds from the onset; 0 for what has not happened. */
function timesSince(
  onset: number,
  rollback: RollbackStatus | undefined,
): DemoResult["bad"]["rollback"] {
  const since = (at: string | undefined) =>
    at === undefined ? 0 : toSeconds(fromInstant(at) - onset);
  return {
    detectedSeconds: since(rollback?.decidedAt),
    appliedSeconds: since(rollback?.appliedAt),
    confirmedSeconds: since(rollback?.confirmedAt),
  };
}

function version2(name: string, annotations: Readonly<Record<string, string>>) {
  const containers = [{ name: "app", image: `example.com/${name}:2.0` }];
  return { spec: { template: { metadata: { annotations }, spec: { containers } } } };
}

function toSeconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
