/**
 * `serin controller` as people run it, the bundle in a process of its own, against a fleet in another: the cold start,
 * the way from verdict to patch, what 200 running releases cost at rest, and ten thousand idle ones.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../support/real-time.ts";
import { type Replica, startReplica } from "../support/replica.ts";
import { deployedNodeOptions, deployedProgram } from "./deployed.ts";
import { atMost, type Measurement, median, noBudget, quantile, spreadOf } from "./measurement.ts";
import { type ServedFleet, serveFleet } from "./served-fleet.ts";

const idle = 800;
const running = 200;
const starts = 3;
const roundsOfTen = 3;
const restSeconds = 90;
const sampleSeconds = 10;
const crowd = 10_000;
const crowdSamples = 6;
/** Drawing up the metrics of ten thousand Canaries is work too: who asks all the time measures himself. */
const crowdPollMs = 1_000;

export async function measureSeparateFleet(): Promise<readonly Measurement[]> {
  const program = await deployedProgram();
  return [...(await measureVerdicts(program)), ...(await measureRest(program))];
}

/** What a larger cluster than the budgets speak of costs: it must work in the memory that a pod has. */
export async function measureCrowd(): Promise<readonly Measurement[]> {
  const fleet = await serveFleet({ idle: crowd, running: 0, intervalSeconds: 10 });
  const { replica, tookMs } = await coldStart(fleet, await deployedProgram(), crowdPollMs);
  const memory: number[] = [];
  for (let sample = 0; sample < crowdSamples; sample += 1) {
    await sleep(sampleSeconds * 1000);
    memory.push((await readProcess(replica)).residentBytes / 1e6);
  }
  replica.command.signal("SIGKILL");
  await fleet.close();
  const how = `${crowd.toLocaleString("en")} idle, none running`;
  return [
    {
      name: `cold start to ${crowd.toLocaleString("en")} Canaries adopted`,
      unit: "s",
      value: tookMs / 1000,
      budget: noBudget,
      how: `${how}: from the start of the process until /metrics shows each`,
    },
    {
      name: `resident memory with ${crowd.toLocaleString("en")} Canaries`,
      unit: "MB",
      value: Math.max(...memory),
      budget: noBudget,
      spread: spreadOf(memory),
      how: `${how}: the largest of ${(crowdSamples * sampleSeconds).toFixed(0)} s after the start`,
    },
  ];
}

async function measureVerdicts(program: string): Promise<readonly Measurement[]> {
  const hasty = await serveFleet({ idle, running: running + roundsOfTen * 10, intervalSeconds: 2 });
  const adoptions: number[] = [];
  for (let start = 0; start < starts; start += 1) {
    const { replica, tookMs } = await coldStart(hasty, program);
    adoptions.push(tookMs);
    replica.command.signal("SIGTERM");
    await replica.command.ended;
  }
  const { replica } = await coldStart(hasty, program);
  await eventually("warm", 60_000, async () => (await hasty.report()).answers.length > 40);
  const tens: number[] = [];
  for (let round = 0; round < roundsOfTen; round += 1)
    tens.push(...(await turnBad(hasty, hasty.names.slice(round * 10, round * 10 + 10))));
  const all = await turnBad(hasty, hasty.names.slice(roundsOfTen * 10));
  replica.command.signal("SIGKILL");
  await hasty.close();
  return [
    {
      name: "processes apart: cold start to all Canaries adopted",
      unit: "s",
      value: median(adoptions) / 1000,
      budget: atMost(5),
      spread: spreadOf(adoptions.map((ms) => ms / 1000)),
      how: `${idle} idle and ${hasty.names.length} running: from the start of the process until /metrics shows each`,
    },
    verdict("10 of 200 turn bad", tens, atMost(250)),
    verdict("all 200 turn bad", all, noBudget),
  ];
}

function verdict(
  what: string,
  samples: readonly number[],
  budget: Measurement["budget"],
): Measurement {
  return {
    name: `processes apart: verdict to VirtualService patched, p99: ${what}`,
    unit: "ms",
    value: quantile(samples, 0.99),
    budget,
    spread: spreadOf(samples),
    how: `by the clock of the server's process, ${idle} idle beside; median ${median(samples).toFixed(0)} ms`,
  };
}

async function coldStart(
  fleet: ServedFleet,
  program: string,
  pollMs?: number,
): Promise<{ replica: Replica; tookMs: number }> {
  const startedAt = performance.now();
  const replica = await startReplica({
    name: `bench-${Math.round(startedAt)}`,
    kubeconfig: fleet.kubeconfig,
    flags: ["--metrics-server", fleet.prometheus, "--own-namespace", "default"],
    nodeArguments: await deployedNodeOptions(),
    program,
  });
  const isAdopted = async () => {
    const { text } = await replica.get("/metrics");
    const shown = text.match(/^serin_canary_weight\{/gm)?.length ?? 0;
    const withheld = Number(/^serin_series_withheld (.+)$/m.exec(text)?.[1] ?? 0);
    return shown + withheld >= fleet.canaries;
  };
  await eventually("adopted", 120_000, isAdopted, pollMs);
  return { replica, tookMs: performance.now() - startedAt };
}

/** Milliseconds from the check's last answer to the written patch, of each. */
async function turnBad(fleet: ServedFleet, names: readonly string[]): Promise<readonly number[]> {
  fleet.breakVersions(names);
  await eventually("rolled back", 60_000, async () => {
    const { patches } = await fleet.report();
    return names.every((name) => patches.some((patch) => patch.name === name));
  });
  const { patches, answers } = await fleet.report();
  return names.map((name) => {
    const patch = patches.find((other) => other.name === name);
    if (patch === undefined) return Number.NaN;
    const proof = answers.findLast((answeredAt) => answeredAt <= patch.startedAt);
    return patch.endedAt - (proof ?? Number.NaN);
  });
}

async function measureRest(program: string): Promise<readonly Measurement[]> {
  const fleet = await serveFleet({ idle, running, intervalSeconds: 10 });
  const { replica } = await coldStart(fleet, program);
  await sleep(30_000);
  await readProcess(replica);
  const lags: number[] = [];
  const memory: number[] = [];
  const before = await readProcess(replica);
  const startedAt = performance.now();
  for (let sample = 0; sample < restSeconds / sampleSeconds; sample += 1) {
    await sleep(sampleSeconds * 1000);
    const { lagMs, residentBytes } = await readProcess(replica);
    lags.push(lagMs);
    memory.push(residentBytes / 1e6);
  }
  const { cpuSeconds } = await readProcess(replica);
  const tookSeconds = (performance.now() - startedAt) / 1000;
  replica.command.signal("SIGKILL");
  await fleet.close();
  const how = `${running} running at a 10 s interval, ${idle} idle, ${restSeconds} s`;
  return [
    {
      name: "event-loop lag, p99",
      unit: "ms",
      value: Math.max(...lags),
      budget: atMost(100),
      spread: spreadOf(lags),
      how: `${how}: the largest p99 of ${sampleSeconds} s each`,
    },
    {
      name: "CPU of one core",
      unit: "%",
      value: ((cpuSeconds - before.cpuSeconds) / tookSeconds) * 100,
      budget: atMost(30),
      how,
    },
    {
      name: "resident memory",
      unit: "MB",
      value: Math.max(...memory),
      budget: atMost(350),
      spread: spreadOf(memory),
      how: `${how}: the largest`,
    },
  ];
}

async function readProcess(replica: Replica) {
  const { text } = await replica.get("/metrics");
  const read = (name: string) => Number(new RegExp(`^${name} (.+)$`, "m").exec(text)?.[1]);
  return {
    lagMs: read("nodejs_eventloop_lag_p99_seconds") * 1000,
    cpuSeconds: read("process_cpu_seconds_total"),
    residentBytes: read("process_resident_memory_bytes"),
  };
}
