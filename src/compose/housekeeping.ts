/** The one job that runs by the wall clock: what nobody misses when it is late. */
import { schedule } from "node-cron";
import type { Log } from "../ports/log.ts";
import type { RunningController } from "./controller.ts";

/** Every ten minutes. */
const everyTenMinutes = "*/10 * * * *";

/** Sweeps every ten minutes until the returned function is called. */
export function startHousekeeping(
  controller: Pick<RunningController, "sweep">,
  log: Log,
): () => Promise<void> {
  const task = schedule(everyTenMinutes, () => keepHouse(controller, log), {
    timezone: "Etc/UTC",
    noOverlap: true,
  });
  return async () => {
    await task.destroy();
  };
}

/** One round; a failure is logged and waits for the next. */
export function keepHouse(controller: Pick<RunningController, "sweep">, log: Log): void {
  try {
    controller.sweep();
  } catch (error) {
    log.error({ error }, "housekeeping failed");
  }
}
