/**
 * The faults of a soak, one cycle a minute: an API server that fails, cut watches, a history that is gone, Prometheus and
 * Slack away, the lease taken from the measured process, and the one that took it killed.
 */
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../support/real-time.ts";
import { tokenOf } from "../support/served-world.ts";
import type { ControllerProcess } from "./controller-process.ts";
import type { FaultyServer, Harm } from "./faulty-server.ts";
import type { SoakWorld } from "./soak-world.ts";

/** The processes that a storm is about. */
export interface Crew {
  /** Measured from beginning to end. */
  readonly steady: ControllerProcess;
  /** Takes over, is killed, and is followed by another. */
  mortal(): ControllerProcess;
  replaceMortal(): Promise<void>;
}

const none: Harm = { kind: "None" };
const isLease = ({ url = "" }: IncomingMessage): boolean => url.includes("/leases");
const isWrite = ({ method = "GET" }: IncomingMessage): boolean => method !== "GET";

const status = (code: number, reason: string, headers = {}): Harm => ({
  kind: "Answer",
  status: code,
  headers,
  body: JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason }),
});

/** One in five requests fails, each in its own way. */
function failingApi(random: () => number): FaultyServer["harm"] {
  const soon = { "retry-after": "1" };
  const harms = [
    status(500, "InternalError"),
    status(503, "ServiceUnavailable", soon),
    status(429, "TooManyRequests", soon),
    { kind: "Close" },
    { kind: "CloseAfter" },
    { kind: "Delay", ms: 800 },
  ] as const;
  const ofWrites = [...harms, status(409, "Conflict")];
  return (request) => {
    if (isLease(request) || random() > 0.2) return none;
    if (random() < 0.05) return { kind: "Silence" };
    const all = isWrite(request) ? ofWrites : harms;
    return all[Math.floor(random() * all.length)] ?? none;
  };
}

const emptyAnswer: Harm = {
  kind: "Answer",
  status: 200,
  body: JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } }),
};

/** Goes on until `signal` aborts; the cycle that runs then ends first. Returns the number of cycles. */
export async function keepStorming(
  world: SoakWorld,
  crew: Crew,
  signal: AbortSignal,
): Promise<number> {
  let cycles = 0;
  while (!signal.aborted) {
    await storm(world, crew);
    cycles += 1;
  }
  return cycles;
}

async function storm(world: SoakWorld, crew: Crew): Promise<void> {
  const { api, prometheus, slack, sandbox, random } = world;
  const calm = () => none;
  await during(api, failingApi(random), 5_000);
  sandbox.api.cutWatches();
  await sleep(2_000);
  sandbox.api.compact();
  sandbox.api.cutWatches();
  await sleep(2_000);
  slack.harm = () => ({ kind: "Close" });
  await during(prometheus, () => ({ kind: "Delay", ms: 3_000 }), 4_000);
  slack.harm = () => status(429, "TooManyRequests", { "retry-after": "1" });
  await during(prometheus, () => ({ kind: "Close" }), 4_000);
  slack.harm = () => ({ kind: "Silence" });
  await during(prometheus, () => emptyAnswer, 3_000);
  slack.harm = calm;
  await changeLeaders(world, crew);
  await sleep(12_000);
}

async function during(server: FaultyServer, harm: FaultyServer["harm"], ms: number): Promise<void> {
  server.harm = harm;
  await sleep(ms);
  server.harm = () => none;
}

/** The measured process loses its lease to a fault, another takes over and is killed, and it leads again. */
async function changeLeaders({ api }: SoakWorld, crew: Crew): Promise<void> {
  const own = `Bearer ${tokenOf(crew.steady.name)}`;
  api.harm = (request) =>
    isLease(request) && request.headers.authorization === own ? status(500, "InternalError") : none;
  try {
    await eventually("the other one leads", 120_000, () => isLeading(crew.mortal()), 500);
  } finally {
    api.harm = () => none;
  }
  await sleep(4_000);
  await crew.mortal().kill();
  await eventually("the measured one leads again", 120_000, () => isLeading(crew.steady), 500);
  await crew.replaceMortal();
}

async function isLeading(process: ControllerProcess): Promise<boolean> {
  const text = await process.metrics().catch(() => "");
  return text.includes("\nserin_leader 1\n");
}
