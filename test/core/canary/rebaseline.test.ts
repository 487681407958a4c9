import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import { rebaseline } from "../../../src/core/canary/rebaseline.ts";
import type { Snapshot, Workload } from "../../../src/core/canary/snapshot.ts";
import { known, missing } from "../../../src/core/fact.ts";
import {
  aReleasing,
  aSnapshot,
  aWorkload,
  decideNow,
  failed,
  nextTarget,
  progressing,
  promoting,
  statusAfter,
} from "../../support/snapshots.ts";

/** The world as another version of Serin or Kubernetes sees it: every template has another hash, nothing was written. */
function rehashed(snapshot: Snapshot): Snapshot {
  const again = (workload: Snapshot["target"]): Snapshot["target"] =>
    workload.kind === "Known"
      ? known({ ...workload.value, templateHash: `${workload.value.templateHash}-2` })
      : workload;
  return { ...snapshot, target: again(snapshot.target), primary: again(snapshot.primary) };
}

/** The same world, its workloads recorded as they are in it. */
function recorded(snapshot: Snapshot): Snapshot {
  const of = (workload: Snapshot["target"]) => (workload.kind === "Known" ? workload.value : null);
  const { status } = snapshot;
  const seen = ({ uid, generation, templateHash, replicas }: Workload) => ({
    uid,
    generation,
    templateHash,
    replicas,
  });
  const [target, primary] = [of(snapshot.target), of(snapshot.primary)];
  const workloads: CanaryStatus["workloads"] = {
    ...(target !== null && { target: seen(target) }),
    ...(primary !== null && { primary: seen(primary) }),
  };
  return { ...snapshot, status: { ...status, workloads } };
}

const lives: Readonly<Record<string, Snapshot>> = {
  "in a stage": aReleasing(progressing(1, "confirmed")),
  promoting: aReleasing(promoting("Copy")),
  copied: aReleasing(promoting("Available"), {
    primary: known(aWorkload({ templateHash: "next" })),
  }),
  failed: aReleasing(failed()),
};

describe("an upgrade that changes every hash", () => {
  it.each(Object.entries(lives))("decides as before while a Canary is %s", (_, life) => {
    const before = recorded(life);
    const { rule, kind } = decideNow(before);
    expect(decideNow(rehashed(before))).toMatchObject({ rule, kind });
  });

  it("is written down once where nothing else is", () => {
    const after = rehashed(recorded(aSnapshot({ target: known(aWorkload({ replicas: 0 })) })));
    expect(decideNow(after).rule).toBe("recordWorkloads");
    const status = statusAfter(after);
    expect(status).toMatchObject({
      lastPromotedHash: "good-2",
      workloads: { target: { templateHash: "good-2" }, primary: { templateHash: "good-2" } },
    });
    expect(decideNow({ ...after, status })).toMatchObject({ rule: "hold", actions: [] });
  });

  it("keeps a failed template failed, and the promoted one promoted", () => {
    const { drain: _, ...status } = failed();
    const idle = aWorkload({ templateHash: "next", replicas: 0 });
    const { status: after } = rebaseline(
      rehashed(recorded(aReleasing(status, { target: known(idle) }))),
    );
    expect(after).toMatchObject({
      lastPromotedHash: "good-2",
      lastFailedHash: "next-2",
      release: { templateHash: "next-2", id: "next-1" },
    });
  });

  it("keeps the name of a saved template once the primary has another", () => {
    const saved = (step: "Copy" | "Restore") => {
      const hash = step === "Copy" ? "good" : "next";
      const primary = known(aWorkload({ templateHash: hash }));
      const world = rehashed(recorded(aReleasing(promoting(step), { primary })));
      return rebaseline(world).status.release?.promotion?.savedHash;
    };
    expect(saved("Copy")).toBe("good-2");
    expect(saved("Restore")).toBe("good");
  });

  it("starts nothing where only the copy on the primary is read in another way", () => {
    const before = recorded(aSnapshot());
    const primary = known(aWorkload({ templateHash: "good as copied now" }));
    expect(rebaseline({ ...before, primary }).status.lastPromotedHash).toBe("good");
  });
});

describe("a new template", () => {
  const pushed = { ...nextTarget, replicas: 0, availableReplicas: 0 };
  it.each([
    ["in a new generation", { generation: 8 }, "startRelease"],
    ["in the recorded generation", { generation: 7 }, "recordWorkloads"],
    ["of a Deployment made anew", { generation: 7, uid: "another" }, "startRelease"],
  ])("%s: %s", (_, change, rule) => {
    const target = known({ ...pushed, ...change });
    expect(decideNow(aSnapshot({ target }))).toMatchObject({ rule });
  });

  it("is one where nothing was recorded yet", () => {
    const { workloads: _, ...status } = aSnapshot().status;
    expect(decideNow(aSnapshot({ target: known(pushed), status })).rule).toBe("startRelease");
  });
});

it("reads a snapshot as it is while nothing was hashed anew, or can be seen", () => {
  const same = aSnapshot();
  expect(rebaseline(same)).toBe(same);
  const gone = aSnapshot({ primary: missing("PrimaryNotFound", "gone") });
  expect(rebaseline(gone)).toBe(gone);
});
