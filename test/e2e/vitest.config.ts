/**
 * The end-to-end tests: real components, two environments of them at once. In each goes one file after another, since
 * faults are everybody's. What the whole run did is judged when all others have ended.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { Sequencer } from "./support/sequencer.ts";

const inCi = process.env["CI"] !== undefined && process.env["CI"] !== "";
const wholeRun = "test/e2e/whole-run/**/*.test.ts";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    environment: fileURLToPath(new URL("support/worker-environment.ts", import.meta.url)),
    globalSetup: ["test/e2e/support/begin-run.ts"],
    pool: "threads",
    isolate: false,
    sequence: { sequencer: Sequencer },
    // Releases wait far more than they compute.
    maxConcurrency: 12,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    allowOnly: false,
    passWithNoTests: false,
    reporters: inCi ? ["default", ["json", { outputFile: ".cache/e2e-report.json" }]] : ["verbose"],
    projects: [
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          exclude: [wholeRun],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "whole run",
          include: [wholeRun],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
