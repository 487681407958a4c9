/** The defaults, allocated addresses and rules of Services. */
import { invalidValue, required } from "../field-error.ts";
import {
  at,
  isObject,
  type JsonObject,
  listAt,
  mapList,
  objectAt,
  stringAt,
  withAt,
  withDefaults,
} from "../json.ts";
import type { AdmissionContext } from "../resource-type.ts";
import type { Cause } from "../status-error.ts";

const SPEC: JsonObject = { type: "ClusterIP", sessionAffinity: "None" };
const CLUSTER: JsonObject = {
  internalTrafficPolicy: "Cluster",
  ipFamilies: ["IPv4"],
  ipFamilyPolicy: "SingleStack",
};
const HEADLESS = "None";
const NODE_PORTS = { first: 30_000, count: 2768 };
/** Attempts at a free address or port before a taken one is accepted: the ranges are far larger than a sandbox. */
const MAX_ALLOCATION_ATTEMPTS = 64;

function allocate<T>(draw: () => T, isTaken: (value: T) => boolean): T {
  let value = draw();
  for (let attempt = 1; attempt < MAX_ALLOCATION_ATTEMPTS && isTaken(value); attempt += 1)
    value = draw();
  return value;
}

function freeAddress(context: AdmissionContext): string {
  const byte = (): number => 1 + Math.floor(context.random() * 254);
  return allocate(
    () => `10.96.${byte()}.${byte()}`,
    (address) => context.exists((other) => stringAt(other, "spec", "clusterIP") === address),
  );
}

function freeNodePort(context: AdmissionContext): number {
  return allocate(
    () => NODE_PORTS.first + Math.floor(context.random() * NODE_PORTS.count),
    (port) =>
      context.exists((other) =>
        listAt(other, "spec", "ports").some((used) => at(used, "nodePort") === port),
      ),
  );
}

function withPorts(spec: JsonObject, context: AdmissionContext): JsonObject {
  const onNodes = spec["type"] === "NodePort" || spec["type"] === "LoadBalancer";
  const ports = mapList(listAt(spec, "ports"), (port) => {
    if (!isObject(port)) return port;
    const complete = withDefaults(port, { protocol: "TCP", targetPort: port["port"] ?? 0 });
    return onNodes && complete["nodePort"] === undefined
      ? { ...complete, nodePort: freeNodePort(context) }
      : complete;
  });
  return ports === spec["ports"] || ports.length === 0 ? spec : { ...spec, ports };
}

function withAddress(
  spec: JsonObject,
  previous: JsonObject | undefined,
  context: AdmissionContext,
): JsonObject {
  if (spec["type"] === "ExternalName") return spec;
  const given = stringAt(spec, "clusterIP") ?? "";
  const address =
    given !== "" ? given : (stringAt(previous, "spec", "clusterIP") ?? freeAddress(context));
  return withDefaults({ ...spec, clusterIP: address, clusterIPs: [address] }, CLUSTER);
}

export function completeService(
  service: JsonObject,
  previous: JsonObject | undefined,
  context: AdmissionContext,
): JsonObject {
  const typed = withDefaults(objectAt(service, "spec"), SPEC);
  const spec = withAddress(withPorts(typed, context), previous, context);
  const exposed =
    spec["type"] === "NodePort" || spec["type"] === "LoadBalancer"
      ? withDefaults(spec, { externalTrafficPolicy: "Cluster" })
      : spec;
  const complete = withAt(service, ["spec"], exposed);
  return previous === undefined ? { ...complete, status: { loadBalancer: {} } } : complete;
}

function portCauses(spec: JsonObject): readonly Cause[] {
  const ports = listAt(spec, "ports");
  const needsPorts = spec["type"] !== "ExternalName" && spec["clusterIP"] !== HEADLESS;
  if (ports.length === 0) return needsPorts ? [required(["spec", "ports"])] : [];
  if (ports.length === 1) return [];
  return ports.flatMap((port, i) =>
    stringAt(port, "name") === undefined ? [required(["spec", "ports", i, "name"])] : [],
  );
}

export function checkService(
  service: JsonObject,
  previous: JsonObject | undefined,
): readonly Cause[] {
  const spec = objectAt(service, "spec");
  const before = stringAt(previous, "spec", "clusterIP");
  const address = stringAt(spec, "clusterIP") ?? "";
  const moved = before !== undefined && spec["type"] !== "ExternalName" && before !== address;
  return [
    ...portCauses(spec),
    ...(moved ? [invalidValue(["spec", "clusterIPs", 0], address, "may not change once set")] : []),
  ];
}
