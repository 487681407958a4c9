/** Worlds in which a rule about incidents decides, and what it then decides: part of the table of all rules. */
import { known } from "../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  errorRate,
  failed,
  nextTarget,
  now,
  progressing,
  retreated,
  settled,
  shared,
  someRoutes,
} from "./snapshots.ts";

/** Stable holds its limit since the retreat was confirmed. */
const wellAgain = errorRate({ total: 0 }, { total: 1000 });

export const incidentCases = {
  retreat: {
    world: aReleasing(progressing(1, "confirmed"), { metrics: known([shared]) }),
    decides: {
      kind: "Rollback",
      status: {
        phase: "Progressing",
        canaryWeight: 0,
        drain: { startedAt: ago(0) },
        release: {
          peakWeight: 25,
          retreats: 1,
          retreat: {
            reason: "SharedIncident",
            metric: "error-rate",
            value: 20,
            stableValue: 20,
            limit: 5,
            detectedAt: ago(30),
            decidedAt: ago(0),
          },
          stage: { index: 0, weight: 10, enteredAt: ago(0) },
        },
        outbox: [
          {
            reason: "Retreated",
            severity: "Warning",
            facts: { cause: "SharedIncident", value: "20", stableValue: "20" },
          },
        ],
      },
    },
  },
  blameCanary: {
    world: aReleasing(retreated("SharedIncident"), { metrics: known([wellAgain]) }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        lastFailedHash: "next",
        release: {
          rollback: {
            reason: "CanaryHarmsStable",
            metric: "error-rate",
            detectedAt: ago(120),
            decidedAt: ago(101),
            appliedAt: ago(100),
            confirmedAt: ago(90),
          },
        },
        history: [{ outcome: "Failed", reason: "CanaryHarmsStable", peakWeight: 25 }],
        outbox: [{ reason: "RolledBack", facts: { cause: "CanaryHarmsStable" } }],
      },
    },
  },
  reportEmptyStable: {
    world: aSnapshot({
      status: settled(failed({ drain: { startedAt: ago(10) } })),
      target: known(nextTarget),
      primary: known(aWorkload({ name: "web-primary", replicas: 0, availableReplicas: 0 })),
      routes: known(someRoutes({ canaryWeight: 25 })),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Failed",
        canaryWeight: 0,
        heldForStable: { since: ago(0), until: ago(-110) },
        outbox: [
          {
            reason: "StableHasNoPods",
            severity: "Error",
            facts: { cause: "MetricLimitExceeded", weight: "25" },
          },
        ],
      },
    },
  },
  resumeRelease: {
    world: aReleasing(retreated("NoData"), { metrics: known([wellAgain]) }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 0,
        release: { retreats: 1, stage: { index: 0, weight: 10, enteredAt: ago(0) } },
        outbox: [{ reason: "Resumed", facts: { waitedSeconds: "101", nextWeight: "10" } }],
      },
    },
  },
  reportHold: {
    world: aReleasing(progressing(0, "entered"), {
      metrics: known([
        errorRate(
          { total: 0 },
          { total: 1000, bad: 200 },
          { stable: { breaches: 2, breachEndAt: now, judgedAt: now } },
        ),
      ]),
    }),
    decides: {
      kind: "Transition",
      status: {
        phase: "Progressing",
        canaryWeight: 0,
        outbox: [{ reason: "StableBeyondLimit", severity: "Warning" }],
      },
    },
  },
} as const;
