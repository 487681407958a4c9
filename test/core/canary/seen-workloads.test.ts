import { describe, expect, it } from "vitest";
import type { CanaryStatus } from "../../../src/api/canary-status.ts";
import {
  areWorkloadsSeen,
  seenWorkloads,
  speaksOf,
} from "../../../src/core/canary/seen-workloads.ts";
import { known, missing, unknown } from "../../../src/core/fact.ts";
import {
  aSnapshot,
  aWorkload,
  failed,
  finalising,
  initialized,
  initializing,
  progressing,
  promoting,
} from "../../support/snapshots.ts";

describe("the record of the workloads", () => {
  const target = { uid: "7c8d", generation: 7, templateHash: "good", replicas: 0 };
  const primary = { ...target, replicas: 4 };

  it("is of what is there", () => {
    expect(seenWorkloads(aSnapshot(), undefined)).toEqual({ target, primary });
  });

  it("keeps what was there while it cannot be seen", () => {
    const gone = { target: unknown("not read"), primary: missing("PrimaryNotFound", "gone") };
    expect(seenWorkloads(gone, { primary })).toEqual({ primary });
    expect(seenWorkloads(gone, undefined)).toBeUndefined();
    expect(areWorkloadsSeen(gone, {})).toBe(true);
  });

  it.each([
    ["the same", {}, true],
    ["another generation", { generation: 8 }, false],
    ["another object of the name", { uid: "9" }, false],
    ["another hash", { templateHash: "next" }, false],
  ])("is of %s: %s", (_, change, is) => {
    const snapshot = aSnapshot({ target: known({ ...aWorkload({ replicas: 0 }), ...change }) });
    expect(areWorkloadsSeen(snapshot, { workloads: { target, primary } })).toBe(is);
  });
});

describe("a status", () => {
  const waits: CanaryStatus = { ...progressing(1, "confirmed"), phase: "Waiting" };
  const suspended: CanaryStatus = { ...progressing(1, "confirmed"), phase: "Suspended" };
  it.each<[string, CanaryStatus, readonly string[]]>([
    ["new", {}, ["good", "next", "third"]],
    ["creating its primary", initializing("CreatePrimary"), ["good", "next", "third"]],
    ["shifting to its primary", initializing("Shift"), ["good"]],
    ["idle", initialized({ lastFailedHash: "next" }), ["good"]],
    ["in a stage", progressing(1, "confirmed", { status: { lastFailedHash: "third" } }), ["next"]],
    ["waiting", waits, ["next"]],
    ["promoting", promoting("Available"), ["next"]],
    ["finalising", finalising(), ["next"]],
    ["succeeded", { ...finalising(), phase: "Succeeded" }, ["next"]],
    ["failed", failed(), ["next"]],
    ["suspended", suspended, ["good", "next"]],
  ])("that is %s speaks of %s %s", (_, status, spokenOf) => {
    expect(["good", "next", "third"].filter((hash) => speaksOf(status, hash))).toEqual(spokenOf);
  });
});
