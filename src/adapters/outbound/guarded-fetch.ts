/**
 * A fetch that connects only where the guard allows. What is asked is the address that the connection is made to, at that
 * moment: a name that means something else a second later gains nothing. Neither this nor any proxy setting leads elsewhere.
 */
import { lookup as lookUpByDns } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, fetch as undiciFetch } from "undici";
import type { AddressGuard } from "./address-guard.ts";
import type { AllowsHost } from "./host-patterns.ts";
import type { OwnFetch } from "./http-fetch.ts";

/** Code of the error that a refused address gives, as itself or as its cause. */
export const addressRefused = "ADDRESS_REFUSED";

export interface GuardedFetchOptions {
  readonly guard: AddressGuard;
  /** Whether a host may be named at all; default: any. */
  readonly allowsHost?: AllowsHost;
  /** Certificate authority (PEM) that alone is trusted; default: the system's. */
  readonly ca?: string;
  /** Address that whoever runs Serin gave: wherever it is, its host and port may be connected to. */
  readonly trusted?: string | undefined;
  readonly lookup?: LookupFunction;
}

export function createGuardedFetch(options: GuardedFetchOptions): OwnFetch {
  const { guard, ca, trusted, lookup = lookUpByDns, allowsHost = () => true } = options;
  const tls = ca === undefined ? {} : { ca };
  // One HTTP/2 connection would make all requests share its fate.
  const guarded = new Agent({
    allowH2: false,
    connect: { ...tls, lookup: lookUpGuarded(lookup, guard) },
  });
  const free = new Agent({ allowH2: false, connect: { ...tls, lookup } });
  const trustedOrigin = trusted === undefined ? undefined : URL.parse(trusted)?.origin;
  return {
    async fetch(url, init) {
      const { origin, hostname } = new URL(url);
      if (origin === trustedOrigin) return undiciFetch(url, { ...init, dispatcher: free });
      if (!allowsHost(hostname)) throw refusal();
      // An address needs no lookup, and gets none.
      const literal = hostname.replace(/^\[(.*)\]$/, "$1");
      if (isIP(literal) !== 0 && !guard.allows(literal)) throw refusal();
      return undiciFetch(url, { ...init, dispatcher: guarded });
    },
    async close() {
      await Promise.all([guarded.close(), free.close()]);
    },
  };
}

/** Names no address: whoever asks must not learn by it what a name means inside the cluster. */
function refusal(): Error {
  return Object.assign(new Error("Serin does not connect to this address"), {
    code: addressRefused,
  });
}

function lookUpGuarded(lookup: LookupFunction, guard: AddressGuard): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, "");
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      const allowed = addresses.filter(({ address }) => guard.allows(address));
      const [first] = allowed;
      if (first === undefined) return done(refusal(), "");
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family);
    });
  };
}
