import { describe, expect, it } from "vitest";
import type {
  CanaryStatus,
  Phase,
  ReleaseStatus,
  RollbackStatus,
} from "../../src/api/canary-status.ts";
import { judgeRelease } from "../../src/cli/release-verdict.ts";

const at = "2026-01-01T00:00:00.000Z";
const push = { generation: 5, templateHash: "new" };

const release = (templateHash: string): ReleaseStatus => ({
  id: `${templateHash}-2`,
  templateHash,
  images: [],
  startedAt: at,
  primaryReplicas: 2,
  peakWeight: 10,
});

const status = (phase: Phase | undefined, rest: CanaryStatus = {}): CanaryStatus => ({
  ...(phase !== undefined && { phase }),
  observedGeneration: 1,
  observedTargetGeneration: 5,
  lastPromotedHash: "old",
  ...rest,
});

const ours = { release: release("new") };
const record = (id: string, outcome: "Succeeded" | "Failed" | "Superseded" | "Reverted") => ({
  history: [{ id, images: [], startedAt: at, endedAt: at, outcome, reason: "Why", peakWeight: 10 }],
});
const condition = (type: string, value: "True" | "False", reason: string) => ({
  conditions: [{ type, status: value, lastTransitionTime: at, reason, message: "mend it" }],
});

describe("a push", () => {
  it.each<[what: string, status: CanaryStatus, kind: string]>([
    ["nobody has looked at", {}, "NotSeen"],
    ["not seen yet", status("Succeeded", { observedTargetGeneration: 4 }), "NotSeen"],
    [
      "not seen yet, while the same template was promoted before",
      status("Succeeded", { observedTargetGeneration: 4, lastPromotedHash: "new" }),
      "NotSeen",
    ],
    [
      "not seen yet, while the release before has just failed",
      status("Failed", { observedTargetGeneration: 4, lastFailedHash: "older" }),
      "NotSeen",
    ],
    ["in its first stage", status("Progressing", ours), "Running"],
    ["being promoted", status("Promoting", ours), "Running"],
    [
      "being drained after its promotion",
      status("Finalising", { ...ours, lastPromotedHash: "new" }),
      "Running",
    ],
    ["of a Canary that initialises", status("Initializing", {}), "Running"],
    ["promoted", status("Succeeded", { ...ours, lastPromotedHash: "new" }), "Promoted"],
    ["promoted before", status("Initialized", { lastPromotedHash: "new" }), "Promoted"],
    [
      "promoted, while another one is released by now",
      status("Progressing", { release: release("newer"), lastPromotedHash: "new" }),
      "Promoted",
    ],
    [
      "promoted before others were",
      status("Succeeded", { lastPromotedHash: "newer", ...record("new-2", "Succeeded") }),
      "Promoted",
    ],
    ["failed", status("Failed", { ...ours, lastFailedHash: "new" }), "Failed"],
    [
      "failed whose traffic is not gone yet",
      status("Failed", { ...ours, lastFailedHash: "new", drain: { startedAt: at } }),
      "Running",
    ],
    [
      "failed whose traffic is gone",
      status("Failed", {
        ...ours,
        lastFailedHash: "new",
        drain: { startedAt: at, confirmedAt: at },
      }),
      "Failed",
    ],
    [
      "failed whose traffic was not seen to stop",
      status("Failed", {
        ...ours,
        lastFailedHash: "new",
        drain: { startedAt: at, unconfirmed: true },
      }),
      "Failed",
    ],
    [
      "failed, while another one is released by now",
      status("Progressing", { release: release("newer"), ...record("new-2", "Failed") }),
      "Failed",
    ],
    [
      "that failed and is about to be tried again",
      status("Failed", { ...ours, ...record("new-2", "Failed") }),
      "Running",
    ],
    [
      "of which another one was put in the place",
      status("Progressing", { release: release("newer"), ...record("new-2", "Superseded") }),
      "Overtaken",
    ],
    [
      "that was never tried, since another one came at once",
      status("Progressing", { release: release("newer") }),
      "Overtaken",
    ],
    ["taken back", status("Initialized", { ...ours, ...record("new-2", "Reverted") }), "Overtaken"],
    ["that waits for approval", status("Waiting", ours), "NeedsHuman"],
    [
      "not seen yet, while the release before waits",
      status("Waiting", { observedTargetGeneration: 4, release: release("older") }),
      "NotSeen",
    ],
    ["of a suspended Canary", status("Suspended", ours), "NeedsHuman"],
    ["of a Canary that is being deleted", status("Terminating", ours), "NeedsHuman"],
    [
      "of a spec that is not accepted",
      status("Initialized", {
        observedTargetGeneration: 4,
        ...condition("Accepted", "False", "RouteNotFound"),
      }),
      "NeedsHuman",
    ],
    [
      "of a spec whose refusal speaks of an earlier one",
      status("Initialized", {
        observedGeneration: 0,
        observedTargetGeneration: 4,
        ...condition("Accepted", "False", "RouteNotFound"),
      }),
      "NotSeen",
    ],
    [
      "that is stalled",
      status("Progressing", { ...ours, ...condition("Stalled", "True", "PrimaryMissing") }),
      "NeedsHuman",
    ],
    [
      "after a failed release, whose stall is the failure's own",
      status("Failed", {
        observedTargetGeneration: 4,
        ...condition("Stalled", "True", "ReleaseFailed"),
      }),
      "NotSeen",
    ],
  ])("%s is told as such", (_, given, kind) => {
    expect(judgeRelease(given, 1, push)).toMatchObject({ kind });
  });

  it("is told apart from the next generation only, not from a later one of the same template", () => {
    const later = status("Progressing", { ...ours, observedTargetGeneration: 9 });
    expect(judgeRelease(later, 1, push)).toEqual({ kind: "Running" });
  });

  it("says why it failed, and whether its traffic is gone", () => {
    const rollback: RollbackStatus = {
      reason: "MetricLimitExceeded",
      message: "20 %",
      detectedAt: at,
      decidedAt: at,
    };
    const failed = (confirmed: Partial<RollbackStatus>) =>
      status("Failed", {
        lastFailedHash: "new",
        release: { ...release("new"), rollback: { ...rollback, ...confirmed } },
      });
    expect(judgeRelease(failed({ confirmedAt: at }), 1, push)).toMatchObject({
      because: "MetricLimitExceeded: 20 %; it gets no live requests any more",
    });
    expect(judgeRelease(failed({}), 1, push)).toMatchObject({
      because: "MetricLimitExceeded: 20 %; its traffic was not seen to stop",
    });
  });
});
