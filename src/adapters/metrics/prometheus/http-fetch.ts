/**
 * The part of fetch that the exchange uses, and a fetch that trusts one certificate authority. Neither follows
 * HTTP_PROXY: a metrics server is asked directly, wherever it is, since credentials for it are for it alone.
 */
import { Agent, fetch as undiciFetch } from "undici";
import { MAX_TRUSTED_AUTHORITIES } from "./limits.ts";

export interface HttpInit {
  readonly method: "POST";
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly redirect: "manual";
  readonly signal: AbortSignal;
}

export interface HttpReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: { getReader(): HttpReader; cancel(): Promise<void> } | null;
}

/** `globalThis.fetch` is one; so is undici's, which must get its own Agent and no other. */
export type HttpFetch = (url: string, init: HttpInit) => Promise<HttpResponse>;

export interface TrustingFetch {
  readonly fetch: HttpFetch;
  close(): Promise<void>;
}

/** A fetch with connections of its own that trusts this authority (PEM) alone. */
export function createPrometheusFetch(ca: string): TrustingFetch {
  const dispatcher = new Agent({ connect: { ca }, allowH2: false });
  return {
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }),
    close: () => dispatcher.close(),
  };
}

export interface FetchPool {
  /** The fetch for an authority, or the plain one without. */
  for(ca: string | undefined): HttpFetch;
  close(): Promise<void>;
}

/** Keeps one fetch per certificate authority, so that requests share connections. */
export function createFetchPool(
  plain: HttpFetch,
  create: (ca: string) => TrustingFetch,
): FetchPool {
  const trusting = new Map<string, TrustingFetch>();
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

function closeOldest(trusting: Map<string, TrustingFetch>): void {
  for (const [ca, oldest] of trusting) {
    if (trusting.size <= MAX_TRUSTED_AUTHORITIES) return;
    trusting.delete(ca);
    // Requests under way are finished first; nothing waits for that.
    oldest.close().catch(() => undefined);
  }
}
