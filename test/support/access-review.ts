/** What an API server's RBAC would say: which access a request is, and whether rules allow it. */

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export interface Access {
  readonly verb: string;
  readonly group: string;
  /** Plural, with the subresource: `canaries/status`. */
  readonly resource: string;
  /** Of the one object that is meant, if it is one. */
  readonly name: string | undefined;
}

function verbOf(method: string, isOne: boolean, query: URLSearchParams): string {
  if (method === "GET" && query.has("watch")) return "watch";
  if (method === "GET") return isOne ? "get" : "list";
  const verbs = new Map([
    ["POST", "create"],
    ["PUT", "update"],
    ["PATCH", "patch"],
  ]);
  return verbs.get(method) ?? (isOne ? "delete" : "deletecollection");
}

/** The access that a request to a resource asks for. */
export function accessOf(method: string, address: string): Access {
  const { pathname, searchParams } = new URL(address);
  const parts = pathname.split("/").filter((part) => part !== "");
  const group = parts[0] === "api" ? "" : (parts[1] ?? "");
  const rest = parts.slice(group === "" ? 2 : 3);
  const [plural = "", own, subresource] =
    rest[0] === "namespaces" && rest.length > 2 ? rest.slice(2) : rest;
  const selected = /^metadata\.name=(.+)$/.exec(searchParams.get("fieldSelector") ?? "")?.[1];
  return {
    verb: verbOf(method, own !== undefined, searchParams),
    group,
    resource: subresource === undefined ? plural : `${plural}/${subresource}`,
    name: own ?? selected,
  };
}

export function isAllowed(rules: readonly PolicyRule[], access: Access): boolean {
  const { verb, group, resource, name } = access;
  return rules.some(
    ({ apiGroups, resources, verbs, resourceNames }) =>
      apiGroups.includes(group) &&
      resources.includes(resource) &&
      verbs.includes(verb) &&
      (resourceNames === undefined || (name !== undefined && resourceNames.includes(name))),
  );
}

/** `verb resource.group`, one line per right. */
export function rightsOf(rules: readonly PolicyRule[]): readonly string[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => rightOf({ verb, group, resource }))),
    ),
  );
}

export function rightOf({ verb, group, resource }: Omit<Access, "name">): string {
  return `${verb} ${resource}${group === "" ? "" : `.${group}`}`;
}
