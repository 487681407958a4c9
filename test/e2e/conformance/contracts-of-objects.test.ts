/** That the ports to Canaries, Leases, Events, revisions and workloads do on a real API server what they do on the embedded one. */
import { runContracts } from "./run-contracts.ts";

await runContracts(async () => {
  await import("../../adapters/kubernetes/cluster/cluster.test.ts");
  await import("../../adapters/kubernetes/lease.test.ts");
  await import("../../adapters/kubernetes/events.test.ts");
  await import("../../adapters/kubernetes/spec-revisions/spec-revisions.test.ts");
  await import("../../adapters/kubernetes/workloads/workloads.test.ts");
});
