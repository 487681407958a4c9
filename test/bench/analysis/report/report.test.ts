import { describe, expect, it } from "vitest";
import type { Outcome } from "../methods/methods.ts";
import type { Scenario } from "../scenarios/scenario.ts";
import { findScenario, scenarios } from "../scenarios/scenarios.ts";
import { wilsonLimits } from "./proportion.ts";
import { type Row, toRow } from "./row.ts";
import { toTable, toTargetTable, winners } from "./table.ts";
import { judgeTargets } from "./targets.ts";

function scenario(name: string): Scenario {
  const found = findScenario(name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

const outcome = (kind: Outcome["kind"], second: number, badRequests = 0): Outcome => ({
  kind,
  second,
  badRequests,
});
const times = (count: number, one: Outcome) => Array.from({ length: count }, () => one);

describe("limits of a share", () => {
  it("are Wilson's, one-sided", () => {
    expect(wilsonLimits(0, 3000).high).toBeCloseTo(0.0009, 4);
    expect(wilsonLimits(0, 100).high).toBeCloseTo(0.0263, 4);
    expect(wilsonLimits(5, 100).low).toBeCloseTo(0.02455, 4);
    expect(wilsonLimits(5, 100).high).toBeCloseTo(0.09916, 4);
    expect(wilsonLimits(100, 100).high).toBe(1);
    expect(wilsonLimits(0, 0)).toEqual({ low: 0, high: 1 });
  });
});

describe("a row", () => {
  it("counts what was rolled back of a healthy release", () => {
    const outcomes = [
      ...times(2, outcome("RolledBack", 60)),
      ...times(7, outcome("Promoted", 300)),
      outcome("Held", 3600),
    ];
    const row = toRow(scenario("H1"), "serin", outcomes);
    expect(row).toMatchObject({
      healthy: true,
      falseRollbackPct: 20,
      promotedPct: 70,
      inconclusivePct: 10,
    });
    expect(row).toMatchObject({
      medianPromoteSeconds: 300,
      medianDelaySeconds: null,
      medianBadRequests: null,
    });
    expect(row).not.toHaveProperty("missedPct");
  });

  it("counts what was promoted of a bad one, and from the onset on how long it took", () => {
    const caught = [270, 300, 330].map((second) => outcome("RolledBack", second, second / 10));
    const row = toRow(scenario("B8"), "kayenta", [...caught, outcome("Promoted", 1800, 999)]);
    expect(row).toMatchObject({
      healthy: false,
      missedPct: 25,
      medianDelaySeconds: 60,
      p95DelaySeconds: 90,
    });
    expect(row).toMatchObject({ medianBadRequests: 30, medianPromoteSeconds: 1800 });
  });
});

function row(
  name: string,
  method: Row["method"],
  kind: Outcome["kind"],
  hits: { readonly of: number; readonly count: number; readonly bad?: number },
): Row {
  const other = kind === "Promoted" ? "RolledBack" : "Promoted";
  const { of, count, bad = 10 } = hits;
  return toRow(scenario(name), method, [
    ...times(count, outcome(kind, 300, bad)),
    ...times(of - count, outcome(other, 300, bad)),
  ]);
}

describe("targets", () => {
  const verdict = (...rows: readonly Row[]) => judgeTargets(rows).map((target) => target.verdict);

  it("are kept only where enough runs prove it", () => {
    expect(verdict(row("H1", "serin", "RolledBack", { of: 3000, count: 0 }))).toEqual(["kept"]);
    expect(verdict(row("H1", "serin", "RolledBack", { of: 3000, count: 19 }))).toEqual(["kept"]);
    expect(verdict(row("H1", "serin", "RolledBack", { of: 3000, count: 29 }))).toEqual([
      "unproven",
    ]);
    expect(verdict(row("H1", "serin", "RolledBack", { of: 3000, count: 31 }))).toEqual(["MISSED"]);
    expect(verdict(row("H1", "serin", "RolledBack", { of: 100, count: 0 }))).toEqual(["unproven"]);
  });

  it("allow 5 % missed where the canary is beyond the harm margin, and ask nothing within it", () => {
    expect(verdict(row("B5", "serin", "Promoted", { of: 100, count: 5 }))).toEqual(["kept"]);
    expect(verdict(row("B5", "serin", "Promoted", { of: 100, count: 6 }))).toEqual(["MISSED"]);
    expect(verdict(row("B3", "serin", "Promoted", { of: 100, count: 90 }))).toEqual([]);
  });

  it("hold bad requests against half of each rival's", () => {
    const rival = row("B1", "flagger-5", "RolledBack", { of: 10, count: 10, bad: 80 });
    const own = (bad: number) => row("B1", "serin", "RolledBack", { of: 10, count: 10, bad });
    expect(verdict(own(40), rival)).toEqual(["kept", "kept"]);
    expect(verdict(own(41), rival)).toEqual(["kept", "MISSED"]);
  });

  it("let H4 promote nothing", () => {
    const held = (count: number) =>
      toRow(scenario("H4"), "serin", [
        ...times(100 - count, outcome("Held", 3600)),
        ...times(count, outcome("Promoted", 900)),
      ]);
    expect(verdict(held(0))).toEqual(["unproven", "kept"]);
    expect(verdict(held(1))).toEqual(["unproven", "MISSED"]);
  });
});

describe("the table", () => {
  it("says who is best, also where that is a rival", () => {
    const rows = [
      row("B5", "serin", "RolledBack", { of: 10, count: 10, bad: 50 }),
      row("B5", "argo-1m", "RolledBack", { of: 10, count: 10, bad: 17 }),
      row("B5", "flagger-5", "Promoted", { of: 10, count: 9, bad: 5 }),
    ];
    expect([...winners(rows)].map(({ method }) => method)).toEqual(["argo-1m"]);
    expect(toTable(rows)).toMatch(/argo-1m.*best\n/);
    expect(toTargetTable(judgeTargets(rows))).toContain("B5: missed ≤ 5 %");
  });
});

describe("scenarios", () => {
  it("are the 39 of the literature and three of our own, each once", () => {
    const names = scenarios.map(({ name }) => name);
    expect(new Set(names).size).toBe(42);
    expect(names.filter((name) => name.startsWith("X"))).toEqual(["X2", "X1", "X3"]);
  });

  it("are beyond the harm margin where what they add is", () => {
    const within = scenarios.filter(({ isHealthy, isBeyondHarm }) => !isHealthy && !isBeyondHarm);
    expect(within.map(({ name }) => name)).toEqual(["B3", "B4", "B9", "B11", "X1"]);
    expect(scenarios.filter(({ isHealthy, isBeyondHarm }) => isHealthy && isBeyondHarm)).toEqual(
      [],
    );
  });
});
