/** What is promised of Serin's judgement, held against the rows that were measured. */
import type { MethodName } from "../methods/methods.ts";
import { findScenario } from "../scenarios/scenarios.ts";
import { type Row, wrongPct } from "./row.ts";

/** Unproven: what was seen keeps it, but too few runs were made to say so for 95 %. */
export type Verdict = "kept" | "unproven" | "MISSED";

export interface Target {
  readonly name: string;
  readonly verdict: Verdict;
  /** The numbers, where it is not plainly kept. */
  readonly because: string;
}

const mostFalsePct = 1;
const mostMissedPct = 5;
const exposureRows = ["B1", "B2", "B6", "B8", "B12", "B18"];
const silentRows = ["H4", "B20"];

export function judgeTargets(rows: readonly Row[]): readonly Target[] {
  const own = rows.filter(({ method }) => method === "serin");
  return [
    ...own.filter(({ healthy }) => healthy).map(judgeFalse),
    ...own.filter(isBeyondHarm).map(judgeMissed),
    ...own
      .filter(({ scenario }) => exposureRows.includes(scenario))
      .flatMap((row) => judgeHarm(row, rows)),
    ...own.filter(({ scenario }) => silentRows.includes(scenario)).map(judgeSilent),
  ];
}

function isBeyondHarm({ scenario }: Row): boolean {
  return findScenario(scenario)?.isBeyondHarm === true;
}

function judgeFalse(row: Row): Target {
  return atMost(`${row.scenario}: false rollback ≤ ${mostFalsePct} %`, row, mostFalsePct);
}

function judgeMissed(row: Row): Target {
  const { scenario } = row;
  const name = `${scenario}: missed ≤ ${mostMissedPct} %`;
  const verdict = wrongPct(row) <= mostMissedPct ? "kept" : "MISSED";
  return { name, verdict, because: verdict === "kept" ? "" : `${wrongPct(row)} %` };
}

function judgeHarm(row: Row, rows: readonly Row[]): readonly Target[] {
  return (["flagger-5", "argo-1m"] as const satisfies readonly MethodName[]).flatMap((method) => {
    const rival = rows.find((other) => other.method === method && other.scenario === row.scenario);
    if (rival === undefined) return [];
    const [ours, theirs] = [row.medianBadRequests, rival.medianBadRequests];
    const isKept = ours !== null && (theirs === null || ours <= theirs / 2);
    return {
      name: `${row.scenario}: bad requests ≤ ½ of ${method}`,
      verdict: isKept ? "kept" : "MISSED",
      because: isKept ? "" : `${ours ?? "not caught"} against ${theirs ?? "not caught"}`,
    };
  });
}

/** Where there is not enough evidence, or too much noise, nothing is promoted unless the canary is proven. */
function judgeSilent(row: Row): Target {
  return atMost(
    `${row.scenario}: no promotion without evidence`,
    promotedRow(row),
    row.healthy ? 0 : mostMissedPct,
  );
}

function promotedRow(row: Row): Row {
  const { falseRollbackPct: _, ...others } = row;
  return { ...others, missedPct: row.promotedPct, ciHighPct: row.promotedPct };
}

function atMost(name: string, row: Row, most: number): Target {
  const seen = wrongPct(row);
  if (seen > most) return { name, verdict: "MISSED", because: `${seen} %` };
  if (row.ciHighPct > most)
    return {
      name,
      verdict: "unproven",
      because: `${seen} % of ${row.runs} runs, at most ${row.ciHighPct} %`,
    };
  return { name, verdict: "kept", because: "" };
}
