/** The one simulated node as JSON. */
import { timestamp } from "./json.ts";
import { nodeIp, nodeName } from "./pod-status.ts";

export function nodeManifest(now: number) {
  const at = timestamp(now);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: nodeName,
      labels: { "kubernetes.io/hostname": nodeName, "kubernetes.io/os": "linux" },
    },
    spec: {},
    status: {
      addresses: [{ type: "InternalIP", address: nodeIp }],
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          message: "the simulated kubelet is ready",
          lastHeartbeatTime: at,
          lastTransitionTime: at,
        },
      ],
    },
  };
}
