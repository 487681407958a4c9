/** Every combination of what the health of a Canary follows from, and the health by the order in which they count. */
import { Phase } from "../../../src/api/canary-status.ts";

type Age = "Current" | "Older" | "Newer" | "Absent";

export interface HealthCase {
  readonly phase?: string | undefined;
  readonly Stalled?: string | undefined;
  readonly Accepted?: string | undefined;
  readonly Ready?: string | undefined;
  readonly observed: Age;
  readonly conditionsAre: Age;
  readonly isDeleted?: boolean;
}

const generation = 5;
const generations: Readonly<Record<Age, number | undefined>> = {
  Current: generation,
  Older: generation - 1,
  Newer: generation + 1,
  Absent: undefined,
};

function cross(): HealthCase[] {
  const cases: HealthCase[] = [];
  const phases = [undefined, ...Phase.options, "Sleeping"];
  for (const phase of phases)
    for (const Stalled of [undefined, "True", "False"])
      for (const Accepted of [undefined, "True", "False", "Unknown"])
        for (const Ready of [undefined, "True", "False"])
          for (const observed of ["Current", "Older", "Newer", "Absent"] as const)
            for (const conditionsAre of ["Current", "Older"] as const)
              for (const isDeleted of [false, true])
                cases.push({ phase, Stalled, Accepted, Ready, observed, conditionsAre, isDeleted });
  return cases;
}

export const healthCases: readonly HealthCase[] = cross();

/** The Canary of a case; each message says where it comes from. */
export function objectOf(one: HealthCase): object {
  const observedGeneration = generations[one.conditionsAre];
  const conditions = (["Ready", "Stalled", "Accepted"] as const).flatMap((type) => {
    const status = one[type];
    return status === undefined ? [] : [{ type, status, message: type, observedGeneration }];
  });
  return {
    metadata: {
      generation,
      ...(one.isDeleted === true && { deletionTimestamp: "2026-11-21T12:00:00Z" }),
    },
    status: {
      phase: one.phase,
      message: "phase",
      observedGeneration: generations[one.observed],
      conditions,
    },
  };
}

const byPhase: Readonly<Record<string, string>> = {
  Initializing: "Progressing",
  Initialized: "Healthy",
  Waiting: "Suspended",
  Progressing: "Progressing",
  Promoting: "Progressing",
  Finalising: "Progressing",
  Succeeded: "Healthy",
  Failed: "Degraded",
  Suspended: "Suspended",
  Terminating: "Progressing",
};

const seeing = "waiting for Serin to see the spec as it is now";
const unknown = "phase Sleeping is newer than this script: take health.lua of the Serin that runs";

export function expectedHealth(one: HealthCase): { message: string; status: string } {
  const { phase = "Initializing" } = one;
  const areFresh = one.conditionsAre !== "Older";
  const isStalled = areFresh && one.Stalled === "True";
  if (one.isDeleted === true)
    return isStalled
      ? { message: "Stalled", status: "Degraded" }
      : {
          message: phase === "Terminating" ? "phase" : "the Canary is being deleted",
          status: "Progressing",
        };
  if (one.observed !== "Current") return { message: seeing, status: "Progressing" };
  if (phase === "Suspended" || phase === "Failed")
    return { message: "phase", status: byPhase[phase] ?? "" };
  if (isStalled) return { message: "Stalled", status: "Degraded" };
  if (areFresh && one.Accepted === "False") return { message: "Accepted", status: "Degraded" };
  const status = byPhase[phase];
  if (status === undefined) return { message: unknown, status: "Unknown" };
  return status === "Healthy" && areFresh && one.Ready === "False"
    ? { message: "Ready", status: "Progressing" }
    : { message: "phase", status };
}
