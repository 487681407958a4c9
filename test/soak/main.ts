/**
 * `npm run soak`: releases of every kind without a pause for half an hour, with faults all the time, and whether the
 * controller's process holds more at the end than at the beginning. `-- --minutes 3` is what CI runs; `-- --leak 20`
 * leaks as many kilobytes a second on purpose, to show that it fails then. People's table on stderr; the last line of
 * stdout is one JSON object. Exit code 0: flat, and every release ended.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startController } from "./controller-process.ts";
import { type Findings, toTable } from "./findings.ts";
import { startOwners } from "./releases.ts";
import type { Sample } from "./sample.ts";
import { createSoakWorld } from "./soak-world.ts";
import { bounds, judge } from "./steadiness.ts";
import { type Crew, keepStorming } from "./weather.ts";

const minuteMs = 60_000;
/** A cycle of faults at least, so that what is used for the first time is not taken for growth. */
const shortestWarmupMs = 60_000;
const warmupShare = 0.15;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    leak: { type: "string", default: "0" },
  },
});
const minutes = Number(values.minutes);
const leakBytes = Number(values.leak) * 1_000;
if (!(minutes >= 2 && minutes <= 600) || !(leakBytes >= 0)) {
  process.stderr.write("soak: --minutes takes 2 to 600, --leak kilobytes per second\n");
  process.exit(2);
}

/** Each costs a collection of the whole heap, in which the controller stands still. */
const sampleMs = minutes >= 10 ? 10_000 : 5_000;

// Timers of the Clock keep no process alive.
const hold = setInterval(() => undefined, 2 ** 30);
const findings = await soak();
process.stderr.write(`\n${toTable(findings)}`);
process.stdout.write(`${JSON.stringify(findings)}\n`);
clearInterval(hold);
process.exit(findings.passed ? 0 : 1);

async function soak(): Promise<Findings> {
  const world = await createSoakWorld();
  const start = async (name: string, leak: number) =>
    startController({
      name,
      kubeconfig: await world.kubeconfigFor(name),
      metricsServer: world.prometheus.address,
      leakBytes: leak,
    });
  const steady = await start("steady", leakBytes);
  const owners = await startOwners(world);
  const complaints: string[] = [];
  let count = 0;
  let mortal = await start("mortal-0", 0);
  const crew: Crew = {
    steady,
    mortal: () => mortal,
    async replaceMortal() {
      complaints.push(...mortal.complaints);
      count += 1;
      mortal = await start(`mortal-${count}`, 0);
    },
  };
  const startedAt = performance.now();
  const samples: Sample[] = [];
  const ending = new AbortController();
  const storming = keepStorming(world, crew, ending.signal);
  const isOver = () => performance.now() - startedAt >= minutes * minuteMs;
  // A storm that fails ends the soak; what it failed of is thrown where it is awaited.
  const broken = new AbortController();
  storming.catch(() => broken.abort());
  while (!isOver() && !broken.signal.aborted) {
    await sleep(sampleMs);
    samples.push(await steady.sample(performance.now() - startedAt));
    show(samples);
  }
  ending.abort();
  const cycles = await storming;
  await owners.stop();
  const atRest = await owners.whenAtRest().then(
    () => [],
    (error: unknown) => [String(error)],
  );
  const text = await steady.metrics();
  complaints.push(...steady.complaints, ...mortal.complaints);
  const exitCode = await steady.stop();
  await mortal.stop();
  await world.close();
  const warmupMs = Math.max(shortestWarmupMs, minutes * minuteMs * warmupShare);
  const measured = samples.filter(({ atMs, isLeading }) => atMs >= warmupMs && isLeading);
  const steadiness = bounds.map((bound) => judge(bound, measured));
  const problems = [
    ...atRest,
    ...complaints,
    ...(exitCode === 0 ? [] : [`the measured process ended with ${exitCode}`]),
    ...seriesOfTheGone(text),
    ...violations(text),
  ];
  return {
    minutes,
    warmupSeconds: warmupMs / 1000,
    samples: measured.length,
    cyclesOfFaults: cycles,
    leadersKilled: count,
    releases: owners.told,
    late: owners.late,
    requests: {
      api: world.api.counts,
      prometheus: world.prometheus.counts,
      slack: world.slack.counts,
    },
    steadiness,
    problems,
    passed: problems.length === 0 && steadiness.every(({ isFlat }) => isFlat),
  };
}

function show(samples: readonly Sample[]): void {
  const last = samples.at(-1);
  if (last === undefined || samples.length % 6 !== 0) return;
  const shown = bounds.map(({ name, of }) => `${name} ${of(last).toFixed(0)}`).join(", ");
  process.stderr.write(`${(last.atMs / minuteMs).toFixed(1)} min: ${shown}\n`);
}

/** Visitors' Canaries are deleted by now. */
function seriesOfTheGone(text: string): readonly string[] {
  const gone = text.split("\n").filter((line) => line.includes('name="visitor-'));
  return gone.length === 0 ? [] : [`${gone.length} series of Canaries that are gone: ${gone[0]}`];
}

function violations(text: string): readonly string[] {
  const found = /^serin_invariant_violations_total (\d+)$/m.exec(text)?.[1];
  return found === "0" ? [] : [`serin_invariant_violations_total is ${found}`];
}
