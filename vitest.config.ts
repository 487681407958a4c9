/** How the tests run: Node only, two workers' worth of machine, a JSON report beside the readable one in CI. */
import { defineConfig } from "vitest/config";

const inCi = process.env["CI"] !== undefined && process.env["CI"] !== "";

export default defineConfig({
  test: {
    environment: "node",
    include: ["test/**/*.test.ts"],
    exclude: ["test/e2e/**", "node_modules/**"],
    globalSetup: ["test/support/global-setup.ts"],
    pool: "threads",
    maxWorkers: 2,
    // Nothing under test keeps state in a module, and loading them for each file took a third of the time.
    isolate: false,
    testTimeout: 10_000,
    hookTimeout: 20_000,
    teardownTimeout: 5_000,
    allowOnly: false,
    passWithNoTests: false,
    restoreMocks: true,
    unstubGlobals: true,
    reporters: inCi
      ? ["default", ["json", { outputFile: ".cache/test-report.json" }]]
      : ["default"],
  },
});
