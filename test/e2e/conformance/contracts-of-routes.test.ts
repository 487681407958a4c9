/** That the port to Istio's objects does on a real API server what it does on the embedded one. */
import { runContracts } from "./run-contracts.ts";

await runContracts(async () => {
  await import("../../adapters/traffic/istio/several-routes.test.ts");
  await import("../../adapters/traffic/istio/generated.test.ts");
  await import("../../adapters/traffic/istio/istio-router.test.ts");
});
