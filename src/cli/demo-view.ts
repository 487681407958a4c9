/** Shows the demo: in a terminal as a picture that changes, elsewhere as lines. Decides nothing. */
import { stripVTControlCharacters, styleText } from "node:util";
import type { CanaryStatus, MetricStatus } from "../api/canary-status.ts";
import type { DemoResult, DemoView as Shown } from "../compose/demo.ts";
import type { Colour, Paint, TextOutput } from "./terminal.ts";

export interface DemoView {
  update(shown: Shown): void;
  finish(result: DemoResult): void;
  /** Leaves the terminal as it was. */
  close(): void;
}

const barWidth = 40;
const heading = "Serin demo: two services, 1,000 requests per second each";

/** A picture for a terminal, lines for anything else. */
export function createDemoView(output: TextOutput): DemoView {
  return output.isTTY === true ? createPicture(output) : createLines(output);
}

function createLines(output: TextOutput): DemoView {
  const latest = new Map<string, string>();
  const tell = (key: string, elapsedSeconds: number, text: string) => {
    if (latest.get(key) === text) return;
    latest.set(key, text);
    output.write(`${String(elapsedSeconds).padStart(4)} s  ${text.trimEnd()}\n`);
  };
  output.write(`${heading}\n`);
  return {
    update({ elapsedSeconds, step, good, bad }) {
      tell("step", elapsedSeconds, step);
      tell("good", elapsedSeconds, line("good-service", good));
      tell("bad", elapsedSeconds, line("bad-service", bad));
    },
    finish: (result) => void output.write(`\n${summary(result, (_, text) => text).join("\n")}\n`),
    close: () => undefined,
  };
}

function line(name: string, status: CanaryStatus): string {
  const weight = `${status.canaryWeight ?? 0} %`.padStart(5);
  return `${name.padEnd(13)}${(status.phase ?? "New").padEnd(13)}${weight}  ${status.message ?? ""}`;
}

function createPicture(output: TextOutput): DemoView {
  let drawn = 0;
  const paint = (colour: Colour, text: string) =>
    styleText(colour, text, { validateStream: false });
  const draw = (lines: readonly string[]) => {
    const width = (output.columns ?? 80) - 1;
    const up = drawn === 0 ? "" : `\u001b[${drawn}A`;
    output.write(up + lines.map((text) => `\u001b[2K${fit(text, width)}\n`).join(""));
    drawn = lines.length;
  };
  output.write("\u001b[?25l");
  return {
    update({ elapsedSeconds, step, good, bad }) {
      draw([
        paint("bold", heading),
        paint("dim", `${elapsedSeconds} s  ${step}`),
        "",
        ...panel("good-service", good, paint),
        "",
        ...panel("bad-service", bad, paint),
      ]);
    },
    finish: (result) => void output.write(`\n${summary(result, paint).join("\n")}\n`),
    close: () => void output.write("\u001b[?25h"),
  };
}

function panel(name: string, status: CanaryStatus, paint: Paint): readonly string[] {
  const weight = status.canaryWeight ?? 0;
  const filled = Math.round((weight / 100) * barWidth);
  const bar = paint("cyan", "█".repeat(filled)) + paint("dim", "░".repeat(barWidth - filled));
  const phase = status.phase ?? "New";
  const checks = (status.analysis ?? []).map((check) => metric(check, paint));
  return [
    `${paint("bold", name.padEnd(14))}${paint(colourOf(phase), phase)}`,
    `  ${bar} ${String(weight).padStart(3)} % to the new version`,
    `  ${status.message ?? ""}`,
    `  ${paint("dim", "checks")} ${checks.length === 0 ? paint("dim", "none yet") : checks.join("   ")}`,
  ];
}

function metric(check: MetricStatus, paint: Paint): string {
  const value =
    check.canaryValue === undefined ? "–" : String(Math.round(check.canaryValue * 10) / 10);
  const text = `${check.name} ${value} (limit ${check.limit})`;
  if (check.verdict === "Fail") return paint("red", text);
  return check.verdict === "Pass" ? paint("green", text) : paint("dim", text);
}

function colourOf(phase: string): Colour {
  if (phase === "Succeeded" || phase === "Initialized") return "green";
  return phase === "Failed" ? "red" : "yellow";
}

function summary({ good, bad }: DemoResult, paint: Paint): readonly string[] {
  const { phase, weights, seconds } = good;
  const colour = phase === "Succeeded" ? "green" : "red";
  return [
    `${paint(colour, `good-service ${phase}`)}: ${weights.join(" → ")} % in ${seconds} s`,
    ...(bad.phase === "Failed"
      ? rollbackSummary(bad, paint)
      : [`${paint("red", `bad-service ${bad.phase}`)}: it was not rolled back`]),
  ];
}

function rollbackSummary(bad: DemoResult["bad"], paint: Paint): readonly string[] {
  const { rollback, reason, peakWeight, requests, failedRequests } = bad;
  const share = requests === 0 ? 0 : Math.round((failedRequests / requests) * 1000) / 10;
  return [
    `${paint("green", "bad-service rolled back")}: ${reason} at ${peakWeight} %`,
    `  after its first live request: decided ${rollback.detectedSeconds} s, routes written ${rollback.appliedSeconds} s, seen to have stopped ${rollback.confirmedSeconds} s`,
    `  ${failedRequests} of ${requests} live requests to the service failed meanwhile (${share} %)`,
  ];
}

/** Cuts to the visible width; escape sequences take no room. */
function fit(text: string, width: number): string {
  const visible = Array.from(stripVTControlCharacters(text));
  if (visible.length <= width) return text;
  return `${visible.slice(0, width - 1).join("")}…`;
}
