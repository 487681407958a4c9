/**
 * The write that takes traffic off a bad version, while the API server fails for long: it is tried at least once a
 * second, whatever becomes of the status, and goes through as soon as it can.
 */
import { afterEach, describe, expect, it } from "vitest";
import { apiFaults, type FaultName, isRaise, isWriteOf } from "../../support/api-faults.ts";
import type { Interception, SeenRequest } from "../../support/controller-process.ts";
import { outcomeOf, type Run, runRelease } from "../../support/release-run.ts";

const undisturbed = await runRelease({ version: "bad" });
const expected = await outcomeOf(undisturbed);
await undisturbed.world.close();

const faultMs = 30_000;
const unharmed: Interception = { kind: "Pass" };

interface Faults {
  readonly routes?: FaultName;
  /** Reads of a routing object. */
  readonly reads?: FaultName;
  readonly statuses?: FaultName;
  /** Statuses fail only once the failure itself is written. */
  readonly onceFailed?: boolean;
}

/** Faults from the first attempt to lower the canary on, for `faultMs`. */
function fromTheRollbackOn(faults: Faults) {
  /** Until the first that nothing is done to. */
  const attempts: number[] = [];
  let beganAt: number | undefined;
  let isFailed = false;
  let isArmed = false;
  let hasPassed = false;
  return {
    attempts,
    arm: async () => {
      isArmed = true;
    },
    intercept(request: SeenRequest): Interception {
      const isLower = isArmed && isWriteOf(request, "routes") && !isRaise(request);
      if (isLower) beganAt ??= request.at;
      if (beganAt === undefined) return unharmed;
      const isOver = request.at - beganAt >= faultMs;
      if (isLower && !hasPassed) attempts.push(request.at);
      hasPassed ||= isLower && isOver;
      if (isOver) return unharmed;
      if (isLower && faults.routes !== undefined) return apiFaults[faults.routes].interception();
      const isRead = request.method === "GET" && request.path.includes("/virtualservices/");
      if (isRead && faults.reads !== undefined) return apiFaults[faults.reads].interception();
      if (!isWriteOf(request, "statuses") || faults.statuses === undefined) return unharmed;
      if (faults.onceFailed === true && !isFailed) {
        isFailed = request.body.includes('"phase":"Failed"');
        return unharmed;
      }
      return apiFaults[faults.statuses].interception();
    },
  };
}

describe("a rollback", () => {
  let run: Run | undefined;
  afterEach(() => run?.world.close());

  const refusals = [
    "409",
    "422 for a patch's test",
    "422 for a value",
    "429 with Retry-After",
    "500",
    "503",
    "a closed connection",
  ] as const satisfies readonly FaultName[];
  const cases: readonly (readonly [string, Faults])[] = [
    ...refusals.map((fault) => [`the routes answer ${fault}`, { routes: fault }] as const),
    ...refusals.map(
      (fault) =>
        [
          `so do they, and the status answers ${fault}`,
          { routes: "503", statuses: fault },
        ] as const,
    ),
    ["the status is never answered", { routes: "503", statuses: "silence" }],
    ["what follows the status fails", { routes: "503", statuses: "500", onceFailed: true }],
    [
      "what follows the status is told to wait",
      { routes: "503", statuses: "429 with Retry-After", onceFailed: true },
    ],
    [
      "what follows the status is never answered",
      { routes: "503", statuses: "silence", onceFailed: true },
    ],
  ];

  it.each(cases)("is tried at least once a second when %s", async (_name, faults) => {
    const harm = fromTheRollbackOn(faults);
    run = await runRelease({
      version: "bad",
      first: harm,
      beforePush: harm.arm,
      withinMs: 600_000,
    });
    const { attempts } = harm;
    const waits = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
    expect(attempts.length).toBeGreaterThan(30);
    expect({ ...(await outcomeOf(run)), events: expected.events }).toEqual(expected);
    expect(run.exposedMs).toBeLessThanOrEqual(
      1000 * (run.status.rollbackBoundSeconds ?? 0) + faultMs + 1_000,
    );
  });

  it.each(refusals)("does not wait for a status that meets %s", async (fault) => {
    const harm = fromTheRollbackOn({ statuses: fault });
    run = await runRelease({ version: "bad", first: harm, beforePush: harm.arm });
    expect(run.exposedMs).toBeLessThanOrEqual(1000 * (run.status.rollbackBoundSeconds ?? 0));
    expect({ ...(await outcomeOf(run)), events: expected.events }).toEqual(expected);
  });

  it.each(["500", "429 with Retry-After", "silence"] as const)(
    "is tried again when the routes have changed and reading them meets %s",
    async (fault) => {
      const harm = fromTheRollbackOn({ routes: "422 for a patch's test", reads: fault });
      run = await runRelease({ version: "bad", first: harm, beforePush: harm.arm });
      const { attempts } = harm;
      const waits = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
      expect(Math.max(...waits)).toBeLessThanOrEqual(fault === "silence" ? 6_000 : 1_000);
      expect({ ...(await outcomeOf(run)), events: expected.events }).toEqual(expected);
    },
  );

  it("is tried again when no answer comes within 5 seconds", async () => {
    const harm = fromTheRollbackOn({ routes: "silence" });
    run = await runRelease({ version: "bad", first: harm, beforePush: harm.arm });
    const { attempts } = harm;
    const waits = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(6_000);
    expect({ ...(await outcomeOf(run)), events: expected.events }).toEqual(expected);
  });
});
