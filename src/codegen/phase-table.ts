/** The table of phases and verdicts: what is really decided in each moment of a life, with each kind of evidence. */
import { decide } from "../core/canary/decide.ts";
import type { Decision } from "../core/canary/decision.ts";
import type { RuleName } from "../core/canary/rule-name.ts";
import { assessSituation } from "../core/canary/situation.ts";
import type { Snapshot } from "../core/canary/snapshot.ts";
import { code, row, table } from "./markdown.ts";
import { type Moment, now } from "./moment.ts";
import { moments } from "./moments.ts";
import { wordDecision } from "./phase-words.ts";
import { type Evidence, evidences } from "./readings.ts";

/** Rules that only write something down; a moment is what is left once they are through. */
const bookkeeping: readonly RuleName[] = ["acceptSpec", "recordTold", "refresh", "recordWorkloads"];

/** What is decided in one moment with one kind of evidence, and on what. */
export interface Outcome {
  readonly snapshot: Snapshot;
  readonly decision: Decision;
}

/** Decides once everything is written down that was only to be written down. */
export function outcomeOf({ at }: Moment, evidence: Evidence): Outcome {
  let snapshot = at(evidence);
  let decision = decide(snapshot, now);
  for (let pass = 0; pass < bookkeeping.length; pass += 1) {
    if (decision.kind !== "Transition" || !bookkeeping.includes(decision.rule)) break;
    const { status } = decision;
    const told = new Set((status.outbox ?? []).map(({ id }) => id));
    snapshot = { ...snapshot, status, told };
    decision = decide(snapshot, now);
  }
  return { snapshot, decision };
}

/** What the metrics say here is what the column is called; before the traffic was proven nothing passes. */
function isPossible({ snapshot }: Outcome, evidence: Evidence): boolean {
  const { checks } = assessSituation(snapshot, now);
  return checks.every(({ verdict }) => verdict === evidence.verdict);
}

function printOutcome({ snapshot, decision }: Outcome): string {
  const does = wordDecision(snapshot.status, decision);
  return decision.rule === "hold" ? does || "hold" : `${does} ${code(decision.rule)}`.trim();
}

function cellOf(moment: Moment, evidence: Evidence): string {
  const outcome = outcomeOf(moment, evidence);
  return isPossible(outcome, evidence) ? printOutcome(outcome) : "–";
}

/** True where evidence makes no difference. */
function isDeaf(moment: Moment): boolean {
  const all = evidences.map((evidence) => printOutcome(outcomeOf(moment, evidence)));
  return new Set(all).size === 1;
}

function printDeaf(moment: Moment): readonly string[] {
  return evidences.slice(0, 1).map((evidence) => {
    const outcome = outcomeOf(moment, evidence);
    return row([moment.name, printOutcome(outcome), messageOf(outcome.decision)]);
  });
}

/** What people read meanwhile. */
function messageOf(decision: Decision): string {
  return decision.kind === "Transition" || decision.kind === "Rollback"
    ? (decision.status.message ?? "")
    : decision.message;
}

/** Every moment with every kind of evidence, and apart those in which evidence makes no difference. */
export function printPhases(): string {
  const heard = moments.filter((moment) => !isDeaf(moment));
  const rows = heard.map((moment) =>
    row([moment.name, ...evidences.map((evidence) => cellOf(moment, evidence))]),
  );
  const legend = evidences.map(({ name, doc }) => `- **${name}**: ${doc}.`).join("\n");
  return [
    "# Phases and verdicts",
    intro,
    "## Where the metrics decide",
    legend,
    reading,
    table(["Phase", ...evidences.map(({ name }) => name)], rows),
    "## Where they do not",
    "Whatever the metrics say:",
    table(["Phase", "What happens", "Message"], moments.filter(isDeaf).flatMap(printDeaf)),
  ].join("\n\n");
}

const intro =
  "What happens next in each phase of a Canary's life, given what the metrics say. This page is not written but computed: each cell is the answer of the policy that also decides in your cluster, for one error rate with a limit of 5 % and stages mirror 10 %, 10, 25, 50 (asks for approval) and 100 %, with every other field at its default. A metric with `onFail: Pause` or `onNoData: Fail`, an `onInconclusive` or `onNoTraffic` of yours changes what it says.";

const reading =
  "In a cell: the next phase, the change of the weight, the step that begins; then the rule that decides ([rules](rules.md)). *hold*: nothing changes, the message says what is waited for. *–*: the metrics cannot say this then, as no stage can pass before its traffic was proven.";
