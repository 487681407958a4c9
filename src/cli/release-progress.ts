/** The lines by which a release that is waited for is seen to get on: one for each step, not for each number. */
import type { CanaryStatus } from "../api/canary-status.ts";
import type { CanaryView } from "./canary-objects.ts";
import { percent, phaseOf, stageOf } from "./canary-words.ts";
import { showDuration } from "./durations.ts";
import type { TextOutput } from "./terminal.ts";
import { layOutFact } from "./text-layout.ts";

export interface Progress {
  /** Writes a line when the step is another. */
  show(view: CanaryView): void;
  say(text: string): void;
  /** Not again, however often. */
  sayOnce(text: string): void;
  /** Whether a release was seen under way. */
  hasShownRelease(): boolean;
}

/** `elapsed` gives milliseconds from any origin. */
export function createProgress(output: TextOutput, elapsed: () => number): Progress {
  const startedAt = elapsed();
  const said = new Set<string>();
  let latest = "";
  let hasShown = false;
  const width = output.isTTY === true ? output.columns : undefined;
  const write = (label: string, text: string): void => {
    const start = `${showDuration(elapsed() - startedAt).padStart(7)}  ${label}`;
    const lines = layOutFact(start, text, { labelWidth: start.length, width });
    output.write(`${lines.join("\n")}\n`);
  };
  const say = (text: string): void => write("", text);
  return {
    say,
    sayOnce(text) {
      if (said.has(text)) return;
      said.add(text);
      say(text);
    },
    show(view) {
      const { status } = view;
      hasShown ||= runningPhases.has(phaseOf(status));
      const step = stepOf(status);
      if (step === latest) return;
      latest = step;
      const columns = [
        phaseOf(status).padEnd(12),
        stageOf(view).padEnd(4),
        percent(status.canaryWeight ?? 0).padStart(5),
      ];
      write(`${columns.join("  ")}  `, (status.message ?? "").split("\n")[0] ?? "");
    },
    hasShownRelease: () => hasShown,
  };
}

const runningPhases: ReadonlySet<string> = new Set([
  "Progressing",
  "Waiting",
  "Promoting",
  "Finalising",
]);

/** What makes a new line. */
function stepOf({ phase, release, waiting, canaryWeight }: CanaryStatus): string {
  const { stage, promotion, rollback, id } = release ?? {};
  return JSON.stringify([
    phase,
    id,
    canaryWeight,
    stage?.index,
    stage?.trafficConfirmedAt !== undefined,
    promotion?.step,
    rollback?.reason,
    waiting?.reason,
  ]);
}
