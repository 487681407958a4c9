/**
 * Runs many simulated worlds and prints what was broken in which: `npm run simulate -- --seeds 10000 --from 0`.
 * The last line is one line of JSON; ends with 1 when any promise was broken.
 */
import { parseArgs } from "node:util";
import { runSeed } from "./run-seed.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "1000" }, from: { type: "string", default: "0" } },
});
const from = Number(values.from);
const seeds = Number(values.seeds);
const startedAt = performance.now();
let releases = 0;
const broken: number[] = [];
const exposures: number[] = [];

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (let seed = from; seed < from + seeds; seed += 1) {
  const outcome = await runSeed(seed);
  releases += outcome.releases;
  exposures.push(...outcome.exposures);
  if (outcome.violations.length === 0) continue;
  broken.push(seed);
  print(`seed ${seed}\n  ${outcome.violations.join("\n  ")}`);
  print(`  ${JSON.stringify(outcome.scenario)}`);
}

exposures.sort((a, b) => a - b);
print(
  JSON.stringify({
    from,
    seeds,
    releases,
    broken,
    undisturbedRollbacks: exposures.length,
    medianExposureMs: exposures[Math.floor(exposures.length / 2)] ?? null,
    longestExposureMs: exposures.at(-1) ?? null,
    tookSeconds: Math.round((performance.now() - startedAt) / 1000),
  }),
);
process.exitCode = broken.length > 0 ? 1 : 0;
