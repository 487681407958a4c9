/** Vitest's environment of the end-to-end tests: plain Node, and a teardown once per worker instead of once per file. */
import { builtinEnvironments, type Environment } from "vitest/runtime";
import { endWorker } from "./at-worker-end.ts";

const environment: Environment = {
  name: "e2e",
  viteEnvironment: "ssr",
  async setup(global, options) {
    const { teardown } = await builtinEnvironments.node.setup(global, options);
    return {
      async teardown(again) {
        await endWorker();
        await teardown(again);
      },
    };
  },
};
// oxlint-disable-next-line import/no-default-export -- Vitest asks for it
export default environment;
