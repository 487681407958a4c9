/**
 * The connections to one API server: shared ones for requests, others for watches, whose silence has no limit here.
 * Agents and fetch come from the same copy of undici; mixing copies fails.
 */
import { Agent, type Dispatcher, fetch, ProxyAgent } from "undici";
import { StallError } from "../../ports/errors.ts";
import { IDLE_CONNECTION_MS } from "./limits.ts";
import type { HttpInit, HttpResponse } from "./transport-exchange.ts";

export interface TlsFacts {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface Connection {
  readonly fetch: (url: string, init: HttpInit) => Promise<HttpResponse>;
  /** Ends what is idle, and the rest when it is through. Never rejects. */
  retire(): Promise<void>;
  /** Ends everything at once. */
  close(): Promise<void>;
}

export function connectTo(tls: TlsFacts, proxyUrl: string | undefined): Connection {
  const requests = dispatcherFor(tls, proxyUrl);
  const watches = dispatcherFor(tls, proxyUrl);
  return {
    fetch: (url, { streaming, ...init }) =>
      fetch(url, { ...init, dispatcher: streaming ? watches : requests }),
    async retire() {
      await Promise.allSettled([requests.close(), watches.close()]);
    },
    async close() {
      await Promise.all([requests.destroy(), watches.destroy()]);
    },
  };
}

function dispatcherFor(facts: TlsFacts, proxyUrl: string | undefined): Dispatcher {
  const { ca, cert, key, servername, rejectUnauthorized } = facts;
  const given = { ca, cert, key, servername, rejectUnauthorized };
  const tls = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== null),
  );
  const options = {
    // One HTTP/2 connection would make all streams share its fate.
    allowH2: false,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    // The transport's deadlines, which come from the Clock, decide.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxyUrl === undefined) return new Agent({ ...options, connect: tls });
  if (!/^https?:/.test(proxyUrl)) {
    throw new StallError("KubeconfigInvalid", "proxy-url: only http and https proxies can be used");
  }
  return new ProxyAgent({ ...options, uri: proxyUrl, requestTls: tls });
}
