/** Kinds of others that Serin looks for: the cluster of these tests has them, without whoever would work on them. */
import { kedaKind } from "../../support/keda-kind.ts";

const podMonitorKind = {
  ...kedaKind,
  metadata: { name: "podmonitors.monitoring.coreos.com" },
  spec: {
    ...kedaKind.spec,
    group: "monitoring.coreos.com",
    names: { plural: "podmonitors", singular: "podmonitor", kind: "PodMonitor" },
    versions: kedaKind.spec.versions.map((version) => ({ ...version, name: "v1" })),
  },
};

export const otherKinds = { apiVersion: "v1", kind: "List", items: [kedaKind, podMonitorKind] };
