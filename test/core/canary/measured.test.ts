import { expect, it } from "vitest";
import { arePodsEvidence, isMeasured } from "../../../src/core/canary/measured.ts";
import { statuses } from "../../support/snapshots.ts";

const measured = new Set([
  "mirroring",
  "mirrored",
  "shiftingToPrimary",
  "entered",
  "shifted",
  "routed",
  "confirmed",
  "full",
  "retreating",
  "retreated",
  "blinded",
  "paused",
  "unapproved",
  "copying",
  "copied",
  "restoring",
  "finalising",
  "failing",
  "handedOver",
]);
const watched = new Set([
  "mirroring",
  "mirrored",
  "entered",
  "shifted",
  "routed",
  "confirmed",
  "full",
  "retreating",
  "retreated",
  "blinded",
  "paused",
  "unapproved",
  "copying",
  "copied",
  "restoring",
]);

it.each(Object.entries(statuses))(
  "reads metrics only for what is decided on them: %s",
  (name, status) => {
    expect(isMeasured(status)).toBe(measured.has(name));
  },
);

it.each(Object.entries(statuses))(
  "watches pods only while they are evidence: %s",
  (name, status) => {
    expect(arePodsEvidence(status)).toBe(watched.has(name));
  },
);
