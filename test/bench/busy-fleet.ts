/** What 200 running releases ask of Prometheus and the API server between two transitions, in virtual time. */
import { createManualClock } from "../support/manual-clock.ts";
import { createFleet } from "./fleet.ts";
import { atMost, type Measurement, noBudget } from "./measurement.ts";
import { type RecordedShop, recordedIntervalSeconds } from "./recorded-shop.ts";
import { advanceFleet } from "./virtual-time.ts";

const running = 200;
const minutes = 3;

export async function measureRunningCost(recorded: RecordedShop): Promise<readonly Measurement[]> {
  const clock = createManualClock(recorded.at);
  const fleet = await createFleet({ clock, recorded, idle: 0, running });
  const process = fleet.compose();
  const starting = process.controller.start();
  await advanceFleet(fleet, process, clock, 60_000);
  await starting;
  process.requests.length = 0;
  const asked = fleet.prometheus.queries.length;
  await advanceFleet(fleet, process, clock, minutes * 60_000);
  const queries = fleet.prometheus.queries.length - asked;
  const intervals = (minutes * 60) / recordedIntervalSeconds;
  const writes = process.requests.filter(
    ({ method, path }) => method !== "GET" && !path.includes("/leases"),
  );
  const reads = process.requests.filter(
    ({ method, path, isWatch }) => method === "GET" && !isWatch && !path.includes("/leases"),
  );
  const phases = [...process.metrics.shown.values()].filter(({ phase }) => phase === "Progressing");
  const stopping = process.controller.stop();
  await advanceFleet(fleet, process, clock, 1_000);
  await stopping;
  fleet.api.close();
  return [
    {
      name: `Prometheus queries, ${running} running releases, 2 metrics`,
      unit: "per interval",
      value: queries / intervals,
      budget: atMost(12),
      how: `${phases.length} in progress, ${intervals} intervals of ${recordedIntervalSeconds} s, both versions, bad and total counted apart`,
    },
    {
      name: "API writes of a running release without a transition",
      unit: "per min",
      value: writes.length / running / minutes,
      budget: atMost(2),
      how: `${running} of them, ${minutes} virtual minutes`,
    },
    {
      name: "API reads of a running release without a transition",
      unit: "per min",
      value: reads.length / running / minutes,
      budget: noBudget,
      how: "the same",
    },
  ];
}
