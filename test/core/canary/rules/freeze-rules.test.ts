import { describe, expect, it } from "vitest";
import type { ReleaseStatus } from "../../../../src/api/canary-status.ts";
import { missing } from "../../../../src/core/fact.ts";
import {
  aDueFreeze,
  ago,
  aReleasing,
  decideNow,
  progressing,
  promoting,
  statusAfter,
  statuses,
} from "../../../support/snapshots.ts";

const lost = { kind: "Lost", because: "web-spec-1 is gone" } as const;

describe("keeping the spec", () => {
  it("is not recorded before it is kept, and until then nothing is raised", () => {
    const due = aReleasing(progressing(0, "entered"), { freeze: aDueFreeze({ isSaved: false }) });
    expect(decideNow(due)).toMatchObject({ kind: "Converge", actions: [{ kind: "KeepSpec" }] });
    const kept = statusAfter({ ...due, freeze: aDueFreeze({ isSaved: true }) });
    expect(kept.release?.specRevision).toBe("web-spec-1");
    expect(kept.release?.claims).toContainEqual({ key: "Deployment/web-primary" });
    expect(kept.canaryWeight).toBe(0);
  });

  it("is not done while a template is missing: people read which", () => {
    const next = missing("TemplateNotFound", "there is no ClusterAnalysisTemplate errors");
    const due = aReleasing(progressing(0, "entered"), {
      freeze: { kind: "Due", held: undefined, next },
    });
    expect(decideNow(due)).toMatchObject({ kind: "Converge", message: next.because });
  });

  it("keeps what a person has said of the first stage meanwhile, unless that is another by now", () => {
    const said = { approvedAt: ago(1), byCommand: "c-1" };
    const { release, ...status } = progressing(0, "entered");
    const keptAt = (weight: number) => {
      const stage = { index: 0, kind: "Weight", weight, enteredAt: ago(2), ...said } as const;
      const approved = { ...status, release: { ...someRelease(release), stage } };
      const after = statusAfter(aReleasing(approved, { freeze: aDueFreeze({ isSaved: true }) }));
      return after.release?.stage;
    };
    expect(keptAt(10)).toEqual({
      index: 0,
      count: 4,
      kind: "Weight",
      weight: 10,
      enteredAt: ago(0),
      ...said,
    });
    expect(keptAt(20)).toEqual({
      index: 0,
      count: 4,
      kind: "Weight",
      weight: 10,
      enteredAt: ago(0),
    });
  });

  it("leaves a release where it stands that has had traffic already", () => {
    const status = progressing(2, "confirmed");
    const after = statusAfter(aReleasing(status, { freeze: aDueFreeze({ isSaved: true }) }));
    expect(after.release).toMatchObject({ ...status.release, specRevision: "web-spec-1" });
    expect(after.canaryWeight).toBe(50);
  });
});

function someRelease(release: ReleaseStatus | undefined): ReleaseStatus {
  if (release === undefined) throw new Error("no release");
  return release;
}

describe("a spec that is lost", () => {
  it("puts the release back to its first stage without traffic", () => {
    const status = progressing(2, "confirmed", { release: { specRevision: "web-spec-1" } });
    const after = statusAfter(aReleasing(status, { freeze: lost }));
    expect(after).toMatchObject({ phase: "Progressing", canaryWeight: 0, observedWeight: 0 });
    expect(after.release?.stage).toEqual({
      index: 0,
      count: 4,
      kind: "Weight",
      weight: 10,
      enteredAt: ago(0),
    });
    expect(after.release).not.toHaveProperty("specRevision");
  });

  it("ends a wait for approval, and no other", () => {
    const after = (name: string) => {
      const { release, ...status } = statuses[name] ?? {};
      if (release === undefined) throw new Error("no release");
      const held = { ...status, release: { ...release, specRevision: "web-spec-1" } };
      return statusAfter(aReleasing(held, { freeze: lost }));
    };
    expect(after("paused")).toMatchObject({ phase: "Waiting", canaryWeight: 0 });
    expect(after("unapproved")).toMatchObject({ phase: "Progressing", canaryWeight: 0 });
  });

  it("keeps a promotion where it is: every stage was passed", () => {
    const status = promoting("Available", { release: { specRevision: "web-spec-1" } });
    const after = statusAfter(aReleasing(status, { freeze: lost }));
    expect(after).toMatchObject({ phase: "Promoting", canaryWeight: 100 });
    expect(after.release?.promotion?.step).toBe("Available");
    expect(after.release).not.toHaveProperty("specRevision");
  });
});
