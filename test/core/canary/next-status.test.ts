import { describe, expect, it } from "vitest";
import { nextStatus } from "../../../src/core/canary/next-status.ts";
import { assessSituation } from "../../../src/core/canary/situation.ts";
import type { Snapshot } from "../../../src/core/canary/snapshot.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import {
  ago,
  aReleasing,
  aSnapshot,
  aWorkload,
  broken,
  failed,
  finalising,
  initialized,
  now,
  progressing,
} from "../../support/snapshots.ts";

const after = (snapshot: Snapshot, message = "said") =>
  nextStatus(assessSituation(snapshot, now), snapshot.status, message);

describe("every status that is persisted", () => {
  it("carries when, for which generation, and by which bound it was made", () => {
    expect(after(aSnapshot())).toMatchObject({
      message: "said",
      observedGeneration: 1,
      observedTargetGeneration: 7,
      rollbackBoundSeconds: 70,
      refreshedAt: ago(0),
    });
  });

  it("carries the checks, rounded", () => {
    const third = { total: 300, bad: 100 };
    const metric = {
      ...broken,
      state: {
        ...broken.state,
        blocks: broken.state.blocks.map((block) => ({
          ...block,
          canary: { kind: "Ratio" as const, ...third },
        })),
      },
    };
    const [check] =
      after(aReleasing(progressing(1, "confirmed"), { metrics: known([metric]) })).analysis ?? [];
    expect(check).toMatchObject({
      name: "error-rate",
      verdict: "Fail",
      canaryValue: 33.333,
      stableValue: 0,
      limit: 5,
      samples: 300,
      at: ago(0),
    });
  });

  it("shows no check of the release before as one of the next", () => {
    const world = aReleasing(progressing(1, "confirmed"), { metrics: known([broken]) });
    const s = assessSituation(world, now);
    const { release } = s.status;
    const next = release === undefined ? {} : { release: { ...release, id: "third-2" } };
    const shown = nextStatus(s, { ...s.status, analysis: [], ...next }, "said");
    expect(shown).not.toHaveProperty("analysis");
    expect(nextStatus(s, s.status, "said").analysis).toHaveLength(1);
  });

  it("keeps the last checks and bound while nothing can be read", () => {
    const before = { ...initialized(), analysis: [], rollbackBoundSeconds: 42 };
    const snapshot = aSnapshot({ status: before, spec: missing("Invalid", "…") });
    expect(after(snapshot)).toMatchObject({ analysis: [], rollbackBoundSeconds: 42 });
  });

  it("cuts a message to what the schema takes", () => {
    expect(after(aSnapshot(), "x".repeat(2000)).message).toHaveLength(1024);
  });
});

describe("the generation of the target that a status speaks of", () => {
  const third = known(aWorkload({ templateHash: "third", generation: 9 }));
  it.each([
    ["the promoted template", aSnapshot(), 7],
    ["the template under release", aReleasing(progressing(0, "entered")), 8],
    ["the template that failed", aReleasing(failed()), 8],
    ["any template before there is a promoted one", aSnapshot({ status: {}, target: third }), 9],
    [
      "no target that is unknown",
      aSnapshot({ target: unknown("not read yet"), status: initialized() }),
      undefined,
    ],
    ["no template that only waits for its release", aSnapshot({ target: third }), 7],
    [
      "no promoted template while the phase is another's",
      aReleasing(failed({ observedTargetGeneration: 8 }), {
        target: known(aWorkload({ generation: 9 })),
      }),
      8,
    ],
  ])("is that of %s", (_, snapshot, generation) => {
    expect(after(snapshot).observedTargetGeneration).toBe(generation);
  });

  it("is not that of a push which the end of the release before does not speak of", () => {
    const status = finalising({ observedTargetGeneration: 8 });
    expect(after(aReleasing(status, { target: third })).observedTargetGeneration).toBe(8);
  });
});

describe("what is told", () => {
  const tell = (snapshot: Snapshot, part?: string) =>
    nextStatus(assessSituation(snapshot, now), snapshot.status, "said", [
      {
        reason: "SpecRefused",
        message: "x".repeat(2000),
        facts: { cause: "Invalid" },
        ...(part !== undefined && { part }),
      },
    ]).outbox?.[0];

  it("is named after the Canary, the release and what happened", () => {
    expect(tell(aReleasing(progressing(0, "entered")))?.id).toBe("0a1b2c3d-next-1-SpecRefused");
    expect(tell(aSnapshot())?.id).toBe("0a1b2c3d-generation-1-SpecRefused");
    expect(tell(aSnapshot(), "again")?.id).toBe("0a1b2c3d-generation-1-SpecRefused-again");
  });

  it("carries severity, time and as much of the message as fits", () => {
    const entry = tell(aSnapshot());
    expect(entry).toMatchObject({ severity: "Warning", at: ago(0), facts: { cause: "Invalid" } });
    expect(entry?.message).toHaveLength(1024);
  });
});
