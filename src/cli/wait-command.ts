/** `serin wait`: until the template that the Deployment has now is promoted, or is not going to be. */
import { isNotFound } from "../adapters/kubernetes/api-error.ts";
import { resourcePath } from "../adapters/kubernetes/paths.ts";
import { isRawObject, isRecord } from "../adapters/kubernetes/raw-object.ts";
import { deployments } from "../adapters/kubernetes/workloads/informers.ts";
import { hashTemplate } from "../adapters/kubernetes/workloads/template-hash.ts";
import { type CanaryView, readCanary } from "./canary-objects.ts";
import { type ClusterAccess, type ClusterFlags, withCluster } from "./cluster-access.ts";
import { CommandError } from "./command-error.ts";
import { parseDuration, showDuration } from "./durations.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { followCanaries } from "./follow-canaries.ts";
import { ARRIVAL_GRACE_MS, SILENCE_HINT_MS } from "./limits.ts";
import { createProgress } from "./release-progress.ts";
import { judgeRelease, type Push, type ReleaseVerdict } from "./release-verdict.ts";
import type { Surroundings, TextOutput } from "./terminal.ts";

export interface WaitFlags extends ClusterFlags {
  readonly timeout: string;
  readonly keepWaiting?: boolean;
}

export interface WaitOptions {
  readonly name: string;
  /** 0: as long as it takes. */
  readonly timeoutMs: number;
  /** Go on where a human must act. */
  readonly isPatient: boolean;
  readonly stdout: TextOutput;
}

export function waitCommand(
  name: string,
  flags: WaitFlags,
  surroundings: Surroundings,
): Promise<number> {
  const timeoutMs = parseDuration("timeout", flags.timeout);
  const isPatient = flags.keepWaiting === true;
  return withCluster(flags, surroundings, (cluster) =>
    waitForRelease(cluster, { name, timeoutMs, isPatient, stdout: surroundings.stdout }),
  );
}

/** Exit code 0 when promoted. Throws CommandError with another one, see exit-codes.ts. */
export async function waitForRelease(
  cluster: ClusterAccess,
  options: WaitOptions,
): Promise<number> {
  const view = await readCanary(cluster, options.name);
  const push = await readPush(cluster, view);
  const message = await new Promise<string>((resolve, reject) => {
    const wait = new Wait(cluster, options, push, { resolve, reject });
    wait.begin();
  });
  options.stdout.write(`${message}\n`);
  return exitCodes.done;
}

async function readPush(
  { transport, signal }: ClusterAccess,
  { spec, name, namespace }: CanaryView,
): Promise<Push> {
  const target = spec?.targetRef.name;
  if (target === undefined)
    throw new CommandError(
      exitCodes.needsHuman,
      `Canary ${name} does not satisfy the schema of this version of serin; see: serin get ${name} -o yaml`,
    );
  try {
    const path = resourcePath(deployments, { namespace, name: target });
    const answer = await transport.request({ method: "GET", path, signal });
    const template =
      isRawObject(answer) && isRecord(answer.spec) ? answer.spec.template : undefined;
    if (!isRawObject(answer) || !isRecord(template))
      throw new CommandError(exitCodes.noCluster, "the server's answer is no Deployment");
    const { generation } = answer.metadata;
    return {
      generation: typeof generation === "number" ? generation : 0,
      templateHash: hashTemplate(template),
    };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new CommandError(
      exitCodes.failed,
      `Canary ${name} releases Deployment ${target}, which is not in namespace ${namespace}`,
    );
  }
}

interface Ending {
  readonly resolve: (message: string) => void;
  readonly reject: (error: Error) => void;
}

/** One wait, from its begin to its one end. */
class Wait {
  readonly #cluster: ClusterAccess;
  readonly #options: WaitOptions;
  readonly #ending: Ending;
  readonly #startedAt: number;
  readonly #progress: ReturnType<typeof createProgress>;
  #push: Push;
  #cancels: (() => void)[] = [];
  #arrivingSince: number | undefined;
  #latest: CanaryView | undefined;
  #isOver = false;

  constructor(cluster: ClusterAccess, options: WaitOptions, push: Push, ending: Ending) {
    this.#cluster = cluster;
    this.#options = options;
    this.#push = push;
    this.#ending = ending;
    this.#startedAt = cluster.clock.monotonic();
    this.#progress = createProgress(options.stdout, () => cluster.clock.monotonic());
  }

  begin(): void {
    const { clock, signal } = this.#cluster;
    const { name, timeoutMs } = this.#options;
    const giveUp = (): void =>
      this.#fail(exitCodes.interrupted, "interrupted; the release goes on");
    signal.addEventListener("abort", giveUp, { once: true });
    this.#cancels.push(() => signal.removeEventListener("abort", giveUp));
    if (timeoutMs > 0) this.#cancels.push(clock.setTimer(timeoutMs, () => this.#timeOut()));
    this.#cancels.push(clock.setTimer(SILENCE_HINT_MS, () => this.#hint()));
    const stop = followCanaries(
      this.#cluster,
      { namespace: this.#cluster.namespace, name },
      {
        onView: (view) => this.#look(view),
        onGone: () => this.#fail(exitCodes.failed, `Canary ${name} was deleted`),
        onTrouble: (because) => this.#progress.say(`connection lost, trying again: ${because}`),
        onRefused: (error) => this.#end(() => this.#ending.reject(error)),
      },
    );
    this.#cancels.push(() => void stop());
    if (signal.aborted) giveUp();
  }

  #look(view: CanaryView): void {
    if (this.#isOver) return;
    this.#latest = view;
    if (!view.isStatusWhole) {
      this.#fail(exitCodes.needsHuman, otherVersion(view));
      return;
    }
    this.#learnHash(view);
    const verdict = judgeRelease(view.status, view.generation, this.#push);
    if (verdict.kind !== "NotSeen") this.#progress.show(view);
    this.#act(verdict, view);
  }

  /** The controller's own name for the template, where it says so: another version of it may count differently. */
  #learnHash({ status }: CanaryView): void {
    const seen = status.workloads?.target;
    if (seen?.generation === this.#push.generation)
      this.#push = { ...this.#push, templateHash: seen.templateHash };
  }

  #act(verdict: ReleaseVerdict, view: CanaryView): void {
    const { name } = view;
    switch (verdict.kind) {
      case "NotSeen":
        this.#progress.sayOnce(
          `waiting for the controller to look at generation ${this.#push.generation} of the Deployment`,
        );
        return;
      case "Running":
        this.#arrivingSince = undefined;
        return;
      case "Promoted":
        this.#end(() => this.#ending.resolve(this.#sayPromoted(view)));
        return;
      case "Failed":
        this.#fail(exitCodes.failed, `the release of ${name} failed: ${verdict.because}`);
        return;
      case "Overtaken":
        this.#fail(exitCodes.overtaken, overtaken(name, verdict.outcome));
        return;
      case "NeedsHuman":
        if (!this.#options.isPatient && !this.#isStillArriving(verdict.reason))
          this.#fail(exitCodes.needsHuman, needsHuman(view, verdict));
        return;
    }
  }

  #sayPromoted({ name, status }: CanaryView): string {
    const took = showDuration(this.#cluster.clock.monotonic() - this.#startedAt);
    const isOwn = status.release?.templateHash === this.#push.templateHash;
    return this.#progress.hasShownRelease() && isOwn
      ? `${name} is promoted, after ${took}`
      : `${name} is promoted: this template serves already`;
  }

  /** Manifests are applied one after the other: what is not there yet may be there in a moment. */
  #isStillArriving(reason: string): boolean {
    if (!reason.endsWith("NotFound")) return false;
    const { clock } = this.#cluster;
    if (this.#arrivingSince === undefined) {
      this.#arrivingSince = clock.monotonic();
      const lookAgain = (): void => {
        if (this.#latest !== undefined) this.#look(this.#latest);
      };
      this.#cancels.push(clock.setTimer(ARRIVAL_GRACE_MS, lookAgain));
    }
    return clock.monotonic() - this.#arrivingSince < ARRIVAL_GRACE_MS;
  }

  #hint(): void {
    const observed = this.#latest?.status.observedTargetGeneration ?? 0;
    if (observed >= this.#push.generation) return;
    this.#progress.say(
      `no controller has looked at it for ${showDuration(SILENCE_HINT_MS)}; is one running, and in this namespace?`,
    );
  }

  #timeOut(): void {
    const { name, timeoutMs } = this.#options;
    const now = this.#latest?.status.message ?? "nothing was heard of it";
    this.#fail(
      exitCodes.timedOut,
      `${name} is not promoted after ${showDuration(timeoutMs)}; the release goes on: ${now}`,
    );
  }

  #fail(code: ExitCode, message: string): void {
    this.#end(() => this.#ending.reject(new CommandError(code, message)));
  }

  #end(settle: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const cancel of this.#cancels) cancel();
    settle();
  }
}

function otherVersion({ name }: CanaryView): string {
  return `the controller of ${name} is of another version than this serin, which cannot read its status; use the serin of that version`;
}

function overtaken(name: string, outcome: "Superseded" | "Reverted"): string {
  return outcome === "Reverted"
    ? `the release of ${name} was reverted: the Deployment got the promoted template back`
    : `the release of ${name} was superseded: the Deployment got another template`;
}

function needsHuman(
  { name, namespace }: CanaryView,
  { reason, because }: Extract<ReleaseVerdict, { kind: "NeedsHuman" }>,
): string {
  return `the release of ${name} needs a human: ${reason}: ${because}\nSee: serin get ${name} -n ${namespace}`;
}
