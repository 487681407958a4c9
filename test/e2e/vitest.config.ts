/** The end-to-end tests: real components, one file after another, since faults are everybody's. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { Sequencer } from "./support/sequencer.ts";

const inCi = process.env["CI"] !== undefined && process.env["CI"] !== "";

export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    environment: fileURLToPath(new URL("support/worker-environment.ts", import.meta.url)),
    include: ["test/e2e/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    pool: "threads",
    maxWorkers: 1,
    isolate: false,
    fileParallelism: false,
    sequence: { sequencer: Sequencer },
    // Releases wait far more than they compute.
    maxConcurrency: 12,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 30_000,
    allowOnly: false,
    passWithNoTests: false,
    reporters: inCi ? ["default", ["json", { outputFile: ".cache/e2e-report.json" }]] : ["verbose"],
  },
});
