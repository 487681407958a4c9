/** The one job by the wall clock: what goes wrong in it is logged, and it ends when it is told to. */
import { describe, expect, it } from "vitest";
import { keepHouse, startHousekeeping } from "../../src/compose/housekeeping.ts";
import { createRecordingLog } from "../support/recording-log.ts";

describe("housekeeping", () => {
  it("sweeps", () => {
    let sweeps = 0;
    const log = createRecordingLog();
    keepHouse({ sweep: () => void (sweeps += 1) }, log);
    expect(sweeps).toBe(1);
    expect(log.lines).toEqual([]);
  });

  it("logs a failure and leaves the rest to the next round", () => {
    const log = createRecordingLog();
    const error = new Error("no memory");
    const sweep = () => {
      throw error;
    };
    expect(() => keepHouse({ sweep }, log)).not.toThrow();
    expect(log.lines).toEqual([
      { level: "error", fields: { error }, message: "housekeeping failed" },
    ]);
  });

  it("stops when it is told to, at once and for good", async () => {
    const stop = startHousekeeping({ sweep: () => undefined }, createRecordingLog());
    await stop();
    await expect(stop()).resolves.toBeUndefined();
  });
});
