import { describe, expect, it } from "vitest";
import { known } from "../../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  blind,
  broken,
  decideNow,
  errorRate,
  nextTarget,
  progressing,
  promoting,
  retreated,
  shared,
  someRoutes,
  statusAfter,
  statuses,
} from "../../../support/snapshots.ts";

const well = known([errorRate({ total: 0 }, { total: 1000 })]);
const ill = known([errorRate({ total: 0 }, { total: 1000, bad: 200 })]);

describe("a retreat", () => {
  it("comes after evidence against the canary alone, and after another template", () => {
    const status = progressing(1, "confirmed");
    expect(decideNow(aReleasing(status, { metrics: known([broken]) }))).toMatchObject({
      rule: "rollBack",
    });
    const target = known({ ...nextTarget, templateHash: "third" });
    expect(decideNow(aReleasing(status, { target, metrics: known([shared]) }))).toMatchObject({
      rule: "supersede",
    });
  });

  it("is a rollback while the primary is being replaced, where nobody can retreat", () => {
    const snapshot = aReleasing(promoting("Copy"), { metrics: known([shared]) });
    expect(decideNow(snapshot)).toMatchObject({ rule: "rollBack" });
  });

  it("takes the weight off while the release waits, which goes on waiting", () => {
    const paused = aReleasing(statuses["paused"] ?? {}, { metrics: known([shared]) });
    expect(decideNow(paused)).toMatchObject({
      kind: "Rollback",
      rule: "retreat",
      status: { phase: "Waiting", waiting: { reason: "Paused" }, canaryWeight: 0 },
    });
    const asked = aReleasing(statuses["unapproved"] ?? {}, { metrics: known([shared]) });
    expect(statusAfter(asked)).toMatchObject({ phase: "Progressing", canaryWeight: 0 });
    expect(statusAfter(asked)).not.toHaveProperty("waiting");
  });

  it("forgets when traffic began: limits and warm-up start anew with it", () => {
    const { release } = statusAfter(
      aReleasing(progressing(2, "confirmed"), { metrics: known([blind]) }),
    );
    expect(release).not.toHaveProperty("firstTrafficAt");
    expect(release?.retreat).toEqual({
      reason: "NoData",
      message: "no usable data for 2 min: error-rate: Timeout: no answer within 5 s",
      detectedAt: ago(120),
      decidedAt: ago(0),
    });
  });

  it("counts", () => {
    const status = progressing(1, "confirmed", { release: { retreats: 2 } });
    const { release, outbox } = statusAfter(aReleasing(status, { metrics: known([shared]) }));
    expect(release?.retreats).toBe(3);
    expect(outbox).toMatchObject([{ id: "0a1b2c3d-next-1-Retreated-3" }]);
  });

  it("sends no traffic before stable is well", () => {
    expect(decideNow(aReleasing(retreated("NoData"), { metrics: ill }))).toMatchObject({
      kind: "Converge",
      actions: [],
      message: expect.stringMatching(/once stable holds every limit for 30 s/),
    });
  });

  it("goes on lowering what is not lowered yet", () => {
    const routes = known(someRoutes({ canaryWeight: 25 }));
    const snapshot = aReleasing(retreated("NoData"), { metrics: well, routes });
    expect(decideNow(snapshot)).toMatchObject({ rule: "lowerRoutes" });
  });
});

describe("after a retreat", () => {
  it("a version that crashes fails all the same", () => {
    const crash = { container: "web", because: "CrashLoopBackOff" };
    const base = aReleasing(retreated("NoData"), { metrics: well });
    if (base.pods.kind !== "Known") throw new Error("the default pods are known");
    const canary = base.pods.value.canary.map((pod) => ({ ...pod, crash }));
    const pods = known({ ...base.pods.value, canary });
    expect(decideNow({ ...base, pods })).toMatchObject({ rule: "rollBack" });
  });

  it("the release starts again by itself twice, then waits for a human", () => {
    const after = (retreats: number) =>
      statusAfter(aReleasing(retreated("NoData", { release: { retreats } }), { metrics: well }));
    expect(after(2)).toMatchObject({ phase: "Progressing", release: { retreats: 2 } });
    expect(after(3)).toMatchObject({
      phase: "Waiting",
      canaryWeight: 0,
      waiting: {
        reason: "Retreated",
        message:
          "retreated 3 times, the last time because of no usable data for 120 s; stable is well again: resume the release to try once more, or push another version",
      },
      outbox: [{ reason: "Waiting", facts: { cause: "Retreated" } }],
    });
    expect(after(3).release).not.toHaveProperty("retreat");
  });

  it("a release that waits goes on waiting for what it waited for", () => {
    const status = { phase: "Waiting", waiting: statuses["paused"]?.waiting } as const;
    if (status.waiting === undefined) throw new Error("a paused release waits");
    const waiting = { phase: status.phase, waiting: status.waiting };
    const snapshot = aReleasing(
      retreated("NoData", { status: waiting, release: { retreats: 3 } }),
      {
        metrics: well,
      },
    );
    expect(statusAfter(snapshot)).toMatchObject({
      phase: "Waiting",
      waiting: { reason: "Paused" },
    });
  });
});
