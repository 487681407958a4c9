import { describe, expect, it } from "vitest";
import type { DrainStatus } from "../../../../src/api/canary-status.ts";
import type { MetricFacts, Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../../src/core/fact.ts";
import { metricFacts } from "../../../support/analysis.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  decideNow,
  errorRate,
  failed,
  finalising,
  initializing,
  settled,
  silent,
  someRoutes,
  statusAfter,
  unreadable,
  unused,
} from "../../../support/snapshots.ts";

function draining(drain: Partial<DrainStatus>, world: Partial<Snapshot> = {}): Snapshot {
  return aReleasing(failed({ drain: { startedAt: ago(100), ...drain } }), world);
}
const routed = (seconds: number, metric: MetricFacts): Snapshot =>
  draining({ routedAt: ago(seconds) }, { metrics: known([metric]) });

describe("the routes", () => {
  it.each([
    ["carry nothing", known(someRoutes()), "recordRouted"],
    ["carry some", known(someRoutes({ canaryWeight: 1 })), "lowerRoutes"],
    ["say nothing explicit", known(someRoutes({ isUniform: false })), "hold"],
    ["are unknown", unknown("not read yet"), "hold"],
  ])("are off once they %s", (_, routes, rule) => {
    expect(decideNow(draining({}, { routes }))).toMatchObject({ rule });
  });
});

describe("a drain", () => {
  it.each([
    ["seen to have stopped", 40, silent, "confirmDrain"],
    ["still seen", 60, errorRate({ total: 1 }), "reportUnconfirmedDrain"],
    ["not read at all, in time", 54, unreadable, "hold"],
    ["not read at all, late", 55, unreadable, "reportUnconfirmedDrain"],
    ["of a service that nobody calls, within the delay", 64, unused, "hold"],
    ["not looked for yet, however late", 900, metricFacts(), "hold"],
    ["of a service that nobody calls, after it", 65, unused, "confirmDrain"],
  ])("is %s", (_, seconds, metric, rule) => {
    expect(decideNow(routed(seconds, metric))).toMatchObject({ rule });
  });

  it("is reported late once, and confirmed all the same", () => {
    const late = { routedAt: ago(60), unconfirmed: true };
    expect(decideNow(draining(late))).toMatchObject({ kind: "Converge" });
    const stopped = draining(late, { metrics: known([silent]) });
    expect(statusAfter(stopped).outbox).toMatchObject([{ reason: "RolledBack" }]);
  });

  it("is reported late to nobody where no version was rolled back", () => {
    const drain = { startedAt: ago(60), routedAt: ago(56) };
    const status = statusAfter(aReleasing(finalising({ drain })));
    expect(status.drain?.unconfirmed).toBe(true);
    expect(status.outbox).toBeUndefined();
  });

  it("goes on while metrics are missing, and ends when they are back", () => {
    const blind = draining(
      { routedAt: ago(60), unconfirmed: true },
      { metrics: missing("TemplateNotFound", "…") },
    );
    const told = { ...blind, status: statusAfter(blind) };
    expect(decideNow(told).kind).not.toBe("Transition");
    expect(decideNow({ ...told, metrics: known([silent]) })).toMatchObject({ kind: "Transition" });
  });

  it("of the initialisation ends in Initialized", () => {
    const status = settled(
      initializing("Shift", { drain: { startedAt: ago(90), routedAt: ago(80) } }),
    );
    const world = aSnapshot({ status, target: known(aWorkload()), metrics: known([silent]) });
    expect(statusAfter(world)).toMatchObject({
      phase: "Initialized",
      message: "the primary serves all traffic; waiting for a new version",
      outbox: [{ reason: "Initialized", facts: { stableImages: "web:1" } }],
    });
    expect(statusAfter(world)).not.toHaveProperty("initialisation");
  });

  it("of a failed release tells how long everything took", () => {
    const status = statusAfter(routed(40, silent));
    expect(status.release?.rollback?.confirmedAt).toBe(ago(0));
    expect(status.outbox).toMatchObject([
      {
        reason: "RolledBack",
        severity: "Error",
        facts: { decidedSeconds: "30", confirmedSeconds: "40" },
      },
    ]);
  });

  it("of a release that ended without a verdict tells nothing more", () => {
    const snapshot = routed(40, silent);
    const status = { ...snapshot.status, phase: "Initialized" as const };
    expect(statusAfter({ ...snapshot, status }).outbox).toBeUndefined();
  });
});

describe("a drain that callers contradict", () => {
  const called = (seconds: number, phase: "Initializing" | "Finalising"): Snapshot => {
    const drain = { startedAt: ago(seconds + 1), routedAt: ago(seconds), unconfirmed: true };
    const status =
      phase === "Finalising" ? finalising({ drain }) : initializing("Shift", { drain });
    return aReleasing(status, { metrics: known([errorRate({ total: 5 })]) });
  };

  it.each([
    ["Finalising", 69, "Finalising"],
    ["Finalising", 70, "Succeeded"],
    ["Initializing", 70, "Initialized"],
  ] as const)("ends %s after %i s as %s, and keeps the pods", (phase, seconds, after) => {
    const snapshot = called(seconds, phase);
    const status = statusAfter(snapshot);
    expect(status.phase).toBe(after);
    expect(status.drain).toMatchObject({ unconfirmed: true });
    expect(JSON.stringify(decideNow({ ...snapshot, status }))).not.toContain("Scale");
  });

  it("is not told a second time when the requests stop after all", () => {
    const status = statusAfter(called(70, "Finalising"));
    const { outbox: _, ...told } = status;
    const later = statusAfter(aReleasing(told, { metrics: known([silent]) }));
    expect(later.drain).toMatchObject({ confirmedAt: ago(0) });
    expect(later.outbox).toBeUndefined();
  });
});

describe("a drain of which nobody can say anything", () => {
  const unsaid = (seconds: number, phase: "Initializing" | "Finalising" = "Finalising") => {
    const drain = { startedAt: ago(seconds + 1), routedAt: ago(seconds), unconfirmed: true };
    const status =
      phase === "Finalising" ? finalising({ drain }) : initializing("Shift", { drain });
    return aReleasing(status, { metrics: known([unreadable]) });
  };

  it.each([
    ["Finalising", 599, "Finalising"],
    ["Finalising", 600, "Succeeded"],
    ["Initializing", 600, "Initialized"],
  ] as const)("%s for %i s is followed by %s, and the pods are kept", (phase, seconds, after) => {
    const snapshot = unsaid(seconds, phase);
    const status = statusAfter(snapshot);
    expect(status.phase).toBe(after);
    expect(JSON.stringify(decideNow({ ...snapshot, status }))).not.toContain("Scale");
  });

  it("tells people that it was not confirmed, and why", () => {
    const because = expect.stringContaining("(error-rate: Timeout: no answer within 5 s)");
    const { message, outbox } = statusAfter(unsaid(600));
    expect(message).toEqual(because);
    expect(outbox).toMatchObject([
      { reason: "Succeeded" },
      { reason: "DrainUnconfirmed", message: because, facts: { waitedSeconds: "600" } },
    ]);
  });

  it.each([
    ["the primary has no pod", { primary: known(aWorkload({ availableReplicas: 0 })) }],
    ["the routes are not known", { routes: unknown("not read yet") }],
    ["nobody has looked yet", { metrics: known([metricFacts()]) }],
  ])("waits on where %s", (_, world: Partial<Snapshot>) => {
    expect(decideNow({ ...unsaid(900), ...world }).rule).not.toBe("goOnUndrained");
  });
});

describe("the end of the idle pods", () => {
  const gone = {
    target: known(aWorkload({ replicas: 0, availableReplicas: 0, templateHash: "next" })),
  };
  const after = (message: string) =>
    statusAfter(
      aReleasing(
        failed({
          message,
          drain: { startedAt: ago(100), routedAt: ago(90), confirmedAt: ago(80) },
        }),
        gone,
      ),
    );

  it("leaves nothing said of what was waited for", () => {
    const { message } = after("the target's idle pods are being scaled down: a write was refused");
    expect(message).toMatch(/^rolled back: .*; the promoted version serves all traffic$/);
  });

  it("leaves everything else that was said", () => {
    expect(after("rolled back, by jane").message).toBe("rolled back, by jane");
  });
});
