/** Follows single releases under Serin and notes what its analysis knew after each check. */

import { combinedEvidence } from "../../../../src/core/analysis/sequential/combine.ts";
import {
  logEvidenceAgainst,
  logEvidenceFor,
} from "../../../../src/core/analysis/sequential/comparison.ts";
import { excessToExclude, marginsOf } from "../../../../src/core/canary/compared.ts";
import type { Snapshot } from "../../../../src/core/canary/snapshot.ts";
import { Laboratory, type Outcome } from "../methods/methods.ts";
import { findScenario } from "../scenarios/scenarios.ts";
import type { EvidencePoint, EvidenceStory } from "./evidence-plot.ts";

/** The first run of a scenario. */
export function tellStory(name: string, title: string, seed: number): EvidenceStory {
  const scenario = findScenario(name);
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const laboratory = new Laboratory(15, "Pods");
  const points: EvidencePoint[] = [];
  laboratory.begin(scenario, seed, 0);
  const outcome = laboratory.run(scenario, "serin", (second, snapshot) => {
    if (second >= 0) points.push(pointOf(second, snapshot));
  });
  return { title, ending: wordEnding(outcome), points };
}

function wordEnding({ kind, second, badRequests }: Outcome): string {
  const minutes = `${(second / 60).toFixed(1)} min`;
  switch (kind) {
    case "Promoted":
      return `promoted after ${minutes}`;
    case "RolledBack":
      return `rolled back after ${minutes} and ${badRequests} bad requests`;
    case "Held":
      return `held for ${minutes}`;
  }
}

function pointOf(second: number, { spec, status, metrics }: Snapshot): EvidencePoint {
  const weight = status.canaryWeight ?? 0;
  if (spec.kind !== "Known" || metrics.kind !== "Known")
    return { second, weight, against: 0, inFavour: undefined };
  const against: { readonly kind: "Ratio" | "Latency"; readonly log: number }[] = [];
  const inFavour: number[] = [];
  for (const [index, { kind, state }] of metrics.value.entries()) {
    const asked = spec.value.analysis.metrics[index];
    const margins = asked === undefined ? undefined : marginsOf(asked, kind);
    if (margins === undefined || state.comparison === undefined || kind === "Value") continue;
    against.push({ kind, log: logEvidenceAgainst(state.comparison) });
    const excess = excessToExclude(spec.value, status, margins);
    if (excess !== undefined) inFavour.push(logEvidenceFor(state.comparison, excess));
  }
  return {
    second,
    weight,
    against: against.length === 0 ? 0 : combinedEvidence(against),
    inFavour: inFavour.length === 0 ? undefined : Math.min(...inFavour),
  };
}
