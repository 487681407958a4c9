/** From the end of a leading process to the Lease being another's, on a real API server. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { atMost, type Measurement, median, spreadOf } from "../../bench/measurement.ts";
import { eventually } from "../../support/real-time.ts";
import { ownNamespace } from "../support/environment.ts";
import type { Suite } from "../support/suite.ts";

const runs = 6;
/** Between two renewals of the leader's; ends are spread over it. */
const renewalMs = 2_000;

const Lease = z.object({ spec: z.object({ holderIdentity: z.string().default("") }) });

export async function measureFailOver(suite: Suite): Promise<readonly Measurement[]> {
  const crashes: number[] = [];
  const stops: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    crashes.push(await endLeader(suite, `after-crash-${run}`, "SIGKILL"));
    stops.push(await endLeader(suite, `after-stop-${run}`, "SIGTERM"));
  }
  return [
    result("crash of the leader to the Lease being another's, longest", crashes, 16),
    result("clean stop of the leader to the Lease being another's, longest", stops, 2),
  ];
}

function result(name: string, seconds: readonly number[], budget: number): Measurement {
  const how = `median ${median(seconds).toFixed(2)} s`;
  const value = Math.max(...seconds);
  return { name, unit: "s", value, budget: atMost(budget), spread: spreadOf(seconds), how };
}

/** Seconds. Afterwards there are two replicas again. */
async function endLeader(
  { admin, environment, replicas, startReplica }: Suite,
  successor: string,
  signal: "SIGKILL" | "SIGTERM",
): Promise<number> {
  const holder = async () => {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${ownNamespace}/leases/serin-controller`;
    return Lease.parse(await admin.request({ method: "GET", path })).spec.holderIdentity;
  };
  const leading = async () => {
    const identity = await holder();
    return replicas.findIndex(({ name }) => identity.startsWith(`${name}_`));
  };
  await Promise.all(replicas.map((replica) => replica.whenReady()));
  await eventually("somebody leads", 60_000, async () => (await leading()) !== -1);
  await sleep(renewalMs + Math.random() * renewalMs);
  const place = await leading();
  const [leader] = replicas.splice(place, 1);
  if (leader === undefined) throw new Error(`nobody of ${environment.folder} leads`);
  leader.signal(signal);
  const tookMs = await eventually("another leads", 60_000, async () => (await leading()) !== -1);
  await leader.stop();
  await startReplica(successor);
  return tookMs / 1_000;
}
