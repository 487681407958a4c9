/**
 * Which of several processes may act, by a Lease object. Counts on nobody's wall clock: its own validity runs from
 * before the renewal was sent, another's from when a change of the lease was seen here. Knows nothing of what is led.
 */
import type { CancelTimer, Clock } from "../../ports/clock.ts";
import { RetryableError } from "../../ports/errors.ts";
import type { Log } from "../../ports/log.ts";
import { isAlreadyExists, isConflict, isNotFound } from "./api-error.ts";
import { pause } from "./backoff.ts";
import {
  claimedLease,
  type LeaseClaim,
  type LeaseRecord,
  leaseRecordOf,
  releasedLease,
} from "./lease-record.ts";
import * as limits from "./limits.ts";
import { resourcePath } from "./paths.ts";
import type { Transport } from "./transport.ts";

/** Expired: not renewed in time. Taken: another process holds it. Released: stop was called. */
export type LostReason = "Expired" | "Taken" | "Released";

export interface LeaseOptions {
  /** One of its own, without mayWrite: that guard asks this lease. */
  readonly transport: Transport;
  readonly namespace: string;
  readonly name: string;
  /** Different for every process that ever runs, restarts included. */
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Must not throw. */
  readonly onAcquired: () => void;
  /** Must not throw; isValid is false already. Every onAcquired is followed by one onLost before the next. */
  readonly onLost: (reason: LostReason) => void;
}

const LEASES = {
  group: "coordination.k8s.io",
  version: "v1",
  plural: "leases",
  namespaced: true,
} as const;

export class Lease {
  readonly #options: LeaseOptions;
  readonly #path: string;
  readonly #collection: string;
  #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** What is known of the object; a renewal builds on it, and the server refuses it if it is not the newest. */
  #record: LeaseRecord | undefined;
  #seenAt = 0;
  #isLeading = false;
  #validUntil = Number.NEGATIVE_INFINITY;
  /** A claim was sent that may have reached the server, whatever the answer was. */
  #mayHold = false;
  #cancelDeadline: CancelTimer = () => undefined;

  constructor(options: LeaseOptions) {
    const { namespace, name } = options;
    this.#options = options;
    this.#path = resourcePath(LEASES, { namespace, name });
    this.#collection = resourcePath(LEASES, { namespace });
  }

  /**
   * Whether this process may write now. Computed when asked, so that a process that was stopped for a while finds
   * out before its first write. A write begun while it is true ends (by its timeout of 5 s) before the lease (15 s)
   * can be another's, since it stays true for 10 s only.
   */
  isValid(): boolean {
    return this.#isLeading && this.#options.clock.monotonic() < this.#validUntil;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Stops leading at once and gives the lease back, so that another may act; call it when all writes have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#lose("Released");
    await this.#running;
    if (this.#mayHold) await this.#release();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#isLeading && !this.isValid()) this.#lose("Expired");
      const succeeded = await this.#attempt(signal);
      await pause(this.#options.clock, this.#waitMs(succeeded), signal);
    }
  }

  async #attempt(signal: AbortSignal): Promise<boolean> {
    try {
      if (!this.#isLeading) await this.#read(signal);
      if (this.#mayClaim()) await this.#claim(signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      // Where there is none to renew, what is not found is its namespace.
      const isCreated = this.#record === undefined && isNotFound(error);
      if (isOvertaken(error) && !isCreated) return await this.#afterConflict(signal);
      this.#warn(error, isCreated ? "create" : "renew");
      return false;
    }
  }

  /** The object is not as we know it: look who holds it, and go on at once if that is us. */
  async #afterConflict(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#read(signal);
      if (this.#isLeading && !this.#isOwn()) this.#lose("Taken");
      if (this.#isLeading) await this.#claim(signal);
      return true;
    } catch (error) {
      if (!signal.aborted) this.#warn(error, "read after a conflict");
      return false;
    }
  }

  #isOwn(): boolean {
    return this.#record === undefined || this.#record.holder === this.#options.identity;
  }

  #mayClaim(): boolean {
    if (this.#isOwn() || this.#record?.holder === "") return true;
    return this.#expiresInMs() <= 0;
  }

  /** How long the present holder has still to be waited for, by what was seen here. */
  #expiresInMs(): number {
    const durationMs = this.#record?.durationMs ?? 0;
    return this.#seenAt + durationMs - this.#options.clock.monotonic();
  }

  async #read(signal?: AbortSignal, timeoutMs = limits.WRITE_TIMEOUT_MS): Promise<void> {
    try {
      const { transport } = this.#options;
      const options = { priority: "Urgent", timeoutMs, signal } as const;
      this.#see(await transport.request({ method: "GET", path: this.#path, ...options }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#record = undefined;
    }
  }

  #see(answer: unknown): void {
    const record = leaseRecordOf(answer);
    if (record?.fingerprint !== this.#record?.fingerprint) {
      this.#seenAt = this.#options.clock.monotonic();
    }
    this.#record = record;
  }

  async #claim(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const sentAt = clock.monotonic();
    this.#mayHold = true;
    this.#see(await this.#write(claimedLease(this.#record, this.#claimOf()), signal));
    if (this.#record?.holder !== this.#options.identity) {
      throw new RetryableError("BadResponse", "the answer to a claim names another holder");
    }
    if (signal.aborted) return;
    if (this.#isLeading && !this.isValid()) this.#lose("Expired");
    this.#validUntil = sentAt + limits.LEASE_RENEW_DEADLINE_MS;
    if (clock.monotonic() >= this.#validUntil) return;
    this.#watchDeadline();
    if (this.#isLeading) return;
    this.#isLeading = true;
    this.#options.log.info({ identity: this.#options.identity }, "acquired the lease");
    this.#options.onAcquired();
  }

  #claimOf(): LeaseClaim {
    const { namespace, name, identity, clock } = this.#options;
    return { namespace, name, identity, nowMs: clock.now() };
  }

  #write(body: unknown, signal?: AbortSignal, timeoutMs = limits.WRITE_TIMEOUT_MS) {
    const target =
      this.#record === undefined
        ? ({ method: "POST", path: this.#collection } as const)
        : ({ method: "PUT", path: this.#path } as const);
    const { transport } = this.#options;
    return transport.request({ ...target, body, priority: "Urgent", signal, timeoutMs });
  }

  /** Tells of the loss when it comes, also while a renewal hangs. */
  #watchDeadline(): void {
    const { clock } = this.#options;
    this.#cancelDeadline();
    this.#cancelDeadline = clock.setTimer(this.#validUntil - clock.monotonic(), () => {
      if (!this.isValid()) this.#lose("Expired");
      else this.#watchDeadline();
    });
  }

  #lose(reason: LostReason): void {
    this.#cancelDeadline();
    this.#validUntil = Number.NEGATIVE_INFINITY;
    if (!this.#isLeading) return;
    this.#isLeading = false;
    this.#options.log.info({ reason }, "lost the lease");
    this.#options.onLost(reason);
  }

  #waitMs(succeeded: boolean): number {
    const { random } = this.#options;
    const isCalm = this.#isLeading && succeeded;
    const fullMs = isCalm ? limits.LEASE_RENEW_MS : limits.LEASE_STANDBY_MS;
    const waitMs = fullMs * (1 - limits.LEASE_JITTER * random());
    const expiresInMs = this.#expiresInMs();
    // A standby looks again at the very moment it may take over.
    const isSooner = !this.#isLeading && expiresInMs > 0 && expiresInMs < waitMs;
    return isSooner ? expiresInMs : waitMs;
  }

  async #release(): Promise<void> {
    for (let attempt = 0; attempt < limits.MAX_RELEASE_ATTEMPTS; attempt += 1) {
      try {
        // A renewal that was cut off may have been written: what is known may be old.
        await this.#read(undefined, limits.LEASE_RELEASE_TIMEOUT_MS);
        if (this.#record?.holder !== this.#options.identity) return;
        const body = releasedLease(this.#record, this.#options.clock.now());
        await this.#write(body, undefined, limits.LEASE_RELEASE_TIMEOUT_MS);
        this.#mayHold = false;
        return;
      } catch (error) {
        this.#warn(error, "release");
      }
    }
  }

  #warn(error: unknown, what: string): void {
    const because = error instanceof Error ? error.message : String(error);
    this.#options.log.warn({ lease: this.#path, what, because }, "lease request failed");
  }
}

/** Somebody wrote, created or deleted the object since it was read. */
const isOvertaken = (error: unknown): boolean =>
  isConflict(error) || isAlreadyExists(error) || isNotFound(error);
