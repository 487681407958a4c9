/**
 * In real time, with 800 idle and 200 running Canaries: from the start of a process to the last of them adopted, and
 * from an answer that proves a version bad to the patch that takes it off. The embedded API server is in this process
 * and shares its one core, so that these are upper bounds of what Serin takes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createSystemClock } from "../../src/adapters/system-clock.ts";
import { createFleet, type Fleet, type FleetController, type Member, workloadOf } from "./fleet.ts";
import { atMost, type Measurement, median, noBudget, quantile, spreadOf } from "./measurement.ts";
import type { RecordedShop } from "./recorded-shop.ts";

const idle = 800;
const running = 230;
const startsMeasured = 5;
const roundsOfTen = 3;

export async function measureRealFleet(recorded: RecordedShop): Promise<readonly Measurement[]> {
  const fleet = await createFleet({ clock: createSystemClock(), recorded, idle, running });
  const adoptions: number[] = [];
  for (let start = 0; start < startsMeasured; start += 1) {
    const { process, tookMs } = await coldStart(fleet);
    adoptions.push(tookMs);
    await process.controller.stop();
  }
  const { process } = await coldStart(fleet);
  const podsMs = await podsRead(process);
  const ready = fleet.members.filter((member) => member.isRunning);
  const inProgress = [...process.metrics.shown.values()].filter(
    ({ phase }) => phase === "Progressing",
  );
  if (inProgress.length !== running) throw new Error("the releases do not run");
  const tens: number[] = [];
  for (let round = 0; round < roundsOfTen; round += 1)
    tens.push(...(await turnBad(fleet, process, ready.slice(round * 10, round * 10 + 10))));
  const all = await turnBad(fleet, process, ready.slice(roundsOfTen * 10));
  await process.controller.stop();
  fleet.api.close();
  return [
    {
      name: "cold start to all Canaries adopted",
      unit: "s",
      value: median(adoptions) / 1000,
      budget: atMost(5),
      spread: spreadOf(adoptions.map((ms) => ms / 1000)),
      how: `${idle} idle and ${running} running: from start() until each was decided on once; median`,
    },
    {
      name: "cold start to the pods of all running releases read",
      unit: "s",
      value: podsMs / 1000,
      budget: noBudget,
      how: `${running} running; a list and a watch each, at 50 requests per second after the first 100`,
    },
    verdict("10 of 200 turn bad", tens, 10),
    verdict("all 200 turn bad", all, 200),
  ];
}

function verdict(what: string, samples: readonly number[], together: number): Measurement {
  return {
    name: `verdict to VirtualService patched, p99: ${what}`,
    unit: "ms",
    value: quantile(samples, 0.99),
    budget: together === 10 ? atMost(250) : noBudget,
    spread: spreadOf(samples),
    how: `from the check's last answer of Prometheus to the acknowledged patch, ${idle} idle beside; median ${median(samples).toFixed(0)} ms`,
  };
}

async function coldStart(fleet: Fleet): Promise<{ process: FleetController; tookMs: number }> {
  const startedAt = performance.now();
  const process = fleet.compose();
  await process.controller.start();
  await until("adopted", () => process.metrics.shown.size === fleet.members.length);
  return { process, tookMs: performance.now() - startedAt };
}

async function podsRead({ requests }: FleetController): Promise<number> {
  const lists = () => requests.filter(({ path, isWatch }) => path.endsWith("/pods") && !isWatch);
  await until("pods are read", () => lists().length >= running);
  return (lists().at(-1)?.endedAt ?? 0) - (requests[0]?.startedAt ?? 0);
}

/** Milliseconds from verdict to patch, of each member. */
async function turnBad(
  { prometheus }: Fleet,
  { requests }: FleetController,
  members: readonly Member[],
): Promise<readonly number[]> {
  for (const { name } of members) prometheus.breakWorkload(workloadOf(name));
  const patchOf = ({ name }: Member) =>
    requests.find(
      ({ method, path }) => method === "PATCH" && path.endsWith(`/virtualservices/${name}`),
    );
  await until("rolled back", () => members.every((member) => patchOf(member) !== undefined));
  const answers = prometheus.queries.filter(({ kind }) => kind !== "Buckets");
  return members.map((member) => {
    const patch = patchOf(member);
    if (patch === undefined) return Number.NaN;
    const proof = answers.findLast(({ answeredAt }) => answeredAt <= patch.startedAt);
    return patch.endedAt - (proof?.answeredAt ?? Number.NaN);
  });
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const withinMs = 60_000;
  const startedAt = performance.now();
  while (!holds()) {
    if (performance.now() - startedAt > withinMs) throw new Error(`not within a minute: ${what}`);
    await sleep(5);
  }
}
