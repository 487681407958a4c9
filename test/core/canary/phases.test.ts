import { expect, it } from "vitest";
import { isInStage, isReleaseRunning } from "../../../src/core/canary/phases.ts";
import { statuses } from "../../support/snapshots.ts";

const inStage = new Set([
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
]);
const running = new Set([...inStage, "copying", "copied", "restoring", "finalising"]);

it.each(Object.entries(statuses))("knows what is in a stage: %s", (name, status) => {
  expect(isInStage(status)).toBe(inStage.has(name));
});

it.each(Object.entries(statuses))("knows what runs: %s", (name, status) => {
  expect(isReleaseRunning(status)).toBe(running.has(name));
});
