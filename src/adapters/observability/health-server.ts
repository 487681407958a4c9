/** Serves the health application on a socket. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { healthRequestTimeoutMs, maxHealthConnections } from "./limits.ts";

/** Where to listen. */
export interface HealthServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** Loopback for a machine of one's own; AllInterfaces for a pod, whose probes come from outside. */
  readonly reach: "Loopback" | "AllInterfaces";
}

/** A server that listens. */
export interface HealthServer {
  readonly port: number;
  /** Ends every connection; resolves when the port is free. */
  close(): Promise<void>;
}

function portOf(address: AddressInfo | string | null): number {
  return address !== null && typeof address === "object" ? address.port : 0;
}

/** Listens, or rejects with the error of the socket (for example EADDRINUSE). */
export async function listenHealth(
  app: { readonly fetch: (request: Request) => Response | Promise<Response> },
  { port, reach }: HealthServerOptions,
): Promise<HealthServer> {
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer({ requestTimeout: healthRequestTimeoutMs }, (request, response) => {
    void listener(request, response);
  });
  server.maxConnections = maxHealthConnections;
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen(
    { port, ...(reach === "Loopback" ? { host: "127.0.0.1" } : {}) },
    listening.resolve,
  );
  await listening.promise;
  return {
    port: portOf(server.address()),
    close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      return closed.promise;
    },
  };
}
