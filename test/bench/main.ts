/**
 * `npm run bench`: what Serin costs and how fast it is, against the budgets of docs/performance.md. People's table on
 * stderr; the last line of stdout is one JSON object. `npm run bench -- onset verdict` runs only what is named so.
 */
import { measureRunningCost } from "./busy-fleet.ts";
import { measureDecisions } from "./decisions.ts";
import { measureFailOver } from "./fail-over.ts";
import { measureFaultOnset } from "./fault-onset.ts";
import { isKept, type Measurement, toTable } from "./measurement.ts";
import { measureIdleCost } from "./quiet-fleet.ts";
import { measureRealFleet } from "./real-fleet.ts";
import { type RecordedShop, recordShop } from "./recorded-shop.ts";
import { measureCrowd, measureSeparateFleet } from "./separate-fleet.ts";

type Bench = (recorded: () => Promise<RecordedShop>) => Promise<readonly Measurement[]>;

const benches: Readonly<Record<string, Bench>> = {
  decide: async () => measureDecisions(),
  onset: () => measureFaultOnset(),
  failover: () => measureFailOver(),
  idle: async (recorded) => measureIdleCost(await recorded()),
  running: async (recorded) => measureRunningCost(await recorded()),
  apart: () => measureSeparateFleet(),
  crowd: () => measureCrowd(),
  fleet: async (recorded) => measureRealFleet(await recorded()),
};

const named = process.argv.slice(2);
const unknown = named.find((name) => !(name in benches));
if (unknown !== undefined) {
  process.stderr.write(`bench: no ${unknown}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}

// Timers of the Clock keep no process alive, and nothing listens here.
const hold = setInterval(() => undefined, 2 ** 30);
let recording: Promise<RecordedShop> | undefined;
const recorded = () => (recording ??= recordShop());
const measurements: Measurement[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (named.length > 0 && !named.includes(name)) continue;
  const startedAt = performance.now();
  measurements.push(...(await bench(recorded)));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`${name}: done in ${seconds} s\n`);
}
process.stderr.write(`\n${toTable(measurements)}`);
const results = measurements.map((measurement) => ({ ...measurement, kept: isKept(measurement) }));
process.stdout.write(`${JSON.stringify({ measurements: results })}\n`);
clearInterval(hold);
process.exit();
