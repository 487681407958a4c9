/** The whole demo in virtual time: both releases end as they must, and the numbers fit together. */
import { describe, expect, it } from "vitest";
import { createPrometheusMetrics } from "../../src/adapters/observability/prometheus-metrics.ts";
import { type DemoView, runDemo } from "../../src/compose/demo.ts";
import { createManualClock, settleTasks } from "../support/manual-clock.ts";
import { createRecordingLog } from "../support/recording-log.ts";
import { createSeededRandom } from "../support/seeded-random.ts";

/** Moves the clock from timer to timer until the demo is over. */
async function play({ seed = 1, abortAfterMs = Number.POSITIVE_INFINITY } = {}) {
  const clock = createManualClock();
  const views: DemoView[] = [];
  const abort = new AbortController();
  const progress = { isOver: false };
  const run = runDemo({
    clock,
    log: createRecordingLog(),
    random: createSeededRandom(seed),
    metrics: createPrometheusMetrics({ withProcess: false }),
    signal: abort.signal,
    onView: (view) => views.push(view),
  }).finally(() => {
    progress.isOver = true;
  });
  const outcome = run.then(
    (result) => ({ result, failure: undefined }),
    (failure: unknown) => ({ result: undefined, failure }),
  );
  while (!progress.isOver) {
    await settleTasks(16);
    if (clock.monotonic() >= abortAfterMs) abort.abort();
    const due = clock.nextDueAt();
    if (due !== undefined && !progress.isOver) clock.advanceTo(due);
  }
  return { ...(await outcome), views, seconds: clock.monotonic() / 1_000 };
}

describe("the demo", () => {
  it.each([1, 2, 3])(
    "promotes the good release and takes the bad one off, within two minutes (seed %i)",
    async (seed) => {
      const { result, failure, views, seconds } = await play({ seed });
      expect(failure).toBeUndefined();
      if (result === undefined) return;
      const { good, bad } = result;
      expect(good.phase).toBe("Succeeded");
      expect(good.weights).toEqual([10, 25, 50, 100]);
      expect(good.seconds).toBeGreaterThan(4 * 4);
      expect(bad).toMatchObject({ phase: "Failed", reason: "MetricLimitExceeded", peakWeight: 10 });
      const { detectedSeconds, appliedSeconds, confirmedSeconds } = bad.rollback;
      expect(detectedSeconds).toBeGreaterThan(0);
      expect(appliedSeconds).toBeGreaterThanOrEqual(detectedSeconds);
      expect(confirmedSeconds).toBeGreaterThan(appliedSeconds);
      expect(confirmedSeconds).toBeLessThan(30);
      // A tenth of the requests met a version that fails every fifth.
      const share = bad.failedRequests / bad.requests;
      expect(share).toBeGreaterThan(0.005);
      expect(share).toBeLessThan(0.02);
      expect(seconds).toBeLessThan(110);
      expect(views.at(-1)?.step).toBe("done");
      const elapsed = views.map((view) => view.elapsedSeconds);
      expect(elapsed).toEqual(elapsed.toSorted((a, b) => a - b));
    },
  );

  it("that is stopped on the way says so", async () => {
    const { failure, seconds } = await play({ abortAfterMs: 20_000 });
    expect(String(failure)).toBe("DemoFailure: stopped");
    expect(seconds).toBeLessThan(40);
  });
});
