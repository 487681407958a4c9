/** Releases while the API server or its store is away. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ControlPlane } from "../support/control-plane.ts";
import { tell } from "../support/figures.ts";
import { type Fleet, isWeightPatch, openFleet, type Replica } from "../support/fleet.ts";
import { isMissing } from "../support/is-missing.ts";
import { rollbackBoundMs } from "../support/promises.ts";
import { beginGoodAndBad } from "../support/release.ts";
import { openSuite, type Suite } from "../support/suite.ts";

describe.skipIf(isMissing("pilot-discovery"))("while the API server is away", () => {
  let suite: Suite;
  let fleet: Fleet;
  beforeAll(async () => {
    suite = await openSuite();
    fleet = await openFleet(suite);
  });
  afterAll(() => fleet.close());

  /** Does it when a rollback is decided and its patch on the way: at that very moment, and nobody takes the patch. */
  function atRollback({ api }: Replica, stop: () => void): Promise<number> {
    return new Promise((resolve) => {
      api.before = (request) => {
        if (!isWeightPatch(request, "lower")) return true;
        api.before = () => true;
        stop();
        resolve(performance.now());
        return false;
      };
    });
  }

  it.each(faults)(
    "$what, the rollback of one release is made up for, and of the other no stage is lost",
    async (fault) => {
      const { controlPlane } = suite.environment;
      await fleet.whenWell();
      const { good, bad } = await beginGoodAndBad(suite);
      const stopped = atRollback(await fleet.leader(), () => fault.stop(controlPlane));
      await good.untilWeight(10);
      const stoppedAt = await stopped;
      await sleep(fault.awayMs);
      expect(bad.weight()).toBe(10);
      await fault.start(controlPlane);
      const awayMs = performance.now() - stoppedAt;
      // Clients, too, hear of new weights only when they are connected again.
      const how = { lagMs: awayMs + reconnectMs };
      const failed = await bad.expectRolledBack(90_000, [[0, 10, 0]], how);
      expect(bad.exposedMs()).toBeLessThan(rollbackBoundMs(failed) + awayMs);
      await good.expectPromoted(120_000, undefined, how);
      tell(fault.what, { awayMs, exposedMs: bad.exposedMs() });
    },
  );
});

const reconnectMs = 15_000;

interface Fault {
  readonly what: string;
  readonly awayMs: number;
  stop(plane: ControlPlane): void;
  start(plane: ControlPlane): Promise<void>;
}

const faults: readonly Fault[] = [
  {
    what: "when the API server was killed for 30 s",
    awayMs: 30_000,
    stop: ({ apiServer }) => apiServer.signal("SIGKILL"),
    start: (plane) => plane.startApiServer(),
  },
  {
    what: "when the API server took requests and answered none for 30 s",
    awayMs: 30_000,
    stop: ({ apiServer }) => apiServer.signal("SIGSTOP"),
    start: async ({ apiServer }) => apiServer.signal("SIGCONT"),
  },
  {
    what: "when the store was killed for 5 s",
    awayMs: 5_000,
    stop: ({ etcd }) => etcd.signal("SIGKILL"),
    start: (plane) => plane.startEtcd(),
  },
];
