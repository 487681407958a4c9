/** The embedded API server as a transport's other end, in-process: watches included, no sockets. */
import type { HttpInit, HttpResponse } from "../../src/adapters/kubernetes/transport-exchange.ts";
import type { ApiServer } from "../../src/sandbox/api-server/api-server.ts";

export function fetchOf(
  server: Pick<ApiServer, "fetch">,
): (url: string, init: HttpInit) => Promise<HttpResponse> {
  return (url, init) => server.fetch(new Request(url, init));
}
