/**
 * Writes a rollback: routes and status at once, neither waiting for the other. The one place where a pass writes
 * both; whatever fails here is tried again by the next pass.
 */
import type { Rollback } from "../core/canary/decision.ts";
import type { StatusWrite } from "../ports/cluster.ts";
import { backOffMs } from "./back-off.ts";
import type { ControllerPorts } from "./deps.ts";
import { urgentFirstMs, urgentMaxMs } from "./limits.ts";

type RollBackPorts = Pick<ControllerPorts, "cluster" | "clock" | "random">;

/**
 * Both writes are begun before either is answered, and both are made even if one fails. As long as the status is not
 * answered the routes are tried again and again: a slow status never delays them. Throws the first failure.
 */
export async function rollBack(
  { status }: Rollback,
  identity: StatusWrite["identity"],
  lower: () => Promise<void>,
  ports: RollBackPorts,
): Promise<void> {
  let isStatusAnswered = false;
  const lowerMeanwhile = async (): Promise<void> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await lower();
        return;
      } catch (error) {
        if (isStatusAnswered) throw error;
        await pause(attempt, ports);
      }
    }
  };
  const writeStatus = async (): Promise<void> => {
    try {
      await ports.cluster.writeStatus({ identity, status, mode: "Urgent" });
    } finally {
      isStatusAnswered = true;
    }
  };
  const written = await Promise.allSettled([lowerMeanwhile(), writeStatus()]);
  for (const result of written) if (result.status === "rejected") throw result.reason;
}

function pause(attempt: number, { clock, random }: RollBackPorts): Promise<void> {
  const delayMs = backOffMs(attempt, { firstMs: urgentFirstMs, maxMs: urgentMaxMs }, random);
  return new Promise((resolve) => {
    clock.setTimer(delayMs, resolve);
  });
}
