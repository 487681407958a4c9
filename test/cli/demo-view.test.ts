/** The demo as people see it: as a picture that changes in a terminal, as lines elsewhere. */
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { createDemoView } from "../../src/cli/demo-view.ts";
import type { DemoResult, DemoView } from "../../src/compose/demo.ts";

const at = "2026-01-01T00:00:00.000Z";
const check = (name: string, verdict: "Pass" | "Fail" | "NoData", canaryValue?: number) => ({
  name,
  verdict,
  message: "",
  ...(canaryValue !== undefined && { canaryValue }),
  limit: name === "error-rate" ? 5 : 500,
  samples: 100,
  at,
});

const good: CanaryStatus = {
  phase: "Progressing",
  canaryWeight: 25,
  message:
    "stage 2/4 (25 %): every metric holds its limit; at least 4 s in this stage, which goes on for a while longer than a line of a terminal",
  analysis: [check("error-rate", "Pass", 0.04), check("latency-p99", "NoData")],
};
const bad: CanaryStatus = {
  phase: "Failed",
  canaryWeight: 0,
  message: "rolling back: error-rate: 20.1 % of 214 requests, limit 5 %",
  analysis: [check("error-rate", "Fail", 20.123), check("latency-p99", "Pass", 55)],
};
const shown: DemoView = { elapsedSeconds: 24, step: "releasing version 2.0", good, bad };
const earlier: DemoView = { elapsedSeconds: 0, step: "creating", good: {}, bad: {} };
const result: DemoResult = {
  good: { phase: "Succeeded", weights: [10, 25, 50, 100], seconds: 45.2 },
  bad: {
    phase: "Failed",
    reason: "MetricLimitExceeded",
    peakWeight: 10,
    rollback: { detectedSeconds: 4.1, appliedSeconds: 4.2, confirmedSeconds: 8.3 },
    requests: 8_300,
    failedRequests: 92,
  },
};
const failure: DemoResult = {
  good: { phase: "Failed", weights: [10], seconds: 12 },
  bad: { ...result.bad, phase: "Succeeded", requests: 0, failedRequests: 0 },
};

function createOutput(isTTY: boolean, columns?: number) {
  let text = "";
  return {
    isTTY,
    ...(columns !== undefined && { columns }),
    write: (more: string) => {
      text += more;
    },
    text: () => text,
  };
}

describe("the demo's view", () => {
  it("is lines without escape sequences where nobody looks at a terminal", () => {
    const output = createOutput(false);
    const view = createDemoView(output);
    view.update(earlier);
    view.update(shown);
    view.update({ ...shown, elapsedSeconds: 25 });
    view.finish(result);
    view.close();
    expect(output.text()).toBe(stripVTControlCharacters(output.text()));
    expect(output.text()).toMatchSnapshot("lines");
  });

  it("is a picture in a terminal, drawn over the one before, no line wider than the terminal", () => {
    const output = createOutput(true, 80);
    const view = createDemoView(output);
    view.update(earlier);
    const before = output.text().length;
    view.update(shown);
    const picture = output.text().slice(before);
    expect(picture.startsWith("\u001b[12A")).toBe(true);
    const lines = stripVTControlCharacters(picture).split("\n");
    expect(Math.max(...lines.map((line) => Array.from(line).length))).toBeLessThanOrEqual(79);
    expect(lines.join("\n")).toMatchSnapshot("picture");
  });

  it("hides the cursor while it draws, and gives it back", () => {
    const output = createOutput(true);
    const view = createDemoView(output);
    view.update(shown);
    view.finish(result);
    view.close();
    expect(output.text().startsWith("\u001b[?25l")).toBe(true);
    expect(output.text().endsWith("\u001b[?25h")).toBe(true);
  });

  it("sums up what went wrong as plainly as what went right", () => {
    const output = createOutput(false);
    createDemoView(output).finish(failure);
    expect(output.text()).toMatchSnapshot("failure");
  });
});
