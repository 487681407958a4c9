/** From the end of a leader to another that acts, in virtual time: crashes and clean stops at many moments. */
import { createWorld } from "../support/world.ts";
import { atMost, type Measurement, median, spreadOf } from "./measurement.ts";

const moments = 20;

export async function measureFailOver(): Promise<readonly Measurement[]> {
  const crashes: number[] = [];
  const stops: number[] = [];
  for (let moment = 0; moment < moments; moment += 1) {
    crashes.push(await endOfLeader("Crash", moment));
    stops.push(await endOfLeader("Stop", moment));
  }
  return [
    result("crash of the leader to the next acting, longest", crashes, 16),
    result("clean stop of the leader to the next acting, longest", stops, 2),
  ];
}

function result(name: string, seconds: readonly number[], budget: number): Measurement {
  return {
    name,
    unit: "s",
    value: Math.max(...seconds),
    budget: atMost(budget),
    spread: spreadOf(seconds),
    how: `virtual time, at ${moments} moments between renewals; median ${median(seconds).toFixed(2)} s`,
  };
}

async function endOfLeader(kind: "Crash" | "Stop", moment: number): Promise<number> {
  const world = await createWorld({ seed: moment + 1 });
  try {
    const leader = await world.startController();
    await world.until("leading", () => leader.controller.isLeading(), 5_000);
    const standby = await world.startController();
    await world.advance(10_000 + (2_000 * moment) / moments);
    const endedAt = world.clock.monotonic();
    const stopping = kind === "Crash" ? leader.kill() : leader.stop();
    await world.until("another leads", () => standby.controller.isLeading(), 30_000);
    await stopping;
    return (world.clock.monotonic() - endedAt) / 1000;
  } finally {
    await world.close();
  }
}
