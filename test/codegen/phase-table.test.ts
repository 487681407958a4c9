import { describe, expect, it } from "vitest";
import { Phase, type Verdict } from "../../src/api/canary-status.ts";
import { now } from "../../src/codegen/moment.ts";
import { moments } from "../../src/codegen/moments.ts";
import { outcomeOf, printPhases } from "../../src/codegen/phase-table.ts";
import { evidences } from "../../src/codegen/readings.ts";
import type { Decision } from "../../src/core/canary/decision.ts";
import type { RuleName } from "../../src/core/canary/rule-name.ts";
import { assessSituation } from "../../src/core/canary/situation.ts";

const cells = moments.flatMap((moment) =>
  evidences.map((evidence) => ({ moment, evidence, ...outcomeOf(moment, evidence) })),
);

/** Rules that would say that a moment is not what it is called: something was forgotten in it. */
const strays: readonly RuleName[] = [
  "acceptSpec",
  "refuseSpec",
  "freezeSpec",
  "refreeze",
  "reportStall",
  "recordTold",
  "refresh",
  "recordWorkloads",
  "correctReplicas",
];

const weightAfter = (decision: Decision, before: number): number =>
  decision.kind === "Transition" || decision.kind === "Rollback"
    ? (decision.status.canaryWeight ?? 0)
    : before;

const stages = cells
  .filter(({ moment }) => /^(Progressing|Waiting)/.test(moment.name))
  .map(({ moment, evidence, snapshot, decision }) => {
    const before = snapshot.status.canaryWeight ?? 0;
    const [check] = assessSituation(snapshot, now).checks;
    return {
      name: `${moment.name}, ${evidence.name}`,
      verdict: check?.verdict,
      before,
      after: weightAfter(decision, before),
    };
  });

describe("the table of phases and verdicts", () => {
  it("shows every phase", () => {
    const shown = new Set(moments.map(({ status }) => status.phase ?? "New"));
    expect([...shown].toSorted()).toEqual(["New", ...Phase.options].toSorted());
  });

  it("shows moments that are what they are called", () => {
    const stray = cells.filter(({ decision }) => strays.includes(decision.rule));
    expect(stray.map(({ moment, decision }) => [moment.name, decision.rule])).toEqual([]);
  });

  it("has in a stage that is measured the verdict that each column is called", () => {
    const measured = cells.filter(
      ({ moment }) => moment.name === "Progressing: 10 %, minSeconds over",
    );
    const verdicts = measured.map(({ snapshot }) =>
      assessSituation(snapshot, now).checks.map(({ verdict }) => verdict),
    );
    expect(verdicts).toEqual(evidences.map(({ verdict }) => [verdict]));
  });

  it("takes a version off wherever it fails with live traffic", () => {
    const failing = stages.filter(({ verdict }) => verdict === "Fail");
    expect(failing.length).toBeGreaterThan(20);
    expect(failing.filter(({ after }) => after > 0)).toEqual([]);
  });

  it("raises nothing on Fail, NoData or Error", () => {
    const unfit: readonly (Verdict | undefined)[] = ["Fail", "NoData", "Error"];
    const held = stages.filter(({ verdict }) => unfit.includes(verdict));
    expect(held.length).toBeGreaterThan(60);
    expect(held.filter(({ before, after }) => after > before)).toEqual([]);
  });

  it("prints each moment once, with what is decided", () => {
    const lines = printPhases().split("\n");
    for (const { name } of moments)
      expect(lines.filter((line) => line.startsWith(`| ${name} |`))).toHaveLength(1);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^\| Progressing: 10 %, minSeconds over \| stage 25 % `advance` \| hold \|/,
      ),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^\| Initialized \| hold \| the primary serves/),
    );
  });
});
