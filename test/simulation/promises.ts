/**
 * What must hold in every simulated world, whatever happens in it: the promises of Serin as statements about routes,
 * templates, statuses and clients. It looks at the truth alone, never at what a controller believes.
 */
import type { CanarySpec } from "../../src/api/canary-spec.ts";
import { CanaryStatus } from "../../src/api/canary-status.ts";
import type { Behaviour } from "../support/toy-deployment.ts";

export interface Watched {
  readonly spec: CanarySpec;
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  /** Wall time, ms. */
  readonly now: () => number;
  /** When anything last went wrong that may have delayed Serin, ms. */
  readonly disturbedAt: () => number;
  /** Since when the metrics have given no numbers, ms; undefined while they do. */
  readonly unreadableSince: () => number | undefined;
  readonly targetHash: () => string;
}

const badShare = 0.05;
/** A hand on the weights may send requests where nobody answers until Serin, or the mesh, has followed. */
const handMs = 40_000;
/** Beside the bound of the spec: one tick of the mesh on each side, and the writes. */
const slackMs = 3_000;

export class Promises {
  readonly #watched: Watched;
  readonly violations: string[] = [];
  readonly #promoted = new Set(["v0"]);
  readonly #proven = new Set<string>();
  /** Versions whose promotion went to its end. */
  readonly #finished = new Set(["v0"]);
  /** Versions for which a person's word stands in for evidence, and those that a person took off. */
  readonly #vouched = new Set<string>();
  readonly #aborted = new Set<string>();
  #status: CanaryStatus = {};
  #weight = 100;
  #handAt = Number.NEGATIVE_INFINITY;
  /** Since when clients have been given bad answers by the version under release. */
  #exposedSince: number | undefined;
  /** Exposures that were measured against the bound, ms. */
  readonly exposures: number[] = [];

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  onWeight(weight: number, by: string): void {
    const before = this.#weight;
    this.#weight = weight;
    if (by !== "Serin") this.#handAt = this.#watched.now();
    else if (weight > before) this.#onRaise(weight);
    if (weight === 0) this.#endExposure();
  }

  onStatus(status: CanaryStatus): void {
    const before = this.#status;
    this.#status = status;
    const parsed = CanaryStatus.safeParse(status);
    if (!parsed.success) this.#violate(`a status that its schema refuses: ${parsed.error.message}`);
    const { release, phase } = status;
    this.#onCommand(before, status);
    if (isFurther(before, status)) this.#onPassed(before);
    if (phase === "Promoting" && release?.stage?.weight === 100) {
      if (release.stage.trafficConfirmedAt !== undefined) this.#proven.add(release.templateHash);
    }
    if (phase === "Finalising" && release !== undefined) this.#finished.add(release.templateHash);
    if (phase !== "Failed" || before.phase === "Failed" || release === undefined) return;
    if (release.rollback?.reason === "CanaryDeleted") return;
    if (!this.#isBad(release.templateHash) && !this.#aborted.has(release.templateHash))
      this.#violate(`a healthy version failed: ${release.rollback?.message ?? "for no reason"}`);
  }

  onPrimaryTemplate(hash: string): void {
    if (this.#promoted.has(hash)) return;
    if (this.#vouched.has(hash)) {
      this.#promoted.add(hash);
      return;
    }
    if (this.#watched.behaviours[hash]?.hangsAsPrimary !== true && this.#isBad(hash))
      this.#violate(`${hash}, which is bad, became the primary's template`);
    if (!this.#proven.has(hash))
      this.#violate(`${hash} became the primary's template without proof at 100 %`);
    this.#promoted.add(hash);
  }

  onLost(requests: number): void {
    if (this.#watched.now() - this.#handAt <= handMs) return;
    this.#violate(`${requests} requests found nobody to answer them`);
  }

  onServed(hash: string, bad: number): void {
    if (
      bad === 0 ||
      this.#weight === 0 ||
      (this.#watched.behaviours[hash]?.badShare ?? 0) < badShare
    )
      return;
    this.#exposedSince ??= this.#watched.now();
  }

  /** Nothing is under way any more, and nothing has gone wrong for long. */
  atRest(world: {
    readonly status: CanaryStatus;
    readonly weight: number;
    readonly targetHash: string;
    readonly targetReplicas: number;
    readonly primaryHash: string | undefined;
  }): void {
    const { status, weight, targetHash, targetReplicas, primaryHash } = world;
    if (weight !== 0) this.#violate(`at rest the routes give the target ${weight} %`);
    if (targetReplicas !== 0) this.#violate(`at rest the target has ${targetReplicas} pods`);
    if (primaryHash !== status.lastPromotedHash)
      this.#violate(
        `at rest the primary has ${primaryHash}, promoted is ${status.lastPromotedHash}`,
      );
    const isFinished = primaryHash === undefined || this.#finished.has(primaryHash);
    if (!isFinished && !this.#vouched.has(primaryHash))
      this.#violate(`at rest the primary has ${primaryHash}, whose promotion never ended`);
    if (this.#vouched.has(targetHash) || this.#aborted.has(targetHash)) return;
    if (this.#isBad(targetHash)) {
      if (primaryHash === targetHash) this.#violate("at rest a bad version is promoted");
      if (status.phase !== "Failed") this.#violate(`a bad version ended ${status.phase}`);
    } else if (primaryHash !== targetHash) {
      this.#violate(`at rest a healthy version is not promoted: ${status.phase} ${status.message}`);
    }
  }

  /** A person's word stands in for evidence. */
  vouch(hash: string): void {
    this.#vouched.add(hash);
  }

  /** The Canary was deleted: whatever has the traffic now was promoted. */
  whenGone(weight: number, targetHash: string): void {
    if (weight > 0 && !this.#promoted.has(targetHash) && !this.#vouched.has(targetHash))
      this.#violate(`deleted, and ${targetHash} has ${weight} % without proof`);
  }

  violate(what: string): void {
    this.#violate(what);
  }

  #onRaise(weight: number): void {
    // What was promoted is no risk: before the primary is there, and after it is gone, it serves.
    const target = this.#watched.targetHash();
    if (this.#promoted.has(target) || this.#vouched.has(target)) return;
    const { templateHash: raised = "" } = this.#status.release ?? {};
    if (this.#vouched.has(raised)) return;
    const { stages } = this.#watched.spec;
    const allowed = stages.map((stage) => stage.weight);
    const { stage, templateHash } = this.#status.release ?? {};
    if (!allowed.includes(weight)) this.#violate(`raised to ${weight} %, which is no stage`);
    if (stage === undefined || weight > stage.weight)
      this.#violate(`raised ${templateHash} to ${weight} % beyond its stage`);
    this.#needsMetrics(`raised to ${weight} %`);
  }

  #onPassed({ release }: CanaryStatus): void {
    const hash = release?.templateHash ?? "";
    if (this.#vouched.has(hash)) return;
    const what = `passed ${hash} at ${release?.stage?.weight} %`;
    this.#needsMetrics(what);
    if ((this.#watched.behaviours[hash]?.badShare ?? 0) > badShare)
      this.#violate(`${what}, which is beyond the limit`);
  }

  #onCommand(before: CanaryStatus, { lastCommand, release }: CanaryStatus): void {
    if (lastCommand?.outcome !== "Done" || lastCommand.id === before.lastCommand?.id) return;
    const hash = release?.templateHash ?? "";
    if (lastCommand.action === "abort") this.#aborted.add(hash);
    if (lastCommand.action === "promote" || lastCommand.action === "promoteFull")
      this.#vouched.add(hash);
  }

  #needsMetrics(what: string): void {
    const since = this.#watched.unreadableSince();
    // Two intervals and the timeout of a query; five seconds for a write that was on its way.
    const toleratedMs = (2 * this.#watched.spec.analysis.intervalSeconds + 1 + 5) * 1000;
    const unreadMs = this.#watched.now() - (since ?? this.#watched.now());
    if (unreadMs > toleratedMs) this.#violate(`${what} with no metrics for ${unreadMs} ms`);
  }

  #endExposure(): void {
    const since = this.#exposedSince;
    this.#exposedSince = undefined;
    if (since === undefined || this.#watched.disturbedAt() >= since - 10_000) return;
    const tookMs = this.#watched.now() - since;
    this.exposures.push(tookMs);
    const boundMs = (this.#status.rollbackBoundSeconds ?? 0) * 1000;
    if (tookMs > boundMs + slackMs)
      this.#violate(`a bad version had traffic for ${tookMs} ms, promised are ${boundMs} ms`);
  }

  #isBad(hash: string): boolean {
    const {
      badShare: share = 0,
      crashes,
      hangs,
      hangsAsPrimary,
    } = this.#watched.behaviours[hash] ?? {};
    return share > badShare || crashes === true || hangs === true || hangsAsPrimary === true;
  }

  #violate(what: string): void {
    const at = Math.round(this.#watched.now() / 1000) % 100_000;
    this.violations.push(`${at} s, ${this.#status.phase}: ${what}`);
  }
}

/** The same release has left a stage. */
function isFurther({ release: before }: CanaryStatus, { phase, release }: CanaryStatus): boolean {
  if (before === undefined || before.id !== release?.id) return false;
  if (before.promotion === undefined && phase === "Promoting") return true;
  return (release.stage?.index ?? 0) > (before.stage?.index ?? 0);
}
