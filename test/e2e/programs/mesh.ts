/**
 * The sandbox's simulated mesh beside a real API server: routes simulated requests by the VirtualServices that are
 * really there and lets a real Prometheus scrape its proxies. Arguments: kubeconfig, port.
 */
import { listenLoopback } from "../../../src/sandbox/api-server/listen.ts";
import { createSimulatedMesh } from "../../../src/sandbox/mesh/simulated-mesh.ts";
import { createPrometheus } from "../../../src/sandbox/prometheus/prometheus.ts";
import { connectProgram, untilStopped } from "./connect.ts";

const [kubeconfig = "", port = "0"] = process.argv.slice(2);
const deps = await connectProgram(kubeconfig, "istiod");
const mesh = createSimulatedMesh({ ...deps, tickMs: 250 });
// Only its list of targets and their metrics are asked for: the scraping is the real one's.
const targets = createPrometheus({ targets: mesh.targets(), clock: deps.clock, scrapeMs: 1_000 });
const server = await listenLoopback(answer, Number(port));
mesh.start();
deps.log.info({ port: server.port }, "serving targets and counts");
await untilStopped();
await mesh.stop();
await server.close();
process.exit();

/** Beside the targets: what the clients of a Service counted since the start, for the tests. */
async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const host = /^\/clients\/(.+)$/.exec(pathname)?.[1];
  if (host === undefined) return targets.fetch(request);
  return Response.json(mesh.clientStats(decodeURIComponent(host)));
}
