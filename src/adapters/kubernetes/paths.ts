/** Where a resource lives in the API's address space, and what an address speaks of. Sends nothing. */
import { StallError } from "../../ports/errors.ts";

export interface ResourceRef {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ResourceAddress {
  /** Left out: the kind across all namespaces, or a kind outside namespaces. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/**
 * The path of a collection, an object or its subresource. Throws StallError `InvalidName` for a segment that
 * would lead elsewhere: names come from people's specs.
 */
export function resourcePath(resource: ResourceRef, address: ResourceAddress = {}): string {
  const { group, version, plural, namespaced } = resource;
  const root = group === "" ? ["api", version] : ["apis", group, version];
  const scope =
    namespaced && address.namespace !== undefined ? ["namespaces", address.namespace] : [];
  const rest = [address.name, address.subresource].filter((part) => part !== undefined);
  return `/${[...root, ...scope, plural, ...rest].map(segment).join("/")}`;
}

function segment(part: string): string {
  const leadsElsewhere = part === "" || part === "." || part === ".." || part.includes("/");
  if (leadsElsewhere || !part.isWellFormed()) {
    throw new StallError("InvalidName", `"${part}" cannot be the name of a Kubernetes object`);
  }
  return encodeURIComponent(part);
}

export interface DescribedPath {
  /** Plural, with the subresource: `deployments/status`. The whole path when it names no resource. */
  readonly resource: string;
  readonly group: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** Reads an address back: for error messages, and for metrics with few label values. */
export function describePath(path: string): DescribedPath {
  const parts = path.split("/").filter((part) => part !== "");
  const group = groupOf(parts);
  if (group === undefined) return { resource: path, group: "" };
  const rest = parts.slice(group === "" ? 2 : 3);
  const inNamespace = rest[0] === "namespaces" && rest.length > 2;
  const namespace = inNamespace ? rest[1] : undefined;
  const [plural = "", name, subresource] = inNamespace ? rest.slice(2) : rest;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  return { resource, group, namespace, name };
}

function groupOf([root, first, ...rest]: readonly string[]): string | undefined {
  if (root === "api" && rest.length > 0) return "";
  return root === "apis" && rest.length > 1 ? first : undefined;
}

/** `deployments.apps order-prod/order-service`, as people write it. */
export function nameOfPath(path: string): string {
  const { resource, group, namespace, name } = describePath(path);
  const kind = group === "" ? resource : `${resource}.${group}`;
  const object = [namespace, name].filter((part) => part !== undefined).join("/");
  return object === "" ? kind : `${kind} ${object}`;
}
