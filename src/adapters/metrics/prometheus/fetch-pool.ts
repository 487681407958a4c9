/** Keeps one fetch per certificate authority, so that requests to the same server share connections. */
import type { HttpFetch, OwnFetch } from "../../outbound/http-fetch.ts";
import { MAX_TRUSTED_AUTHORITIES } from "./limits.ts";

/** Makes a fetch that trusts this authority (PEM) alone. */
export type CreateTrustingFetch = (ca: string) => OwnFetch;

export interface FetchPool {
  /** The fetch for an authority, or the plain one without. */
  for(ca: string | undefined): HttpFetch;
  close(): Promise<void>;
}

export function createFetchPool(plain: HttpFetch, create: CreateTrustingFetch): FetchPool {
  const trusting = new Map<string, OwnFetch>();
  return {
    for(ca) {
      if (ca === undefined) return plain;
      const used = trusting.get(ca) ?? create(ca);
      // A Map keeps the order of insertion, so the first entry is the least recently used.
      trusting.delete(ca);
      trusting.set(ca, used);
      closeOldest(trusting);
      return used.fetch;
    },
    async close() {
      const all = [...trusting.values()];
      trusting.clear();
      await Promise.all(all.map((each) => each.close()));
    },
  };
}

function closeOldest(trusting: Map<string, OwnFetch>): void {
  for (const [ca, oldest] of trusting) {
    if (trusting.size <= MAX_TRUSTED_AUTHORITIES) return;
    trusting.delete(ca);
    // Requests under way are finished first; nothing waits for that.
    oldest.close().catch(() => undefined);
  }
}
