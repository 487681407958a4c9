/** The table of `serin get`: one line for each Canary, what it does now last, because it is the longest. */
import { type CanaryView } from "./canary-objects.ts";
import {
  colourOf,
  percent,
  phaseOf,
  problemOf,
  shortImages,
  showNumber,
  stageOf,
} from "./canary-words.ts";
import { showDuration } from "./durations.ts";
import type { Paint } from "./terminal.ts";
import { layOutTable } from "./text-layout.ts";

export interface ListLook {
  readonly isWide: boolean;
  readonly hasNamespaces: boolean;
  /** Undefined where nobody looks at a terminal: then nothing is cut. */
  readonly width: number | undefined;
  readonly paint: Paint;
  /** Wall time, ms. */
  readonly now: number;
}

export function describeList(views: readonly CanaryView[], look: ListLook): readonly string[] {
  const { paint } = look;
  const head = headOf(look).map((name) => paint("dim", name));
  return layOutTable([head, ...views.map((view) => rowOf(view, look))], look.width);
}

function headOf({ isWide, hasNamespaces }: ListLook): readonly string[] {
  return [
    ...(hasNamespaces ? ["NAMESPACE"] : []),
    "NAME",
    "PHASE",
    "STAGE",
    "SET",
    "SEEN",
    ...(isWide ? ["BOUND", "AGE", "TARGET", "IMAGES"] : []),
    "MESSAGE",
  ];
}

function rowOf(view: CanaryView, look: ListLook): readonly string[] {
  const { status } = view;
  const { hasNamespaces, isWide, paint } = look;
  const message = problemOf(status)?.message ?? status.message ?? "no controller has looked at it";
  return [
    ...(hasNamespaces ? [view.namespace] : []),
    paint("bold", view.name),
    paint(colourOf(view), phaseOf(status)),
    stageOf(view),
    percent(status.canaryWeight),
    percent(status.observedWeight),
    ...(isWide ? wideCellsOf(view, look.now) : []),
    message.split("\n")[0] ?? "",
  ];
}

function wideCellsOf({ status, spec, createdAt }: CanaryView, now: number): readonly string[] {
  const bound = status.rollbackBoundSeconds;
  return [
    bound === undefined ? "–" : `${showNumber(bound)}s`,
    createdAt === undefined ? "–" : showDuration(now - createdAt),
    spec?.targetRef.name ?? "?",
    shortImages(status.release?.images ?? []),
  ];
}
