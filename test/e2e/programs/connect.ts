/** What the suite's own programs share: the way to the real API server, a log on stdout, an end by signal. */
import { connectByKubeconfig } from "../../../src/adapters/kubernetes/kube-config.ts";
import { createTransport, type Transport } from "../../../src/adapters/kubernetes/transport.ts";
import { createPinoLog } from "../../../src/adapters/observability/pino-log.ts";
import { createSystemClock } from "../../../src/adapters/system-clock.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { Log } from "../../../src/ports/log.ts";

export interface ProgramDeps {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** `name` is its field manager and user agent, so that its writes are told from Serin's. */
export async function connectProgram(kubeconfig: string, name: string): Promise<ProgramDeps> {
  const clock = createSystemClock();
  const log = createPinoLog({ clock, level: "info", destination: process.stdout });
  const random = Math.random;
  const { wire } = await connectByKubeconfig({ path: kubeconfig, clock, log });
  const unlimited = { qps: 10_000, burst: 10_000 };
  const shared = { clock, log, random, userAgent: name, fieldManager: name };
  return { ...shared, transport: createTransport({ ...wire, ...shared, ...unlimited }) };
}

/** Keeps the process until SIGTERM or SIGINT; the Clock's timers do not. */
export function untilStopped(): Promise<void> {
  const hold = setInterval(() => undefined, 2 ** 30);
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const)
      process.once(signal, () => {
        clearInterval(hold);
        resolve();
      });
  });
}
