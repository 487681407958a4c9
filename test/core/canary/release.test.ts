import { describe, expect, it } from "vitest";
import { newRelease, recordRelease } from "../../../src/core/canary/release.ts";
import { ago, aSpec, nextTarget, now, progressing, promoting } from "../../support/snapshots.ts";

describe("a new release", () => {
  it("begins with the first stage and no weight", () => {
    expect(newRelease(nextTarget, 4, aSpec(), { now, count: 3, before: undefined })).toEqual({
      id: "next-3",
      templateHash: "next",
      images: ["web:2"],
      startedAt: ago(0),
      primaryReplicas: 4,
      peakWeight: 0,
      stage: { index: 0, count: 4, kind: "Weight", weight: 10, enteredAt: ago(0) },
    });
  });

  it("remembers a copy that was given up before it was seen, for as long as releases replace each other", () => {
    const abandoned = { templateHash: "next", savedHash: "good" };
    const third = { ...nextTarget, templateHash: "third" };
    const first = newRelease(third, 4, aSpec(), {
      now,
      count: 2,
      before: promoting("Copy").release,
    });
    expect(first.abandoned).toEqual(abandoned);
    expect(newRelease(third, 4, aSpec(), { now, count: 3, before: first }).abandoned).toEqual(
      abandoned,
    );
    const before = promoting("Available").release;
    expect(newRelease(third, 4, aSpec(), { now, count: 2, before }).abandoned).toBeUndefined();
  });

  it("keeps of its images what the schema takes", () => {
    const images = Array.from({ length: 33 }, () => "i".repeat(513));
    const release = newRelease({ ...nextTarget, images }, 4, aSpec(), {
      now,
      count: 1,
      before: undefined,
    });
    expect(release.images).toHaveLength(32);
    expect(release.images[0]).toHaveLength(512);
  });
});

describe("the history", () => {
  const running = progressing(1, "confirmed");
  const record = (id: string) => ({
    id,
    images: [],
    startedAt: ago(9),
    endedAt: ago(8),
    outcome: "Succeeded" as const,
    reason: "Promoted",
    peakWeight: 100,
  });

  it("has the newest release first, as it ended", () => {
    const status = recordRelease(
      { ...running, history: [record("old-0")] },
      "Failed",
      "CanaryUnready",
      now,
    );
    expect(status.history).toEqual([
      {
        id: "next-1",
        images: ["web:2"],
        startedAt: ago(400),
        endedAt: ago(0),
        outcome: "Failed",
        reason: "CanaryUnready",
        peakWeight: 25,
      },
      record("old-0"),
    ]);
  });

  it("has each release once, and ten at most", () => {
    const full = Array.from({ length: 10 }, (_, index) => record(`r-${index}`));
    const once = recordRelease({ ...running, history: full }, "Failed", "CanaryUnready", now);
    const twice = recordRelease(once, "Succeeded", "Promoted", now);
    expect(once.history).toHaveLength(10);
    expect(once.history?.at(-1)?.id).toBe("r-8");
    expect(twice.history?.map(({ id }) => id)).toEqual(once.history?.map(({ id }) => id));
    expect(twice.history?.[0]?.outcome).toBe("Succeeded");
  });

  it("stays as it is without a release", () => {
    expect(recordRelease({}, "Failed", "CanaryUnready", now)).toEqual({});
  });
});
