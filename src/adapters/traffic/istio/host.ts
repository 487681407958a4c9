/**
 * Which Kubernetes Service a destination's host means. As Istio does it: a name without a dot is resolved in the
 * namespace of the object that holds it, anything else is taken for a full name as it stands.
 */

/** `namespace/name` of a Service. */
export type ServiceKey = string;

export function serviceKey(namespace: string, name: string): ServiceKey {
  return `${namespace}/${name}`;
}

/**
 * Undefined for a host that is no Kubernetes Service by its form: an external name, a wildcard, or an abbreviation
 * such as `orders.shop`, which Istio does not expand.
 */
export function serviceOfHost(host: string, namespace: string): ServiceKey | undefined {
  if (!host.includes(".")) return host === "*" ? undefined : serviceKey(namespace, host);
  const parts = /^([^.*]+)\.([^.]+)\.svc\..+$/.exec(host);
  const [, name, inNamespace] = parts ?? [];
  if (name === undefined || inNamespace === undefined) return undefined;
  return serviceKey(inNamespace, name);
}
