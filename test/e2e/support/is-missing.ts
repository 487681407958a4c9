/** Whether a group of tests has the real programs that it needs; where one is not to be had, it is skipped loudly. */
import { type Component, findComponent } from "../setup/components.ts";

/** What every group needs. */
const controlPlane: readonly Component[] = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kubectl",
  "prometheus",
];

/** For `describe.skipIf`; `more` are programs beside the control plane and Prometheus. CI fails on a skip. */
export function isMissing(...more: readonly Component[]): boolean {
  const missing = [...controlPlane, ...more].filter((name) => findComponent(name) === undefined);
  if (missing.length > 0)
    process.stderr.write(`\nSKIPPED for want of ${missing.join(", ")}: npm run test:e2e:setup\n`);
  return missing.length > 0;
}
