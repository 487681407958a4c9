/** What every group of informers is built from. */
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Transport } from "./transport.ts";

export interface InformerDeps {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Left out: all namespaces. */
  readonly namespace?: string | undefined;
}
