/**
 * The whole world of the end-to-end tests: control plane, Istio's, other people's and Serin's CRDs, Serin's own manifests with their
 * roles, kubelet, mesh, Prometheus, Slack. Serin itself is started by who needs it, with the roles of deploy/ only.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { cacheFolder, istioCrdFile } from "../setup/components.ts";
import { type Child, startChild, whenReady } from "./child.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { freePort } from "./free-port.ts";
import { type Istiod, startIstiod } from "./istiod.ts";
import { kubectl } from "./kubectl.ts";
import { otherKinds } from "./other-kinds.ts";
import { type RealPrometheus, startPrometheus } from "./prometheus.ts";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
export const ownNamespace = "serin-system";

export interface Environment {
  readonly folder: string;
  readonly controlPlane: ControlPlane;
  readonly kubelet: Child;
  readonly mesh: Child;
  /** Beside the simulated mesh: it judges what is written and tells proxyless clients. */
  readonly istiod: Istiod;
  /** Address of the mesh's targets and of what its clients counted. */
  readonly meshAddress: string;
  readonly prometheus: RealPrometheus;
  /** A kubeconfig with a token of Serin's ServiceAccount. */
  readonly serinKubeconfig: string;
  stop(): Promise<void>;
}

export async function startEnvironment(): Promise<Environment> {
  const folder = mkdtempSync(join(tmpdir(), "serin-e2e-"));
  const controlPlane = await startControlPlane(join(folder, "control-plane"));
  const { adminKubeconfig } = controlPlane;
  await kubectl(adminKubeconfig, ["create", "-f", join(cacheFolder(), istioCrdFile)]);
  await kubectl(adminKubeconfig, ["create", "-f", "-"], JSON.stringify(otherKinds));
  await kubectl(adminKubeconfig, ["apply", "--server-side", "-k", join(root, "deploy/base")]);
  const crds = ["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"];
  await kubectl(adminKubeconfig, crds);
  await kubectl(adminKubeconfig, ["apply", "-f", join(root, "analysis-templates")]);
  const programs = join(folder, "programs");
  mkdirSync(programs);
  const kubelet = startProgram("kubelet", programs, [adminKubeconfig]);
  const meshPort = await freePort();
  const meshAddress = `http://127.0.0.1:${meshPort}`;
  const mesh = startProgram("mesh", programs, [adminKubeconfig, String(meshPort)]);
  await whenReady(mesh, 30_000, async () => (await fetch(`${meshAddress}/-/ready`)).ok);
  const istiod = await startIstiod({ folder: join(folder, "istiod"), kubeconfig: adminKubeconfig });
  const prometheus = await startPrometheus({
    folder: join(folder, "prometheus"),
    discovery: [`${meshAddress}/targets`],
  });
  return {
    folder,
    controlPlane,
    kubelet,
    mesh,
    meshAddress,
    istiod,
    prometheus,
    serinKubeconfig: controlPlane.kubeconfigFor(
      "serin",
      await serinToken(adminKubeconfig, ownNamespace),
    ),
    async stop() {
      const programs = [kubelet, mesh, istiod.child, prometheus.child];
      await Promise.all(programs.map((program) => program.stop(3_000)));
      await controlPlane.stop();
      // What is left is the logs.
      rmSync(join(folder, "prometheus/data"), { recursive: true, force: true });
    },
  };
}

/** One of the suite's own programs, as a process. */
export function startProgram(name: string, folder: string, args: readonly string[]): Child {
  const file = join(root, "test/e2e/programs", `${name}.ts`);
  return startChild({ name, command: process.execPath, args: [file, ...args], folder, cwd: root });
}

const TokenRequest = z.object({ status: z.object({ token: z.string() }) });

/** As the kubelet asks for the token that it mounts into a pod. */
export async function serinToken(kubeconfig: string, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/serin/token`;
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 7_200 },
  };
  const args = ["create", "--raw", path, "-f", "-"];
  const answer = await kubectl(kubeconfig, args, JSON.stringify(request));
  return TokenRequest.parse(JSON.parse(answer)).status.token;
}
