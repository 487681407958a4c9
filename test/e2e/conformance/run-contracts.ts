/** The contract suites of the ports, as they run on the embedded API server in `npm test`, on a real one. */
import { afterAll, afterEach } from "vitest";
import { isMissing } from "../support/is-missing.ts";
import { openBareServer } from "./bare-server.ts";
import { openRealServer } from "./server.ts";
import { shareRealServer } from "./shared-real-server.ts";

/** `load` imports the test files of the suites: that tells their tests to the file that calls this. */
export async function runContracts(load: () => Promise<void>): Promise<void> {
  if (isMissing()) return;
  const { adminKubeconfig } = await openBareServer();
  const server = await openRealServer(adminKubeconfig);
  const shared = shareRealServer(server);
  globalThis.contractServers = shared;
  afterEach(() => shared.endTest());
  afterAll(async () => {
    globalThis.contractServers = undefined;
    await server.close();
  });
  await load();
}
