/**
 * A proxyless gRPC client: calls a Service by what istiod tells it through xDS, at a steady rate, and exposes what it
 * saw as an Istio proxy beside it would. Arguments: target, calls per second, port of /metrics.
 * The bootstrap is in the environment, as gRPC wants it.
 */
import { Client, credentials, type Metadata, status } from "@grpc/grpc-js";
import { register } from "@grpc/grpc-js-xds";
import { Counter, Histogram, Registry } from "prom-client";
import { listenLoopback } from "../../../src/sandbox/api-server/listen.ts";
import { bucketBoundsMs } from "../../../src/sandbox/mesh/latency.ts";
import { untilStopped } from "./connect.ts";
import { asBytes, echoPath, workloadTrailer } from "./echo-service.ts";

const [target = "", callsPerSecond = "1", port = "0"] = process.argv.slice(2);
const tickMs = 20;
const deadlineMs = 5_000;
const [, service = "", namespace = ""] = /^xds:\/\/\/([^.]+)\.([^.]+)\./.exec(target) ?? [];

const registry = new Registry();
const labelNames = [
  "reporter",
  "destination_workload",
  "destination_workload_namespace",
  "destination_service_name",
  "request_protocol",
  "response_code",
  "grpc_response_status",
] as const;
const requests = new Counter({
  name: "istio_requests_total",
  help: "Calls by who answered and how.",
  labelNames,
  registers: [registry],
});
const durations = new Histogram({
  name: "istio_request_duration_milliseconds",
  help: "Duration of the calls.",
  labelNames,
  buckets: bucketBoundsMs.filter(Number.isFinite),
  registers: [registry],
});

register();
const client = new Client(target, credentials.createInsecure());
const server = await listenLoopback(
  async () => new Response(await registry.metrics()),
  Number(port),
);
const startedAt = performance.now();
let called = 0;
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - startedAt) * Number(callsPerSecond)) / 1_000);
  for (; called < due; called += 1) call();
}, tickMs);
await untilStopped();
clearInterval(timer);
client.close();
await server.close();
process.exit();

function call(): void {
  const beganAt = performance.now();
  const calling = client.makeUnaryRequest(
    echoPath,
    asBytes,
    asBytes,
    Buffer.from("hello"),
    { deadline: Date.now() + deadlineMs },
    // Answers and errors alike end with a status.
    () => undefined,
  );
  calling.once("status", ({ code, metadata }) => {
    count(code, metadata, performance.now() - beganAt);
  });
}

function count(code: status, metadata: Metadata, durationMs: number): void {
  const workload = metadata.get(workloadTrailer)[0]?.toString();
  if (workload === undefined) process.stdout.write(`no version answered: ${status[code]}\n`);
  const labels = {
    reporter: "source",
    destination_workload: workload ?? "unknown",
    destination_workload_namespace: workload === undefined ? "unknown" : namespace,
    destination_service_name: service,
    request_protocol: "grpc",
    response_code: "200",
    grpc_response_status: String(code),
  };
  requests.inc(labels);
  durations.observe(labels, durationMs);
}
