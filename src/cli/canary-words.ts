/** How a Canary's state is said in a few words, by lists and details alike. */
import type { CanaryStatus, Condition, StageStatus } from "../api/canary-status.ts";
import type { CanaryView } from "./canary-objects.ts";
import type { Colour } from "./terminal.ts";

/** New is a Canary that no controller has looked at. */
export function phaseOf({ phase }: CanaryStatus): string {
  return phase ?? "New";
}

const colours: Readonly<Record<string, Colour>> = {
  Initialized: "green",
  Succeeded: "green",
  Failed: "red",
  Waiting: "yellow",
  Suspended: "yellow",
};

export function colourOf(view: CanaryView): Colour {
  if (problemOf(view.status) !== undefined) return "red";
  return colours[phaseOf(view.status)] ?? "cyan";
}

/** The stage that a release is in; undefined while none is. */
export function currentStage({ phase, release }: CanaryStatus): StageStatus | undefined {
  return phase === "Progressing" || phase === "Waiting" ? release?.stage : undefined;
}

/** `2/4` while a release is in its stages. */
export function stageOf({ status }: CanaryView): string {
  const stage = currentStage(status);
  return stage === undefined ? "" : `${stage.index + 1}/${stage.count ?? "?"}`;
}

export function percent(share: number | undefined): string {
  return share === undefined ? "–" : `${share} %`;
}

interface Problem {
  readonly reason: string;
  readonly message: string;
}

/** What a human must mend: a spec that is not accepted, or a stall. A failed release is its phase. */
export function problemOf({ conditions = [] }: CanaryStatus): Problem | undefined {
  const refused = conditions.find(({ type, status }) => type === "Accepted" && status === "False");
  return refused ?? conditions.find(isStallOfItsOwn);
}

function isStallOfItsOwn({ type, status, reason }: Condition): boolean {
  const isTold = reason === "ReleaseFailed" || reason === "NotAccepted";
  return type === "Stalled" && status === "True" && !isTold;
}

/** The images without what is the same in all of them anyway: the registry and its folders. */
export function shortImages(images: readonly string[]): string {
  return images.map((image) => image.split("/").at(-1) ?? image).join(", ");
}

/** Numbers as people compare them: three digits that count. */
export function showNumber(value: number | undefined): string {
  if (value === undefined) return "–";
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(3)));
}
