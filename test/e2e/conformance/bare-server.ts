/**
 * A real API server for the table and the contract suites, with Istio's and Serin's definitions: none of the
 * controllers works on what tests write, but those that collect garbage and end namespaces.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder, istioCrdFile } from "../setup/components.ts";
import { atWorkerEnd } from "../support/at-worker-end.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane.ts";
import { root } from "../support/environment.ts";
import { kubectl } from "../support/kubectl.ts";

const controllers = [
  "garbage-collector-controller",
  "namespace-controller",
  "serviceaccount-controller",
];

let starting: Promise<ControlPlane> | undefined;

/** The same for every file of a run; nobody needs to close it. */
export function openBareServer(): Promise<ControlPlane> {
  starting ??= start();
  return starting;
}

async function start(): Promise<ControlPlane> {
  const plane = await startControlPlane(mkdtempSync(join(tmpdir(), "serin-bare-")), controllers);
  atWorkerEnd(() => plane.stop());
  await kubectl(plane.adminKubeconfig, ["create", "-f", join(cacheFolder(), istioCrdFile)]);
  await kubectl(plane.adminKubeconfig, ["create", "-k", join(root, "crds")]);
  const established = ["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"];
  await kubectl(plane.adminKubeconfig, established);
  return plane;
}
