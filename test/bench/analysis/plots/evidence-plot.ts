/** One good release and a bad one: how the evidence grows until it suffices, one way or the other. */
import { element, line, type Picture, text } from "./svg.ts";

/** What was known after a check. */
export interface EvidencePoint {
  /** Since the first traffic. */
  readonly second: number;
  /** Percent. */
  readonly weight: number;
  /** ln of the evidence that the canary is worse than is tolerated. */
  readonly against: number;
  /** ln of the evidence that it is not harmful at the next weight; undefined where nothing need be excluded. */
  readonly inFavour: number | undefined;
}

export interface EvidenceStory {
  readonly title: string;
  /** What happened in the end, in a few words. */
  readonly ending: string;
  readonly points: readonly EvidencePoint[];
}

/** Evidence that suffices: 1/α and 1/β. */
export interface EvidenceBounds {
  readonly rollback: number;
  readonly promotion: number;
}

const left = 64;
const right = 776;
const panelHeight = 190;
const panelGap = 74;
const top = 124;
const lowest = 0.01;
const highest = 10_000;

export function evidencePlot(stories: readonly EvidenceStory[], bounds: EvidenceBounds): Picture {
  const seconds = Math.max(
    60,
    ...stories.flatMap(({ points }) => points.map(({ second }) => second)),
  );
  const minutes = Math.ceil(seconds / 60);
  return {
    width: 800,
    height: top + stories.length * (panelHeight + panelGap) - 20,
    title: "What is known, check by check",
    subtitle:
      "Evidence is a betting capital that begins at 1: a false claim makes it reach 100 once in 100 releases at most",
    description: stories.map(({ title, ending }) => `${title}: ${ending}`).join("; "),
    parts: [
      ...legend(),
      ...stories.flatMap((story, index) =>
        panel(story, bounds, { y: top + index * (panelHeight + panelGap), minutes }),
      ),
    ],
  };
}

function legend(): readonly string[] {
  const key = (x: number, colour: string, words: string) => [
    element("line", {
      x1: x,
      y1: 78,
      x2: x + 22,
      y2: 78,
      style: `stroke:var(--${colour});stroke-width:2.5`,
    }),
    text(x + 30, 82, words, { look: "soft" }),
  ];
  return [
    ...key(24, "wrong", "worse than is tolerated"),
    ...key(214, "own", "not harmful at the next weight"),
  ];
}

interface Place {
  readonly y: number;
  readonly minutes: number;
}

function panel(story: EvidenceStory, bounds: EvidenceBounds, place: Place): readonly string[] {
  const { y, minutes } = place;
  const ticks = minutes > 12 ? 5 : 1;
  return [
    text(left, y - 12, story.title, { look: "head" }),
    text(right, y - 12, story.ending, { look: "soft", anchor: "end" }),
    ...stages(story, place),
    ...[0.01, 1, 100, 10_000].map((value) => level(value, y)),
    ...Array.from({ length: Math.floor(minutes / ticks) + 1 }, (_, index) =>
      text(xOf(60 * ticks * index, minutes), y + panelHeight + 18, `${ticks * index} min`, {
        look: "small soft",
        anchor: "middle",
      }),
    ),
    bound(y, bounds.rollback, { words: `${bounds.rollback}: rolled back`, colour: "wrong" }),
    bound(y, bounds.promotion, { words: `${bounds.promotion}: may go on`, colour: "own" }),
    path(
      story.points.map(({ second, inFavour }) => [second, inFavour]),
      place,
      "own",
    ),
    path(
      story.points.map(({ second, against }) => [second, against]),
      place,
      "wrong",
    ),
  ];
}

/** Where each weight began and ended, as faint bands. */
function stages({ points }: EvidenceStory, { y, minutes }: Place): readonly string[] {
  const changes = points.filter(
    ({ weight }, index) => weight > 0 && weight !== points[index - 1]?.weight,
  );
  return changes.flatMap(({ second, weight }, index) => {
    const x = xOf(second, minutes);
    const end = xOf(changes[index + 1]?.second ?? points.at(-1)?.second ?? second, minutes);
    const shade = { x, y, width: Math.max(0, end - x), height: panelHeight };
    const label = text((x + end) / 2, y + panelHeight - 8, `${weight} %`, {
      look: "small soft",
      anchor: "middle",
    });
    return [
      element("rect", {
        ...shade,
        style: "fill:var(--grid)",
        opacity: (0.25 + weight / 140).toFixed(2),
      }),
      ...(end - x > 26 ? [label] : []),
    ];
  });
}

function level(value: number, y: number): string {
  const at = yOf(Math.log(value), y);
  const words = text(left - 8, at + 4, value.toLocaleString("en"), {
    look: "small soft",
    anchor: "end",
  });
  return line([left, at], [right, at], "grid") + words;
}

function bound(
  y: number,
  value: number,
  { words, colour }: { readonly words: string; readonly colour: string },
): string {
  const at = yOf(Math.log(value), y);
  const style = `stroke:var(--${colour});stroke-width:1.2;stroke-dasharray:5 4`;
  return (
    element("line", { x1: left, y1: at, x2: right, y2: at, style }) +
    element(
      "text",
      {
        x: right - 4,
        y: at - 5,
        class: "small",
        "text-anchor": "end",
        style: `fill:var(--${colour})`,
      },
      words,
    )
  );
}

/** A line through what is known; it breaks where there is nothing to know. */
function path(
  values: readonly (readonly [second: number, log: number | undefined])[],
  { y, minutes }: Place,
  colour: string,
): string {
  let isOn = false;
  const steps = values.map(([second, log]) => {
    if (log === undefined) {
      isOn = false;
      return "";
    }
    const step = `${isOn ? "L" : "M"}${xOf(second, minutes).toFixed(1)} ${yOf(log, y).toFixed(1)}`;
    isOn = true;
    return step;
  });
  const style = `fill:none;stroke:var(--${colour});stroke-width:2.5;stroke-linejoin:round`;
  return element("path", { d: steps.filter((step) => step !== "").join(" "), style });
}

function xOf(second: number, minutes: number): number {
  return left + (Math.max(0, second) / (60 * minutes)) * (right - left);
}

function yOf(log: number, y: number): number {
  const share = (log - Math.log(lowest)) / Math.log(highest / lowest);
  return y + panelHeight * (1 - Math.min(1, Math.max(0, share)));
}
