/** The contract suites of the ports, as they run on the embedded API server in `npm test`, on a real one. */
import { afterAll } from "vitest";
import { isMissing } from "../support/is-missing.ts";
import { openBareServer } from "./bare-server.ts";
import { openRealServer } from "./server.ts";
import { shareRealServer } from "./shared-real-server.ts";

if (!isMissing()) {
  const { adminKubeconfig } = await openBareServer();
  const server = await openRealServer(adminKubeconfig);
  globalThis.contractServers = shareRealServer(server);
  afterAll(async () => {
    globalThis.contractServers = undefined;
    await server.close();
  });
  // The same files: importing them here tells their tests to this one.
  await import("../../adapters/traffic/istio/several-routes.test.ts");
  await import("../../adapters/traffic/istio/generated.test.ts");
  await import("../../adapters/kubernetes/cluster/cluster.test.ts");
}
