/**
 * One Canary whole, for somebody who was woken by it: where it is, what the traffic does, why it waits, what was
 * measured, what can be done. Shows what the status says and concludes nothing of its own.
 */

import type { CanarySpec } from "../api/canary-spec.ts";
import type {
  CanaryStatus,
  MetricStatus,
  ReleaseRecord,
  StageStatus,
} from "../api/canary-status.ts";
import type { CanaryView } from "./canary-objects.ts";
import {
  colourOf,
  currentStage,
  percent,
  phaseOf,
  problemOf,
  shortImages,
  showNumber,
} from "./canary-words.ts";
import { showDuration, since } from "./durations.ts";
import { openCommandOf } from "./open-command.ts";
import type { Colour, Paint } from "./terminal.ts";
import { layOutFact, layOutTable } from "./text-layout.ts";

export interface DetailLook {
  /** Undefined where nobody looks at a terminal: then nothing is filled or cut. */
  readonly width: number | undefined;
  readonly paint: Paint;
  /** Wall time, ms. */
  readonly now: number;
}

const barWidth = 40;
const labelWidth = 11;

export function describeCanary(view: CanaryView, look: DetailLook): readonly string[] {
  const { paint } = look;
  const { status } = view;
  const phase = paint(colourOf(view), phaseOf(status));
  const title = `${paint("bold", view.name)} ${paint("dim", `in ${view.namespace}`)}  ${phase}`;
  const facts = factsOf(view, look).flatMap(([label, text]) =>
    layOutFact(paint("dim", label), text, { labelWidth, width: look.width }),
  );
  const sections = [metricsOf(status, look), historyOf(status.history ?? [], look)];
  return [
    title,
    bar(status, paint),
    "",
    ...facts,
    ...sections.flatMap((lines) => (lines.length === 0 ? [] : ["", ...lines])),
  ];
}

/** What was set as blocks; what the mesh was seen to do as a number beside it. */
function bar({ canaryWeight = 0, observedWeight }: CanaryStatus, paint: Paint): string {
  const filled = Math.round((canaryWeight / 100) * barWidth);
  const blocks = paint("cyan", "█".repeat(filled)) + paint("dim", "░".repeat(barWidth - filled));
  return `${blocks} ${percent(canaryWeight)} set, ${percent(observedWeight)} seen`;
}

type FactRow = readonly [label: string, text: string];

function factsOf(view: CanaryView, look: DetailLook): readonly FactRow[] {
  const { spec, status } = view;
  const problem = problemOf(status);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Target", targetOf(view)],
    ["Release", releaseOf(status, look.now)],
    ["Stage", stageOf(view, look.now)],
    ["Now", status.message ?? "no controller has looked at it yet; is one running?"],
    ["Problem", problem === undefined ? undefined : `${problem.reason}: ${problem.message}`],
    ["Waits", waitOf(view, look.now)],
    ["Rollback", rollbackOf(status, look)],
    ["Next", nextOf(view)],
    ["Bound", boundOf(status, spec?.rollback.withinSeconds)],
    ["Command", commandOf(status, look.now)],
    ["Asked", askedOf(view)],
    ["Note", view.isStatusWhole ? undefined : otherVersion],
  ];
  return rows.flatMap(([label, text]) =>
    text === undefined || isSaidBefore(label, text, problem?.message) ? [] : [[label, text]],
  );
}

const otherVersion =
  "the controller is of another version than this serin, which cannot read all of the status; see it by -o yaml";

/** While a spec is not accepted, the message is the refusal. */
function isSaidBefore(label: string, text: string, problem: string | undefined): boolean {
  return label === "Now" && problem !== undefined && problem.startsWith(text);
}

function targetOf({ spec }: CanaryView): string | undefined {
  if (spec === undefined) return undefined;
  return `${spec.targetRef.kind} ${spec.targetRef.name}`;
}

function releaseOf({ release, phase }: CanaryStatus, now: number): string | undefined {
  if (release === undefined) return undefined;
  const started = `started ${since(release.startedAt, now) ?? "?"} ago`;
  const isOver = phase === "Succeeded" || phase === "Failed" || phase === "Initialized";
  return `${shortImages(release.images)}, ${isOver ? "the last one, " : ""}${started}`;
}

function stageOf({ spec, status }: CanaryView, now: number): string | undefined {
  const stage = currentStage(status);
  if (stage === undefined) return undefined;
  const place = `${stage.index + 1} of ${stage.count ?? "?"}: ${shareOf(stage)}`;
  if (status.waiting?.reason === "Approval") return `${place}, not entered before its approval`;
  const least = leastStay(spec, stage);
  return [
    place,
    sinceConfirmed(stage, now),
    ...(least === undefined ? [] : [`stays at least ${showDuration(least * 1_000)}`]),
  ].join(", ");
}

/** Undefined where the spec was edited so that it says nothing of this stage any more. */
function leastStay(spec: CanarySpec | undefined, stage: StageStatus): number | undefined {
  const asked = spec?.stages[stage.index];
  const isSame = spec?.stages.length === stage.count && (asked?.weight ?? 0) === stage.weight;
  return isSame ? asked?.minSeconds : undefined;
}

function sinceConfirmed({ trafficConfirmedAt, enteredAt }: StageStatus, now: number): string {
  const confirmed = since(trafficConfirmedAt, now);
  return confirmed === undefined
    ? `entered ${since(enteredAt, now) ?? "?"} ago, traffic not confirmed yet`
    : `traffic confirmed ${confirmed} ago`;
}

function shareOf({ kind, weight, mirrorPercentage }: StageStatus): string {
  return kind === "Mirror" ? `copies of ${percent(mirrorPercentage)}` : `${weight} %`;
}

/** The message names the command to go on with; what was said as what happens now is not said again. */
function waitOf({ name, namespace, status }: CanaryView, now: number): string | undefined {
  const { waiting, message } = status;
  if (waiting === undefined) return undefined;
  const head = `${waiting.reason} for ${since(waiting.since, now) ?? "?"}`;
  const why = waiting.message === message ? "" : `: ${waiting.message}`;
  const giveUp = `serin abort ${name} -n ${namespace} --reason "<why>"`;
  return waiting.message.includes(giveUp)
    ? `${head}${why}`
    : `${head}${why}\nto give up: ${giveUp}`;
}

/** What ends a failure: nothing goes on by itself. */
function nextOf({ name, namespace, status }: CanaryView): string | undefined {
  if (status.phase !== "Failed" || problemOf(status) !== undefined) return undefined;
  return `push another version, or release this one again with: serin retry ${name} -n ${namespace}`;
}

function rollbackOf({ release }: CanaryStatus, { now, paint }: DetailLook): string | undefined {
  const rollback = release?.rollback;
  if (rollback === undefined) return undefined;
  const after = (instant: string | undefined): string | undefined =>
    instant === undefined ? undefined : secondsBetween(rollback.decidedAt, instant);
  const applied = after(rollback.appliedAt);
  const confirmed = after(rollback.confirmedAt);
  const steps = [
    `decided ${since(rollback.decidedAt, now) ?? "?"} ago`,
    applied === undefined ? "routes not clear yet" : `routes clear ${applied} later`,
    confirmed === undefined ? "not confirmed by traffic" : `traffic gone ${confirmed} later`,
  ];
  const colour: Colour = confirmed === undefined ? "red" : "dim";
  return `${rollback.reason}: ${rollback.message}\n${paint(colour, steps.join(", "))}`;
}

/** How fast it was is what this is read for. */
function secondsBetween(from: string, to: string): string {
  return `${((Date.parse(to) - Date.parse(from)) / 1_000).toFixed(1)} s`;
}

function boundOf(
  { rollbackBoundSeconds: bound }: CanaryStatus,
  within: number | undefined,
): string | undefined {
  if (bound === undefined) return undefined;
  const allowed = within === undefined ? "" : ` (allowed: ${within} s)`;
  return `traffic is off within ${showNumber(bound)} s of a fault beyond a limit${allowed}`;
}

function commandOf({ lastCommand }: CanaryStatus, now: number): string | undefined {
  if (lastCommand === undefined) return undefined;
  const { action, by, reason, at, outcome, message } = lastCommand;
  const who = by === "" ? "" : ` by ${by}`;
  const why = reason === "" ? "" : ` (${reason})`;
  return `${action}${who}${why}, ${since(at, now) ?? "?"} ago: ${outcome}: ${message}`;
}

function askedOf(view: CanaryView): string | undefined {
  const open = openCommandOf(view);
  return open === undefined ? undefined : `${open} (not answered yet)`;
}

const verdictColours: Readonly<Record<MetricStatus["verdict"], Colour>> = {
  Pass: "green",
  Fail: "red",
  Inconclusive: "dim",
  NoData: "yellow",
  Error: "yellow",
};

function metricsOf({ analysis = [] }: CanaryStatus, look: DetailLook): readonly string[] {
  if (analysis.length === 0) return [];
  const { paint, now } = look;
  const isCompared = analysis.some(({ evidence }) => evidence !== undefined);
  const head = [
    "METRIC",
    "CANARY",
    "STABLE",
    "LIMIT",
    "REQUESTS",
    ...(isCompared ? ["EVIDENCE", "EXCLUDED"] : []),
    "VERDICT",
    "CHECKED",
  ];
  const rows = analysis.map((metric) => [
    metric.name,
    showNumber(metric.canaryValue),
    showNumber(metric.stableValue),
    showNumber(metric.limit),
    String(metric.samples),
    ...(isCompared ? [showNumber(metric.evidence), excludedOf(metric)] : []),
    paint(verdictColours[metric.verdict], metric.verdict) +
      (metric.dryRun === true ? " (dry)" : ""),
    `${since(metric.at, now) ?? "?"} ago`,
  ]);
  return layOutTable([head.map((name) => paint("dim", name)), ...rows], look.width);
}

/** The excess over stable that is not there, in percentage points. */
function excludedOf({ excludedExcess }: MetricStatus): string {
  return excludedExcess === undefined ? showNumber(undefined) : `> ${showNumber(excludedExcess)}`;
}

function historyOf(history: readonly ReleaseRecord[], look: DetailLook): readonly string[] {
  if (history.length === 0) return [];
  const { paint, now } = look;
  const head = ["ENDED", "OUTCOME", "TOOK", "PEAK", "REASON", "IMAGES"];
  const rows = history.map((record) => [
    `${since(record.endedAt, now) ?? "?"} ago`,
    paint(outcomeColours[record.outcome], record.outcome),
    since(record.startedAt, Date.parse(record.endedAt)) ?? "?",
    percent(record.peakWeight),
    reasonOf(record),
    shortImages(record.images),
  ]);
  return layOutTable([head.map((name) => paint("dim", name)), ...rows], look.width);
}

/** A promotion that rests on no evidence must not look like one that does. */
function reasonOf({ reason, command, unproven }: ReleaseRecord): string {
  const marks = [command !== undefined && "by command", unproven === true && "unproven"];
  const said = marks.filter((mark) => mark !== false).join(", ");
  return said === "" ? reason : `${reason} (${said})`;
}

const outcomeColours: Readonly<Record<ReleaseRecord["outcome"], Colour>> = {
  Succeeded: "green",
  Failed: "red",
  Superseded: "dim",
  Reverted: "dim",
};
