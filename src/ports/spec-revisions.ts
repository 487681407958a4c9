/** Where the spec of a release is kept, so that every controller goes on with it under the same one. */
import type { FrozenSpec } from "../core/canary/freeze.ts";
import type { Identity } from "../core/canary/snapshot.ts";
import type { Fact } from "../core/fact.ts";

export interface SpecRevisions {
  /** The name that says whose and what it is: the same content has the same name, another one another. Pure. */
  nameOf(canary: Identity, content: FrozenSpec): string;
  /**
   * Reads the cache. Unknown: the cache does not show it, and nobody has looked: it may have been kept a moment ago by
   * another process. Missing (SpecRevisionMissing): it is not there, or what has its name is something else.
   */
  find(canary: Identity, revision: string): Fact<FrozenSpec>;
  /** Asks the server itself for what the cache does not show; `find` then knows. */
  look(canary: Identity, revision: string): Promise<void>;
  /**
   * Keeps it; idempotent; in the cache before it returns. Then forgets the oldest beyond a bound, never `inUse`.
   * Throws StallError when it cannot be kept: it is too large, or something else has its name.
   */
  save(canary: Identity, content: FrozenSpec, inUse: string | undefined): Promise<void>;
}
