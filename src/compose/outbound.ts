/**
 * The ways out to servers whose addresses people give in resources: to ask metrics servers, to tell alert providers. Both
 * connect only where that harms nobody; the metrics server that Serin itself was started with may be anywhere.
 */
import { createAddressGuard, type GuardOptions } from "../adapters/outbound/address-guard.ts";
import { createGuardedFetch } from "../adapters/outbound/guarded-fetch.ts";
import { allowsHosts } from "../adapters/outbound/host-patterns.ts";
import type { HttpFetch, OwnFetch } from "../adapters/outbound/http-fetch.ts";

export interface Outbound {
  readonly ask: HttpFetch;
  /** For metrics servers with a certificate authority (PEM) of their own. */
  readonly askTrusting: (ca: string) => OwnFetch;
  readonly tell: HttpFetch;
}

export interface OutboundOptions extends GuardOptions {
  readonly metricsServer: string;
  /** Hosts that resources may name, with commas between; `*` is any. */
  readonly providerHosts: string;
}

export function createOutbound({ metricsServer, providerHosts, ...options }: OutboundOptions) {
  const guard = createAddressGuard(options);
  const limits = { guard, allowsHost: allowsHosts(providerHosts) };
  const asking = createGuardedFetch({ ...limits, trusted: metricsServer });
  const telling = createGuardedFetch(limits);
  return {
    ask: asking.fetch,
    askTrusting: (ca) => createGuardedFetch({ ...limits, ca, trusted: metricsServer }),
    tell: telling.fetch,
    /** When requests under way have ended. */
    async close() {
      await Promise.all([asking.close(), telling.close()]);
    },
  } satisfies Outbound & { readonly close: () => Promise<void> };
}

/** Where nobody is to be guarded from: everything in one process, and tests. */
export function outboundBy(fetch: HttpFetch): Outbound {
  return { ask: fetch, askTrusting: () => ({ fetch, close: async () => undefined }), tell: fetch };
}
