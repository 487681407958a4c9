/**
 * `npm run bench:e2e`: how fast Serin is, and what it costs, on real servers. People's table on stderr; the last line of
 * stdout is one JSON object. `npm run bench:e2e -- onset fleet` runs only what is named so.
 */
import { availableParallelism, loadavg } from "node:os";
import { isKept, type Measurement, toTable } from "../../bench/measurement.ts";
import { endWorker } from "../support/at-worker-end.ts";
import { openSuite, type Suite } from "../support/suite.ts";
import { measureFailOver } from "./fail-over.ts";
import { measureFaultOnset } from "./fault-onset.ts";
import { measureFleet } from "./fleet.ts";
import { measureGitOps } from "./git-ops.ts";

/** The fleet's comes last: it stops what the others need. */
const benches: Readonly<Record<string, (suite: Suite) => Promise<readonly Measurement[]>>> = {
  onset: measureFaultOnset,
  failover: measureFailOver,
  gitops: measureGitOps,
  fleet: measureFleet,
};

process.exitCode = await main(process.argv.slice(2));

async function main(named: readonly string[]): Promise<number> {
  const unknown = named.find((name) => !(name in benches));
  if (unknown !== undefined) {
    process.stderr.write(`bench: no ${unknown}; there are ${Object.keys(benches).join(", ")}\n`);
    return 2;
  }
  // Timers of the Clock keep no process alive, and nothing listens here.
  const hold = setInterval(() => undefined, 2 ** 30);
  try {
    await measure(named);
    return 0;
  } finally {
    await endWorker();
    clearInterval(hold);
  }
}

async function measure(named: readonly string[]): Promise<void> {
  const suite = await openSuite();
  const measurements: Measurement[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (named.length > 0 && !named.includes(name)) continue;
    const startedAt = performance.now();
    measurements.push(...(await bench(suite)));
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    process.stderr.write(`${name}: done in ${seconds} s, load ${load()}\n`);
  }
  process.stderr.write(`\n${toTable(measurements)}`);
  const results = measurements.map((each) => ({ ...each, kept: isKept(each) }));
  const machine = { cores: availableParallelism(), load: load() };
  process.stdout.write(`${JSON.stringify({ measurements: results, machine })}\n`);
}

/** Of the last one, five and fifteen minutes: what else ran on the machine tells how much the times are worth. */
function load(): string {
  return loadavg()
    .map((average) => average.toFixed(1))
    .join(" ");
}
