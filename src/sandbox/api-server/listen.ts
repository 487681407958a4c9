/** Serves a fetch handler over plain http on the loopback interface: what kubectl and curl talk to. */
import { serve } from "@hono/node-server";

export interface Listener {
  readonly port: number;
  /** Stops listening and cuts the connections that are open, watches included. */
  close(): Promise<void>;
}

/** Rejects when the port is taken. Port 0 takes a free one. */
export async function listenLoopback(
  fetch: (request: Request) => Promise<Response>,
  port: number,
): Promise<Listener> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  // Left alone, the library replaces the process's global Request and Response by its own.
  const options = { fetch, port, hostname: "127.0.0.1", overrideGlobalObjects: false };
  const server = serve(options, (info) => resolve(info.port));
  server.once("error", reject);
  const bound = await promise;
  return {
    port: bound,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done());
        if ("closeAllConnections" in server) server.closeAllConnections();
      }),
  };
}
