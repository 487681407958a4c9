/** The cluster as the controller sees it: Serin's own objects, read from caches, and what it writes to them. */
import type { AlertProviderSpec } from "../api/alert-provider.ts";
import type { AnalysisTemplateSpec } from "../api/analysis-template.ts";
import type { CanarySpec, TemplateReference } from "../api/canary-spec.ts";
import type { CanaryStatus, OutboxEntry } from "../api/canary-status.ts";
import type { Commands, Deletion, Identity, Namespace } from "../core/canary/snapshot.ts";
import type { Fact } from "../core/fact.ts";

/** Names one Canary: `namespace/name`. The only thing a work request carries. */
export interface CanaryKey {
  readonly namespace: string;
  readonly name: string;
}

/** A Canary as it is in the cache. */
export interface CanaryObject {
  readonly identity: Identity;
  readonly commands: Commands;
  readonly deletion: Deletion;
  /** metadata.creationTimestamp, RFC 3339 in whole seconds; "" when there is none. */
  readonly createdAt: string;
  /** Missing (reason Invalid) when it does not satisfy its schema; the message names the field and the fix. */
  readonly spec: Fact<CanarySpec>;
  /** Empty when there is none, or when it cannot be read: then nothing unproven may follow from it. */
  readonly status: CanaryStatus;
}

/** A template that a metric names. */
export interface FoundTemplate {
  readonly spec: AnalysisTemplateSpec;
  /** Where the template's Secrets are: its own namespace, or Serin's for a cluster template. */
  readonly secretNamespace: string;
}

/** How a status is written. */
export interface StatusWrite {
  readonly identity: Identity;
  readonly status: CanaryStatus;
  /**
   * Fenced: only over the version that was read (RetryableError Conflict otherwise). Urgent: whatever was written
   * since, and without waiting for the request limit; for rollbacks alone.
   */
  readonly mode: "Fenced" | "Urgent";
}

export interface Cluster {
  /** Reads the cache; undefined when it is gone. */
  canary(key: CanaryKey): CanaryObject | undefined;
  /** Every Canary in the cache. */
  canaries(): readonly CanaryKey[];
  /** Canaries in the cache that lay claim to this object, by spec or by release, by the key of a claim; the asking one too. */
  claimants(namespace: string, claim: string): readonly CanaryObject[];
  /** Missing: TemplateNotFound or TemplateInvalid. */
  template(namespace: string, reference: TemplateReference): Fact<FoundTemplate>;
  /** Missing when there is none of that name or it is invalid. */
  alertProvider(namespace: string, name: string): Fact<AlertProviderSpec>;
  /** As `readNamespace` found it; Unknown until then, Missing (Forbidden) when Serin may not read it. */
  namespace(name: string): Fact<Namespace>;
  /** Reads a namespace from the server. */
  readNamespace(name: string): Promise<void>;
  /** Puts Serin's finalizer on the Canary or takes it off, over the version that was read. Idempotent. */
  setFinalizer(identity: Identity, wanted: boolean): Promise<void>;
  /** Replaces the status; the answer is in the cache before it returns. */
  writeStatus(write: StatusWrite): Promise<void>;
  /** Removes annotation serin.dev/abort if it still has this value; RetryableError Conflict when it has another. */
  removeAbort(identity: Identity, value: string): Promise<void>;
  /** Records an Event on the Canary. The entry's id makes a repetition harmless. */
  recordEvent(identity: Identity, entry: OutboxEntry): Promise<void>;
  /** Records on an AlertProvider that it cannot be used as it is; on the Canary when there is none of that name. */
  recordProviderProblem(canary: Identity, name: string, because: string): Promise<void>;
}
