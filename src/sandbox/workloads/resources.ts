/** The kinds that the simulated workloads read and write, and where they live in the API's address space. */

export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const namespaced = (group: string, plural: string): Resource => ({
  group,
  version: "v1",
  plural,
  namespaced: true,
});

export const resources = {
  deployments: namespaced("apps", "deployments"),
  replicaSets: namespaced("apps", "replicasets"),
  pods: namespaced("", "pods"),
  services: namespaced("", "services"),
  endpointSlices: namespaced("discovery.k8s.io", "endpointslices"),
  nodes: { group: "", version: "v1", plural: "nodes", namespaced: false },
} as const satisfies Readonly<Record<string, Resource>>;

export interface Address {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

export function pathOf(resource: Resource, address: Address): string {
  const { group, version, plural } = resource;
  const { namespace, name, subresource } = address;
  const root = group === "" ? ["api", version] : ["apis", group, version];
  const scope = namespace === undefined ? [] : ["namespaces", namespace];
  const rest = [name, subresource].filter((part) => part !== undefined);
  return `/${[...root, ...scope, plural, ...rest].map(encodeURIComponent).join("/")}`;
}

export function keyOf(object: { readonly namespace: string; readonly name: string }): string {
  return `${object.namespace}/${object.name}`;
}

export function parseKey(key: string): { readonly namespace: string; readonly name: string } {
  const [namespace = "", name = ""] = key.split("/", 2);
  return { namespace, name };
}
