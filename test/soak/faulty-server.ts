/** A fetch handler on a loopback socket that can be made to fail in every way in which a server on a network does. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";

/** What befalls one request. */
export type Harm =
  | { readonly kind: "None" }
  /** The connection ends before the request is carried out. */
  | { readonly kind: "Close" }
  /** The request is carried out, and the connection ends instead of an answer. */
  | { readonly kind: "CloseAfter" }
  /** Nothing comes back as long as the client waits. */
  | { readonly kind: "Silence" }
  | { readonly kind: "Delay"; readonly ms: number }
  | {
      readonly kind: "Answer";
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

export interface FaultyServer {
  readonly address: string;
  /** Asked for each request; set it to change the weather. */
  harm: (request: IncomingMessage) => Harm;
  /** Requests so far, and those of them that were harmed. */
  readonly counts: { requests: number; harmed: number };
  readonly port: number;
  /** Ends every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** `before` is called once there is an answer, before it is sent. */
type CarryOut = (request: IncomingMessage, response: ServerResponse, before?: () => void) => void;

export async function serveFaultily(
  fetch: (request: Request) => Promise<Response>,
): Promise<FaultyServer> {
  const carryOut: CarryOut = (request, response, before = () => undefined) => {
    const answer = async (asked: Request) => {
      const answered = await fetch(asked);
      before();
      return answered;
    };
    void getRequestListener(answer, { overrideGlobalObjects: false })(request, response);
  };
  const counts = { requests: 0, harmed: 0 };
  const server = createServer((request, response) => {
    counts.requests += 1;
    const harm = faulty.harm(request);
    if (harm.kind !== "None") counts.harmed += 1;
    suffer(harm, request, response, carryOut);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const faulty: FaultyServer = {
    address: `http://127.0.0.1:${port}`,
    harm: () => ({ kind: "None" }),
    counts,
    port,
    cut: () => server.closeAllConnections(),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return faulty;
}

function suffer(
  harm: Harm,
  request: IncomingMessage,
  response: ServerResponse,
  carryOut: CarryOut,
): void {
  switch (harm.kind) {
    case "None":
      carryOut(request, response);
      return;
    case "Close":
      request.socket.destroy();
      return;
    case "CloseAfter":
      carryOut(request, response, () => request.socket.destroy());
      return;
    case "Silence":
      request.resume();
      return;
    case "Delay":
      setTimeout(() => {
        if (!response.destroyed) carryOut(request, response);
      }, harm.ms);
      return;
    case "Answer":
      request.resume();
      response.writeHead(harm.status, { "content-type": "application/json", ...harm.headers });
      response.end(harm.body);
  }
}
