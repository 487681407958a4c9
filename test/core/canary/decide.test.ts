import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CanaryStatus } from "../../../src/api/canary-status.ts";
import { conditions } from "../../../src/api/conditions.ts";
import { assessChecks } from "../../../src/core/canary/checks.ts";
import { decide } from "../../../src/core/canary/decide.ts";
import type { Decision } from "../../../src/core/canary/decision.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing } from "../../../src/core/fact.ts";
import { anySnapshot } from "../../support/any-snapshot.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  broken,
  decideNow,
  failed,
  initialized,
  now,
  progressing,
  promoting,
  settled,
  statuses,
} from "../../support/snapshots.ts";

const persisted = (decision: Decision): CanaryStatus | undefined =>
  decision.kind === "Transition" || decision.kind === "Rollback" ? decision.status : undefined;

/** A person's command stands in for fresh checks: once, and only where nobody has lowered the routes since. */
function isAskedFor({ status, spec, target, routes }: Snapshot): boolean {
  const stage = status.release?.stage;
  if (stage?.byCommand === undefined || stage.routedAt !== undefined) return false;
  if (spec.kind !== "Known" || target.kind !== "Known" || routes.kind !== "Known") return false;
  return routes.value.canaryWeight === (stage.raisedFrom ?? status.canaryWeight);
}

/** The spec asks for no evidence, or for none while nobody calls. */
function isWaived({ spec }: Snapshot): boolean {
  if (spec.kind !== "Known") return false;
  const { skipAnalysis, analysis } = spec.value;
  return skipAnalysis || analysis.onNoTraffic.action === "PromoteAfterSeconds";
}

/** Everything that a raise is made on was read, is fresh and speaks for nothing bad. */
function isRaiseProven(snapshot: Snapshot): boolean {
  const facts = [snapshot.spec, snapshot.target, snapshot.routes, snapshot.metrics];
  const checks = assessChecks(snapshot, now);
  return (
    facts.every((fact) => fact.kind === "Known") &&
    checks.length > 0 &&
    checks.every(
      ({ verdict, fresh }) => fresh && (verdict === "Pass" || verdict === "Inconclusive"),
    )
  );
}

/** True if the decision gives the target more traffic, live or copied, than the status, or the routes, give it. */
function raises(snapshot: Snapshot, decision: Decision): boolean {
  const wanted = persisted(decision)?.canaryWeight;
  if (wanted !== undefined && wanted > (snapshot.status.canaryWeight ?? 0)) return true;
  if (decision.kind !== "Converge" || snapshot.routes.kind !== "Known") return false;
  const { canaryWeight, isUniform } = snapshot.routes.value;
  return decision.actions.some((action) => {
    if (action.kind === "SetMirror") return true;
    if (action.kind !== "SetWeight") return false;
    // A lowering leaves what is lower: it raises no rule, however uneven they are.
    const isUneven = action.direction === "Raise" && action.canaryWeight > 0 && !isUniform;
    return action.canaryWeight > canaryWeight || isUneven;
  });
}

/** The target has another template than the one under release: then evidence gives no verdict. */
const isPushed = ({ target, status }: Snapshot): boolean =>
  target.kind === "Known" && target.value.templateHash !== status.release?.templateHash;

/** Phases in which the target is the baseline, not a canary. */
const isInitialising = ({ status }: Snapshot): boolean =>
  status.phase === undefined || status.phase === "Initializing" || status.phase === "Terminating";

/** Decides again and again on what was persisted, in a world that does not change. */
function settle(snapshot: Snapshot): { readonly decision: Decision; readonly rules: string[] } {
  let current = snapshot;
  const rules: string[] = [];
  for (;;) {
    const decision = decide(current, now);
    rules.push(decision.rule);
    const status = persisted(decision);
    if (status === undefined || rules.length > 12) return { decision, rules };
    const left = new Set((status.outbox ?? []).map((entry) => entry.id));
    const told = new Set([...current.told].filter((id) => left.has(id)));
    current = { ...current, status: JSON.parse(JSON.stringify(status)), told };
  }
}

describe("any decision", () => {
  it("is made for every snapshot, and twice the same", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        expect(decide(structuredClone(snapshot), now)).toEqual(decide(snapshot, now));
      }),
      { numRuns: 300 },
    );
  });

  it("never raises the canary's weight without fresh checks of known facts", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        fc.pre(!isInitialising(snapshot) && !isRaiseProven(snapshot) && !isAskedFor(snapshot));
        fc.pre(!isWaived(snapshot));
        expect(raises(snapshot, decideNow(snapshot))).toBe(false);
      }),
      { numRuns: 600 },
    );
  });

  it("takes all traffic off a version in release that evidence speaks against", () => {
    fc.assert(
      fc.property(anySnapshot, fc.boolean(), (drawn, isBroken) => {
        const snapshot = isBroken ? { ...drawn, metrics: known([broken]) } : drawn;
        const { evidence, phase } = assessSituation(snapshot, now);
        fc.pre(evidence !== undefined && phase === "Progressing" && !snapshot.deletion.isAsked);
        expect(decideNow(snapshot)).toMatchObject({
          kind: "Rollback",
          rule: snapshot.commands.abort === undefined ? "rollBack" : "abort",
          status: {
            canaryWeight: 0,
            ...((snapshot.commands.abort !== undefined || !isPushed(snapshot)) && {
              phase: "Failed",
            }),
          },
        });
      }),
      { numRuns: 150 },
    );
  });

  it("persists only what the schema takes", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const status = persisted(decideNow(snapshot));
        fc.pre(status !== undefined);
        const written: unknown = JSON.parse(JSON.stringify(status));
        expect(CanaryStatus.strict().safeParse(written).error?.issues).toBeUndefined();
      }),
      { numRuns: 600 },
    );
  });

  it("claims only conditions of the catalogue", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        for (const { type, status, reason } of persisted(decideNow(snapshot))?.conditions ?? []) {
          const entry = Object.entries(conditions).find(([name]) => name === type)?.[1];
          expect(Object.keys(entry?.reasons[status] ?? {}), `${type}=${status}`).toContain(reason);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("comes to rest while the world does not change", () => {
    fc.assert(
      fc.property(anySnapshot, (snapshot) => {
        const { decision, rules } = settle(snapshot);
        expect(`${rules.join(" ")}: ${decision.kind}`).toMatch(/: (Converge|Stall)$/);
        // A timer that is due already would be due again, and again.
        const isIdle = decision.kind === "Converge" && decision.actions.length === 0;
        expect(isIdle ? decision.requeueAfterMs : undefined).not.toBe(0);
      }),
      { numRuns: 600 },
    );
  });
});

describe("a release", () => {
  const running = ["entered", "shifted", "routed", "confirmed", "full", "copying"] as const;

  it.each(running)("is rolled back at once on evidence: %s", (name) => {
    const status = statuses[name] ?? {};
    expect(
      decideNow(aReleasing(status, { metrics: { kind: "Known", value: [broken] } })),
    ).toMatchObject({
      kind: "Rollback",
      status: { phase: "Failed", canaryWeight: 0 },
    });
  });

  it.each(["copied", "restoring"] as const)("is on its way back on evidence: %s", (name) => {
    const snapshot = aReleasing(statuses[name] ?? {}, {
      metrics: { kind: "Known", value: [broken] },
    });
    expect(settle(snapshot).decision).toMatchObject({ kind: "Converge" });
    expect(settle(snapshot).rules).toContain("finishRestore");
  });
});

describe("an idle Canary", () => {
  const drained = { startedAt: ago(90), routedAt: ago(89), confirmedAt: ago(60) };
  const finished = settle(aSnapshot({ status: settled({ ...failed(), drain: drained }) }));

  it.each([
    ["Initialized", settled(initialized())],
    ["Succeeded", settled({ ...initialized(), phase: "Succeeded" as const })],
    [
      "Failed",
      settled({
        ...initialized(),
        phase: "Failed" as const,
        lastPromotedHash: "old",
        lastFailedHash: "good",
      }),
    ],
  ])("costs nothing: %s", (_, status) => {
    expect(decideNow(aSnapshot({ status }))).toMatchObject({
      kind: "Converge",
      actions: [],
      requeueAfterMs: undefined,
    });
  });

  it("costs nothing once a failed release has been taken back", () => {
    expect(finished.rules).toEqual(["finishDrain", "settleFailed", "hold"]);
    expect(finished.decision).toMatchObject({ actions: [], requeueAfterMs: undefined });
  });

  it("waits for a human when its spec is refused", () => {
    const because = "VirtualService shop/web does not exist";
    const snapshot = aSnapshot({ routes: missing("VirtualServiceNotFound", because) });
    expect(settle(snapshot).decision).toEqual({
      kind: "Stall",
      rule: "hold",
      reason: "VirtualServiceNotFound",
      message: because,
    });
  });
});

describe("what people read while nothing happens", () => {
  it("names what the promotion waits for, not a step that it is not at", () => {
    const waiting = aReleasing(promoting("Available"), {
      primary: {
        kind: "Known",
        value: {
          ...aSnapshotPrimary(),
          templateHash: "next",
          availableReplicas: 1,
          isRolledOut: false,
        },
      },
    });
    expect(decideNow(waiting)).toMatchObject({
      kind: "Converge",
      message: "the primary has 1 of 4 pods available with its template",
    });
  });

  it("stays what it was when no rule has a word to say", () => {
    const stuck = aSnapshot({
      status: { phase: "Finalising", message: "as it was", refreshedAt: ago(5) },
    });
    expect(decideNow({ ...stuck, status: settled(stuck.status) })).toMatchObject({
      message: "as it was",
    });
  });

  it("keeps its timers while the spec is refused", () => {
    const draining = settled(failed({ drain: { startedAt: ago(20), routedAt: ago(15) } }));
    const told = settle({
      ...aReleasing(draining),
      status: draining,
      autoscaler: { kind: "Known", value: "ScaledObject web" },
    });
    expect(told.decision).toMatchObject({ kind: "Converge", requeueAfterMs: 40_000 });
  });

  it("is looked at again when the stage's time is over", () => {
    const entered = progressing(1, "confirmed", {
      release: {
        stage: {
          index: 1,
          weight: 25,
          enteredAt: ago(90),
          shiftedAt: ago(70),
          routedAt: ago(69),
          trafficConfirmedAt: ago(50),
        },
      },
    });
    expect(decideNow(aReleasing(entered))).toMatchObject({
      kind: "Converge",
      actions: [],
      requeueAfterMs: 10_000,
    });
  });
});

function aSnapshotPrimary() {
  const { primary } = aSnapshot();
  if (primary.kind !== "Known") throw new Error("the default primary is known");
  return primary.value;
}
