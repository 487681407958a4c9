import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../src/api/canary-status.ts";
import { Memories } from "../../src/controller/memory.ts";
import { report } from "../../src/controller/report.ts";
import type { Decision } from "../../src/core/canary/decision.ts";
import { createFakePorts } from "../support/fake-ports.ts";
import { ago, aRelease, aSnapshot, failed, progressing } from "../support/snapshots.ts";

const wait: Decision = {
  kind: "Converge",
  rule: "hold",
  actions: [],
  message: "",
  requeueAfterMs: undefined,
};
const write = (status: CanaryStatus): Decision => ({ kind: "Transition", rule: "advance", status });

function createBench() {
  const ports = createFakePorts();
  const memory = new Memories().of("shop/web");
  return {
    ...ports,
    memory,
    /** Reports a pass that found a status. */
    pass: (found: CanaryStatus, decision: Decision = wait) => {
      memory.reported ??= found;
      report(aSnapshot({ status: found }), decision, memory, ports);
    },
  };
}

const history = [
  {
    id: "next-1",
    images: ["web:2"],
    startedAt: ago(400),
    endedAt: ago(0),
    outcome: "Failed" as const,
    reason: "MetricLimitExceeded",
    peakWeight: 25,
  },
];
const rollback = { reason: "MetricLimitExceeded", message: "", decidedAt: ago(30) };

describe("report", () => {
  it("shows phase, weights and values of what was written", () => {
    const bench = createBench();
    const analysis = [
      {
        name: "errors",
        verdict: "Pass" as const,
        message: "",
        canaryValue: 1.5,
        stableValue: 0.5,
        limit: 5,
        samples: 100,
        at: ago(0),
      },
    ];
    const status = progressing(1, "confirmed", { status: { observedWeight: 24, analysis } });
    bench.pass(progressing(0, "confirmed"), write(status));
    expect(bench.metrics.shown.get("shop/web")).toEqual({
      phase: "Progressing",
      canaryWeight: 25,
      observedWeight: 24,
      values: [{ metric: "errors", canaryValue: 1.5, stableValue: 0.5 }],
      problems: [],
    });
    expect(bench.log.lines).toMatchObject([
      { level: "info", message: "transition", fields: { rule: "advance", weight: 25 } },
    ]);
  });

  it("shows what it found where nothing was written, without a line in the log", () => {
    const bench = createBench();
    bench.pass(progressing(0, "confirmed"));
    expect(bench.metrics.shown.get("shop/web")).toMatchObject({ canaryWeight: 10 });
    expect(bench.log.lines).toEqual([]);
  });

  it("shows why a person should look, and nothing that passes by itself", () => {
    const bench = createBench();
    const of = (type: string, status: "True" | "False", reason: string) => ({
      type,
      status,
      reason,
      message: "",
      lastTransitionTime: ago(0),
    });
    const shown = (...conditions: CanaryStatus["conditions"] & object) => {
      bench.pass(failed({ conditions }));
      return bench.metrics.shown.get("shop/web")?.problems;
    };
    expect(
      shown(
        of("Stalled", "True", "ReleaseFailed"),
        of("TrafficShifted", "False", "DrainUnconfirmed"),
      ),
    ).toEqual(["ReleaseFailed", "DrainUnconfirmed"]);
    expect(
      shown(
        of("Stalled", "False", "NotStalled"),
        of("TrafficShifted", "False", "DrainPending"),
        of("Ready", "False", "Stalled"),
      ),
    ).toEqual([]);
  });

  it("shows nothing of a Canary that was never touched", () => {
    const bench = createBench();
    bench.pass({});
    expect(bench.metrics.shown.size).toBe(0);
  });

  it("counts the end of a release once", () => {
    const bench = createBench();
    const ended = failed({ history });
    bench.pass(progressing(1, "confirmed"), write(ended));
    bench.pass(ended);
    bench.pass(ended, write({ ...ended, message: "another" }));
    expect(bench.metrics.releases).toEqual(["shop/web Failed"]);
  });

  it("counts no end that was there before it looked", () => {
    const bench = createBench();
    bench.pass(failed({ history }));
    bench.pass(failed({ history }));
    expect(bench.metrics.releases).toEqual([]);
  });

  it("counts an end also when the pass that wrote it failed after that", () => {
    const bench = createBench();
    bench.pass(progressing(1, "confirmed"));
    // The pass that rolls back fails: nothing is reported. The next one finds what it wrote.
    bench.pass(failed({ history }));
    bench.pass(failed({ history }));
    expect(bench.metrics.releases).toEqual(["shop/web Failed"]);
  });

  it("records how long a rollback took, each step once", () => {
    const bench = createBench();
    const release = (steps: object) =>
      failed({ release: aRelease({ rollback: { ...rollback, detectedAt: ago(40), ...steps } }) });
    const found = release({});
    const applied = release({ appliedAt: ago(29.5) });
    const confirmed = release({ appliedAt: ago(29.5), confirmedAt: ago(10) });
    bench.pass(found, write(applied));
    bench.pass(applied, write(confirmed));
    bench.pass(confirmed, write({ ...confirmed, message: "another" }));
    expect(bench.metrics.rollbacks).toEqual([
      { step: "applied", durationMs: 10_500 },
      { step: "confirmed", durationMs: 30_000 },
    ]);
  });

  it("records no negative time when a clock was set back", () => {
    const bench = createBench();
    const found = failed({ release: aRelease({ rollback: { ...rollback, detectedAt: ago(10) } }) });
    const release = aRelease({
      rollback: { ...rollback, detectedAt: ago(10), appliedAt: ago(20) },
    });
    bench.pass(found, write(failed({ release })));
    expect(bench.metrics.rollbacks).toEqual([{ step: "applied", durationMs: 0 }]);
  });
});
