/**
 * A fleet's API server and Prometheus as a process of their own, on loopback: what a controller's process is measured
 * against. Tells its parent the addresses, and obeys. Started by served-fleet.ts with idle, running, interval.
 */
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { listenLoopback } from "../../src/sandbox/api-server/listen.ts";
import { createFleet, workloadOf } from "./fleet.ts";
import { recordShop } from "./recorded-shop.ts";
import { Order, type Patched, type Told } from "./served-fleet.ts";

const [idle = 0, running = 0, intervalSeconds = 0] = process.argv.slice(2).map(Number);
const recorded = await recordShop(intervalSeconds);
const fleet = await createFleet({ clock: createSystemClock(), recorded, idle, running });
const patches: Patched[] = [];

const api = await listenLoopback(async (request) => {
  const { method } = request;
  const { pathname } = new URL(request.url);
  const startedAt = performance.now();
  const response = await fleet.api.fetch(request);
  const name = /\/virtualservices\/([^/]+)$/.exec(pathname)?.[1];
  if (method === "PATCH" && name !== undefined)
    patches.push({ name, startedAt, endedAt: performance.now() });
  return response;
}, 0);
const prometheus = await listenLoopback(
  async (request) =>
    fleet.prometheus.fetch(request.url, { method: request.method, body: await request.text() }),
  0,
);

function tell(told: Told): void {
  process.send?.(told);
}

process.on("message", (message) => {
  const order = Order.parse(message);
  switch (order.kind) {
    case "Break":
      for (const name of order.names) fleet.prometheus.breakWorkload(workloadOf(name));
      return;
    case "Report": {
      const answers = fleet.prometheus.queries
        .filter(({ kind }) => kind !== "Buckets")
        .map(({ answeredAt }) => answeredAt);
      tell({ kind: "Report", patches, answers });
    }
  }
});
// The parent is gone: nobody needs this any more.
process.on("disconnect", () => process.exit());

tell({
  kind: "Ready",
  api: `http://127.0.0.1:${api.port}`,
  prometheus: `http://127.0.0.1:${prometheus.port}`,
  names: fleet.members.filter(({ isRunning }) => isRunning).map(({ name }) => name),
});
