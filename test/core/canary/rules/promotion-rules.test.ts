import { describe, expect, it } from "vitest";
import {
  hasPromotedTemplate,
  isCopied,
} from "../../../../src/core/canary/rules/promotion-rules.ts";
import { assessSituation } from "../../../../src/core/canary/situation.ts";
import type { Workload } from "../../../../src/core/canary/snapshot.ts";
import { known, unknown } from "../../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  aWorkload,
  copiedPrimary,
  decideNow,
  nextTarget,
  now,
  promoting,
  statusAfter,
} from "../../../support/snapshots.ts";

const available = (overrides: Partial<Workload>, replicas = 4) =>
  aReleasing(promoting("Available", { release: { primaryReplicas: replicas } }), {
    primary: known({ ...copiedPrimary, ...overrides }),
  });

describe("traffic returns to the promoted primary", () => {
  it.each([
    ["with as many pods as at the start", {}, "shiftToPromoted"],
    ["not with fewer", { availableReplicas: 3 }, "hold"],
    ["not while older pods are there", { isRolledOut: false }, "hold"],
  ])("%s", (_, overrides, rule) => {
    expect(decideNow(available(overrides))).toMatchObject({ rule });
  });

  it.each([
    [1, "shiftToPromoted"],
    [0, "hold"],
  ])("with %i pods where there were none at the start: %s", (availableReplicas, rule) => {
    expect(decideNow(available({ availableReplicas }, 0))).toMatchObject({ rule });
  });

  it("and what failed before may be tried again", () => {
    const snapshot = available({});
    const status = { ...snapshot.status, lastFailedHash: "bad" };
    expect(statusAfter({ ...snapshot, status })).not.toHaveProperty("lastFailedHash");
  });

  it("not to a primary that lost the new template", () => {
    expect(decideNow(available({ templateHash: "by hand" }))).toMatchObject({
      kind: "Converge",
      message: "the primary lost the new template",
    });
  });
});

describe("the way back ends", () => {
  const rollback = {
    reason: "NewRevision",
    message: "the target got another template",
    detectedAt: ago(9),
    decidedAt: ago(9),
  };
  const restoring = (target = nextTarget, primary = aWorkload({ name: "web-primary" })) =>
    aReleasing(
      promoting("Restore", {
        release: { rollback, promotion: { step: "Restore", since: ago(9), savedHash: "good" } },
        status: { lastFailedHash: "older" },
      }),
      { target: known(target), primary: known(primary) },
    );

  it("without a verdict for a push", () => {
    const status = statusAfter(restoring({ ...nextTarget, templateHash: "third" }));
    expect(status).toMatchObject({
      phase: "Initialized",
      canaryWeight: 0,
      lastFailedHash: "older",
      history: [{ outcome: "Superseded", reason: "NewRevision" }],
      outbox: [{ reason: "Superseded", facts: { release: "next-1", peakWeight: "100" } }],
    });
  });

  it("as reverted when the push was the promoted template", () => {
    const status = statusAfter(restoring(aWorkload()));
    expect(status).toMatchObject({
      phase: "Initialized",
      history: [{ outcome: "Reverted", reason: "TemplateReverted" }],
      outbox: [{ reason: "Reverted" }],
    });
    expect(status).not.toHaveProperty("lastFailedHash");
  });

  it.each([
    [{ availableReplicas: 3 }, "the primary has 3 of 4 pods available with its template"],
    [{ isRolledOut: false }, "the primary has 4 of 4 pods available with its template"],
  ])("not before the old version can carry the traffic", (overrides, message) => {
    const primary = aWorkload({ name: "web-primary", ...overrides });
    expect(decideNow(restoring(nextTarget, primary))).toMatchObject({ kind: "Converge", message });
  });

  describe("with what there is, once the deadline is over", () => {
    const short = (seconds: number, overrides: Partial<Workload> = {}) => {
      const promotion = { step: "Restore" as const, since: ago(seconds), savedHash: "good" };
      const world = restoring(
        nextTarget,
        aWorkload({
          name: "web-primary",
          availableReplicas: 1,
          isRolledOut: false,
          ...overrides,
        }),
      );
      const { release } = world.status;
      const failed = { ...rollback, reason: "MetricLimitExceeded" as const };
      if (release === undefined) throw new Error("no release");
      return {
        ...world,
        status: { ...world.status, release: { ...release, promotion, rollback: failed } },
      };
    };

    it("gives the primary all traffic, and tells people of it", () => {
      expect(decideNow(short(600))).toMatchObject({
        kind: "Rollback",
        rule: "finishRestore",
        status: {
          phase: "Failed",
          canaryWeight: 0,
          message:
            "the primary has 1 of 4 pods available with its template, and no more in 600 s: all traffic goes to those it has",
          outbox: [{ reason: "RestoredShort", severity: "Error" }],
        },
      });
    });

    it.each([
      ["not before it", short(599)],
      ["not while the primary has none", short(600, { availableReplicas: 0 })],
      ["not before its template is back", short(600, { templateHash: "next" })],
    ])("%s", (_, world) => {
      expect(decideNow(world).rule).not.toBe("finishRestore");
    });

    it("and wakes up for it", () => {
      const world = short(590);
      const status = { ...world.status, refreshedAt: ago(0) };
      expect(decideNow({ ...world, status })).toMatchObject({ requeueAfterMs: 10_000 });
    });
  });

  it("also when what was written back is read in another way", () => {
    const primary = aWorkload({ templateHash: "good, read anew", markedHash: "good" });
    expect(decideNow(restoring(nextTarget, primary))).toMatchObject({
      rule: "finishRestore",
      status: { lastPromotedHash: "good, read anew" },
    });
  });

  it("with routes and status together", () => {
    expect(decideNow(aReleasing(promoting("Restore")))).toMatchObject({ kind: "Rollback" });
  });
});

describe("templates", () => {
  const of = (snapshot: ReturnType<typeof aReleasing>) => assessSituation(snapshot, now);

  it("are compared by hash, and an unknown workload has none", () => {
    expect(isCopied(of(available({})))).toBe(true);
    expect(isCopied(of(available({ templateHash: "good" })))).toBe(false);
    expect(isCopied(of({ ...available({}), primary: unknown("…") }))).toBe(false);
    expect(hasPromotedTemplate(of(available({})))).toBe(false);
    expect(hasPromotedTemplate(of({ ...available({}), target: known(aWorkload()) }))).toBe(true);
    expect(hasPromotedTemplate(of({ ...available({}), target: unknown("…") }))).toBe(false);
  });
});
