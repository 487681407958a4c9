import { describe, expect, it } from "vitest";
import { type RuleName, ruleNames } from "../../../src/core/canary/rule-name.ts";
import { rules } from "../../../src/core/canary/rules.ts";
import type { MetricFacts } from "../../../src/core/canary/snapshot.ts";
import { known } from "../../../src/core/fact.ts";
import { metricFacts } from "../../support/analysis.ts";
import { commandCases } from "../../support/command-cases.ts";
import { deletionCases } from "../../support/deletion-cases.ts";
import { handsCases } from "../../support/hands-cases.ts";
import { heldToCases } from "../../support/held-to-cases.ts";
import { incidentCases } from "../../support/incident-cases.ts";
import type { RuleCase } from "../../support/rule-case.ts";
import {
  ago,
  aNewcomer,
  aReleasing,
  aSnapshot,
  aSpecWith,
  aWorkload,
  broken,
  copiedPrimary,
  decideNow,
  errorRate,
  failed,
  finalising,
  healthy,
  initialized,
  initializing,
  nextTarget,
  progressing,
  promoting,
  settled,
  shared,
  someRoutes,
  statusAfter,
  unreadable,
} from "../../support/snapshots.ts";

const drained = { startedAt: ago(90), routedAt: ago(89), confirmedAt: ago(60) };
const idleTarget = aWorkload({ replicas: 0, availableReplicas: 0, templateHash: "next" });
const quiet = known([errorRate({ total: 0 }, { total: 1000 })]);

const cases: Readonly<Record<RuleName, RuleCase>> = {
  ...commandCases,
  ...deletionCases,
  ...heldToCases,
  ...handsCases,
  rollBack: {
    world: aReleasing(progressing(1, "confirmed"), { metrics: known([broken]) }),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        lastFailedHash: "next",
        drain: { startedAt: ago(0) },
        release: {
          peakWeight: 25,
          rollback: {
            reason: "MetricLimitExceeded",
            metric: "error-rate",
            value: 20,
            limit: 5,
            detectedAt: ago(30),
            decidedAt: ago(0),
          },
        },
        history: [
          { id: "next-1", outcome: "Failed", reason: "MetricLimitExceeded", peakWeight: 25 },
        ],
        outbox: [{ reason: "RollbackStarted", severity: "Warning" }],
      },
    },
  },
  restorePrimary: {
    world: aReleasing(promoting("Available"), {
      primary: known(copiedPrimary),
      metrics: known([broken]),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Promoting",
        canaryWeight: 100,
        release: {
          promotion: { step: "Restore", since: ago(0), savedHash: "good" },
          rollback: { reason: "MetricLimitExceeded" },
        },
        outbox: [{ reason: "RollbackStarted" }],
      },
    },
  },
  revert: {
    world: aReleasing(progressing(1, "confirmed"), { target: known(aWorkload()) }),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Initialized",
        canaryWeight: 0,
        drain: { startedAt: ago(0) },
        history: [{ outcome: "Reverted", reason: "TemplateReverted" }],
        outbox: [{ reason: "Reverted" }],
      },
    },
  },
  refuseFailed: {
    world: aReleasing(progressing(2, "confirmed", { status: { lastFailedHash: "third" } }), {
      target: known(aWorkload({ templateHash: "third" })),
    }),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        lastFailedHash: "third",
        observedTargetGeneration: 9,
        drain: { startedAt: ago(0) },
        release: { id: "next-1" },
        history: [{ id: "next-1", outcome: "Superseded", reason: "NewRevision", peakWeight: 50 }],
        outbox: [{ reason: "Superseded", facts: { release: "next-1" } }],
      },
    },
  },
  supersede: {
    world: aReleasing(progressing(2, "confirmed"), {
      target: known({ ...nextTarget, templateHash: "third", images: ["web:3"] }),
    }),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Progressing",
        canaryWeight: 0,
        releases: 2,
        release: {
          id: "third-2",
          templateHash: "third",
          images: ["web:3"],
          startedAt: ago(0),
          primaryReplicas: 4,
          peakWeight: 0,
          stage: { index: 0, weight: 10, enteredAt: ago(0) },
        },
        history: [{ id: "next-1", outcome: "Superseded", reason: "NewRevision", peakWeight: 50 }],
        outbox: [
          { reason: "Superseded", facts: { release: "next-1", images: "web:2" } },
          { reason: "ReleaseStarted", facts: { release: "third-2", images: "web:3" } },
        ],
      },
    },
  },
  lowerRoutes: {
    world: aReleasing(progressing(1, "confirmed"), {
      routes: known(someRoutes({ canaryWeight: 50 })),
    }),
    decides: {
      kind: "Converge",
      actions: [{ kind: "SetWeight", canaryWeight: 25, direction: "Lower" }],
    },
  },
  refuseSpec: {
    world: aSnapshot({ autoscaler: known("HorizontalPodAutoscaler web") }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Initialized",
        message:
          "HorizontalPodAutoscaler web scales this workload; remove it, Serin does not yet work beside an autoscaler",
        outbox: [{ reason: "SpecRefused", facts: { cause: "AutoscalerNotSupported" } }],
      },
    },
  },
  acceptSpec: {
    world: aSnapshot({ status: { ...settled(initialized()), observedGeneration: 0 } }),
    decides: {
      kind: "Transition",
      status: { phase: "Initialized", observedGeneration: 1, rollbackBoundSeconds: 70 },
    },
  },
  ...incidentCases,
  beginInitialisation: {
    world: aNewcomer(),
    decides: {
      kind: "Transition",
      status: {
        phase: "Initializing",
        initialisation: { step: "CreatePrimary", since: ago(0) },
        canaryWeight: 100,
        outbox: [{ reason: "SpecAccepted" }],
      },
    },
  },
  shiftToPrimary: {
    world: aSnapshot({
      status: settled(initializing("CreatePrimary")),
      target: known(aWorkload()),
      routes: known(someRoutes({ canaryWeight: 100 })),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Initializing",
        initialisation: { step: "Shift", since: ago(0) },
        canaryWeight: 0,
        lastPromotedHash: "good",
        drain: { startedAt: ago(0) },
      },
    },
  },
  recordCopied: {
    world: aReleasing(promoting("Copy"), { primary: known(copiedPrimary) }),
    decides: {
      kind: "Transition",
      status: { phase: "Promoting", release: { promotion: { step: "Available", since: ago(0) } } },
    },
  },
  shiftToPromoted: {
    world: aReleasing(promoting("Available"), { primary: known(copiedPrimary) }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Finalising",
        canaryWeight: 0,
        lastPromotedHash: "next",
        drain: { startedAt: ago(0) },
        release: { promotion: { step: "Shift", since: ago(0) } },
      },
    },
  },
  finishRestore: {
    world: aReleasing(promoting("Restore")),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        lastFailedHash: "next",
        history: [{ outcome: "Failed", reason: "MetricLimitExceeded", peakWeight: 100 }],
      },
    },
  },
  reportPromotedFailing: {
    world: aSnapshot({
      status: settled(finalising()),
      target: known(nextTarget),
      primary: known(copiedPrimary),
      metrics: known([shared]),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Finalising",
        release: { failingAt: ago(0) },
        outbox: [{ reason: "PromotedFailing", severity: "Error" }],
      },
    },
  },
  recordRouted: {
    world: aReleasing(failed()),
    decides: {
      kind: "Transition",
      status: {
        phase: "Failed",
        drain: { startedAt: ago(10), routedAt: ago(0) },
        release: { rollback: { appliedAt: ago(0) } },
      },
    },
  },
  confirmDrain: {
    world: aReleasing(finalising({ drain: { startedAt: ago(90), routedAt: ago(89) } }), {
      primary: known(copiedPrimary),
      metrics: quiet,
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Succeeded",
        observedWeight: 0,
        message: "web:2 is promoted and serves all traffic",
        drain: { confirmedAt: ago(0) },
        history: [{ id: "next-1", outcome: "Succeeded", reason: "Promoted", peakWeight: 100 }],
        outbox: [{ reason: "Succeeded", facts: { release: "next-1", durationSeconds: "400" } }],
      },
    },
  },
  reportUnconfirmedDrain: {
    world: aReleasing(failed({ drain: { startedAt: ago(56), routedAt: ago(55) } })),
    decides: {
      kind: "Transition",
      status: {
        phase: "Failed",
        drain: { startedAt: ago(56), routedAt: ago(55), unconfirmed: true },
        outbox: [
          { reason: "RollbackUnconfirmed", severity: "Error", facts: { waitedSeconds: "55" } },
        ],
      },
    },
  },
  goOnUndrained: {
    world: aReleasing(
      finalising({ drain: { startedAt: ago(301), routedAt: ago(300), unconfirmed: true } }),
      { metrics: known([errorRate({ total: 5 })]) },
    ),
    decides: {
      kind: "Transition",
      status: {
        phase: "Succeeded",
        message:
          "web:2 is promoted and serves all traffic; callers still report requests to the target, by a way that Serin does not manage; its pods are kept",
        drain: { routedAt: ago(300), unconfirmed: true },
        history: [{ outcome: "Succeeded" }],
      },
    },
  },
  finishDrain: {
    world: aReleasing(failed({ drain: drained }), { target: known(idleTarget) }),
    decides: { kind: "Transition", status: { phase: "Failed" } },
  },
  waitForMetric: {
    world: aReleasing(progressing(1, "confirmed"), {
      spec: known(aSpecWith({ onFail: "Pause" }, { name: "second" })),
      metrics: known([broken, { ...healthy, name: "second" }]),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Waiting",
        waiting: { reason: "MetricFailed", since: ago(0) },
        canaryWeight: 25,
        outbox: [{ reason: "Waiting", facts: { cause: "MetricFailed" } }],
      },
    },
  },
  waitUndecided: {
    world: aReleasing(
      progressing(1, "confirmed", {
        release: {
          stage: {
            index: 1,
            weight: 25,
            enteredAt: ago(2_000),
            shiftedAt: ago(1_900),
            routedAt: ago(1_900),
            trafficConfirmedAt: ago(1_800),
          },
        },
      }),
      { metrics: known([errorRate({ total: 4 }, { total: 12 })]) },
    ),
    decides: {
      kind: "Transition",
      status: {
        phase: "Waiting",
        waiting: { reason: "Inconclusive", since: ago(0) },
        canaryWeight: 25,
        outbox: [{ reason: "Waiting", facts: { cause: "Inconclusive" } }],
      },
    },
  },
  restartStages: {
    world: aReleasing(progressing(2, "confirmed"), {
      routes: known(someRoutes({ canaryWeight: 0 })),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 0,
        release: { stage: { index: 0, weight: 10 } },
      },
    },
  },
  shiftTraffic: {
    world: aReleasing(progressing(1, "entered")),
    decides: {
      kind: "Transition",
      status: {
        canaryWeight: 25,
        release: { peakWeight: 25, stage: { index: 1, shiftedAt: ago(0) } },
      },
    },
  },
  recordStageRouted: {
    world: aReleasing(progressing(0, "shifted")),
    decides: {
      kind: "Transition",
      status: { release: { firstTrafficAt: ago(0), stage: { index: 0, routedAt: ago(0) } } },
    },
  },
  confirmTraffic: {
    world: aReleasing(progressing(0, "routed")),
    decides: {
      kind: "Transition",
      status: {
        observedWeight: 10,
        release: { stage: { index: 0, trafficConfirmedAt: ago(0) } },
        outbox: [{ reason: "TrafficShifted", facts: { stage: "1/4", weight: "10" } }],
      },
    },
  },
  startPromotion: {
    world: aReleasing(progressing(3, "confirmed")),
    decides: {
      kind: "Transition",
      status: {
        phase: "Promoting",
        canaryWeight: 100,
        release: { promotion: { step: "Copy", since: ago(0), savedHash: "good" } },
        outbox: [{ reason: "StagePassed" }, { reason: "PromotionStarted" }],
      },
    },
  },
  advance: {
    world: aReleasing(progressing(1, "confirmed")),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 25,
        release: { peakWeight: 25, stage: { index: 2, weight: 50, enteredAt: ago(0) } },
        outbox: [{ reason: "StagePassed", facts: { weight: "25", nextWeight: "50" } }],
      },
    },
  },
  settleFailed: {
    world: aReleasing(failed({ drain: drained }), { target: known(aWorkload()) }),
    decides: { kind: "Transition", status: { phase: "Initialized" } },
  },
  startRelease: {
    world: aSnapshot({ target: known(idleTarget) }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 0,
        releases: 1,
        release: {
          id: "next-1",
          templateHash: "next",
          primaryReplicas: 4,
          stage: { index: 0, weight: 10, enteredAt: ago(0) },
        },
        outbox: [{ reason: "ReleaseStarted", facts: { nextWeight: "10" } }],
      },
    },
  },
  reportStall: {
    world: aSnapshot({ stall: { reason: "Forbidden", message: "may not patch deployments" } }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Initialized",
        message: "may not patch deployments",
        outbox: [{ reason: "Stalled", facts: { cause: "Forbidden" } }],
      },
    },
  },
  recordTold: {
    world: aSnapshot({
      status: settled(
        initialized({
          outbox: [
            {
              id: "told",
              reason: "Initialized",
              severity: "Info",
              message: "",
              at: ago(9),
              facts: {},
            },
            { id: "new", reason: "Reverted", severity: "Info", message: "", at: ago(1), facts: {} },
          ],
        }),
      ),
      told: new Set(["told"]),
    }),
    decides: { kind: "Transition", status: { outbox: [{ id: "new" }] } },
  },
  refresh: {
    world: aReleasing(
      progressing(1, "confirmed", {
        status: { refreshedAt: ago(30) },
        release: {
          stage: {
            index: 1,
            weight: 25,
            enteredAt: ago(90),
            shiftedAt: ago(70),
            routedAt: ago(69),
            trafficConfirmedAt: ago(59),
          },
        },
      }),
      { metrics: known([errorRate({ total: 4 }, { total: 12 })]) },
    ),
    decides: {
      kind: "Transition",
      status: {
        message: expect.stringMatching(
          /^stage 2\/4 \(25 %\): error-rate: .+ more canary requests?/,
        ),
        refreshedAt: ago(0),
        analysis: [{ name: "error-rate", verdict: "Inconclusive" }],
      },
    },
  },
  recordWorkloads: {
    world: aSnapshot({
      target: known(aWorkload({ generation: 11, replicas: 0, availableReplicas: 0 })),
      primary: known(aWorkload({ generation: 8, replicas: 6 })),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Initialized",
        message: "the primary serves all traffic; waiting for a new version",
        observedTargetGeneration: 11,
        workloads: { target: { generation: 11 }, primary: { generation: 8, replicas: 6 } },
      },
    },
  },
  hold: {
    world: aSnapshot(),
    decides: {
      kind: "Converge",
      actions: [],
      message: "the primary serves all traffic; waiting for a new version",
      requeueAfterMs: undefined,
    },
  },
};

describe("the table of rules", () => {
  it("is asked in the order of the names", () => {
    expect([...rules.map((rule) => rule.name), "hold"]).toEqual([...ruleNames]);
  });

  it.each(ruleNames)("lets %s decide where its condition is the first that holds", (name) => {
    const { world, decides } = cases[name];
    expect(decideNow(world)).toMatchObject({ rule: name, ...decides });
  });

  it.each([
    ["finishDrain", "drain"],
    ["resumeRelease", "drain"],
    ["settleFailed", "lastFailedHash"],
    ["startRelease", "drain"],
    ["retry", "lastFailedHash"],
    ["forgetAbort", "openAbort"],
  ] as const)("lets %s drop %s", (name, field) => {
    const { world } = cases[name];
    const status = { ...world.status, drain: drained };
    expect(status).toHaveProperty(field);
    expect(statusAfter({ ...world, status })).not.toHaveProperty(field);
  });

  it("calls no drain unconfirmed before the metrics have told anything", () => {
    const { world } = cases.reportUnconfirmedDrain;
    const decideWith = (facts: MetricFacts) =>
      decideNow({ ...world, metrics: known([facts]) }).rule;
    expect(decideWith(metricFacts({}))).toBe("hold");
    expect(decideWith(unreadable)).toBe("reportUnconfirmedDrain");
  });

  it.each(rules)("draws where $name leads", (rule) => {
    const { world } = cases[rule.name];
    const before = world.status.phase ?? "New";
    const after = statusAfter(world).phase ?? "New";
    const drawn = rule.leadsTo.map((to) => (typeof to === "string" ? to : to[1]));
    expect(rule.from).toContain(before);
    expect([before, ...drawn]).toContain(after);
  });
});
