/** What 1,000 idle Canaries cost the API server, in virtual time. */
import { createManualClock } from "../support/manual-clock.ts";
import { createFleet } from "./fleet.ts";
import { atMost, type Measurement } from "./measurement.ts";
import type { RecordedShop } from "./recorded-shop.ts";
import { advanceFleet } from "./virtual-time.ts";

const idle = 1_000;
const minutes = 20;

export async function measureIdleCost(recorded: RecordedShop): Promise<readonly Measurement[]> {
  const clock = createManualClock(recorded.at);
  const fleet = await createFleet({ clock, recorded, idle, running: 0 });
  const process = fleet.compose();
  const starting = process.controller.start();
  await advanceFleet(fleet, process, clock, 30_000);
  await starting;
  const adopted = process.metrics.shown.size;
  process.requests.length = 0;
  await advanceFleet(fleet, process, clock, minutes * 60_000);
  const counted = process.requests.filter(
    ({ path, isWatch }) => !isWatch && !path.includes("/leases"),
  );
  const watches = process.requests.filter(({ isWatch }) => isWatch).length;
  const leases = process.requests.length - watches - counted.length;
  const perMinute = (count: number) => (count / minutes).toFixed(1);
  const stopping = process.controller.stop();
  await advanceFleet(fleet, process, clock, 1_000);
  await stopping;
  fleet.api.close();
  return [
    {
      name: `API requests of ${idle.toLocaleString("en")} idle Canaries`,
      unit: "per min",
      value: counted.length / minutes,
      budget: atMost(0),
      how: `${adopted} adopted, ${minutes} virtual minutes; beside ${perMinute(leases)} lease and ${perMinute(watches)} watch renewals per minute`,
    },
  ];
}
