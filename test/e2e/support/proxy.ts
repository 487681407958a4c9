/**
 * A plain-http way on loopback to one server: shows every request that takes it, and may hold it up, lose it, or cut
 * what streams. It knows nothing of what the requests mean.
 */
import {
  createServer,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

export interface Passing {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: string;
  /** Whose it is, by its header. */
  readonly authorization: string | undefined;
  /** When it was here whole, monotonic time of this process, milliseconds. */
  readonly at: number;
  /** Of the answer, once there is one. */
  code?: number;
}

/** False: the connection is closed without a word. */
export type Gate = (request: Passing) => boolean | Promise<boolean>;

export interface Proxy {
  readonly address: string;
  /** All so far, in the order in which they came. */
  readonly requests: readonly Passing[];
  /** Before a request is passed on. */
  before: Gate;
  /** When the server has carried it out, before its answer is passed back. */
  after: Gate;
  /** Closes every watch that is open; returns how many there were. */
  cutWatches(): number;
  close(): Promise<void>;
}

export interface ProxyOptions {
  readonly upstream: string;
  /** Certificate that an https upstream is known by. */
  readonly authority?: Buffer;
}

export async function startProxy({ upstream, authority }: ProxyOptions): Promise<Proxy> {
  const requests: Passing[] = [];
  const watches = new Set<ServerResponse>();
  const isSecure = upstream.startsWith("https:");
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: true, ca: authority })
    : new HttpAgent({ keepAlive: true });
  const send = isSecure ? httpsRequest : httpRequest;

  function passOn(request: IncomingMessage, response: ServerResponse, passing: Passing): void {
    const { host: _, ...headers } = request.headers;
    const { method } = passing;
    const onward = send(`${upstream}${passing.path}`, { method, headers, agent });
    const drop = () => response.destroy();
    response.once("close", () => onward.destroy());
    onward.once("error", drop);
    onward.once("response", (answer) => {
      passing.code = answer.statusCode ?? 0;
      answer.once("error", drop);
      const passBack = () => {
        response.writeHead(passing.code ?? 0, answer.headers);
        // A watch begins before its first event.
        response.flushHeaders();
        answer.pipe(response);
      };
      Promise.resolve(proxy.after(passing)).then((may) => (may ? passBack() : drop()), drop);
    });
    onward.end(passing.body);
  }

  const server = createServer((request, response) => {
    const { method = "GET", url: path = "/" } = request;
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.once("end", () => {
      const { authorization } = request.headers;
      const passing: Passing = { method, path, body, authorization, at: performance.now() };
      requests.push(passing);
      if (isWatch(passing)) {
        watches.add(response);
        response.once("close", () => watches.delete(response));
      }
      const drop = () => response.destroy();
      Promise.resolve(proxy.before(passing)).then(
        (may) => (may ? passOn(request, response, passing) : drop()),
        drop,
      );
    });
  });
  // Connections that were idle for a while are ended by the clients, never in the middle of a request by this side.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const proxy: Proxy = {
    address: `http://127.0.0.1:${port}`,
    requests,
    before: () => true,
    after: () => true,
    cutWatches() {
      const open = [...watches];
      for (const response of open) response.destroy();
      return open.length;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
  return proxy;
}

export const isWatch = ({ path }: Passing): boolean => path.includes("watch=true");
