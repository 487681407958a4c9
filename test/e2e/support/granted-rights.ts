/** What the roles that are really bound to Serin's ServiceAccount allow it, one verb of one resource each, and what of it was used. */
import { z } from "zod";
import type { Transport } from "../../../src/adapters/kubernetes/transport.ts";
import type { AskedFor } from "./audit.ts";
import { ownNamespace } from "./environment.ts";

export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
}

const Rules = z.object({
  rules: z.array(
    z.looseObject({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      verbs: z.array(z.string()),
    }),
  ),
});

const authorization = "/apis/rbac.authorization.k8s.io/v1";
const roles = [
  `${authorization}/clusterroles/serin`,
  `${authorization}/namespaces/${ownNamespace}/roles/serin`,
];

export async function grantedRights(api: Transport): Promise<readonly Right[]> {
  const found = await Promise.all(roles.map((path) => api.request({ method: "GET", path })));
  return found.flatMap((role) => Rules.parse(role).rules).flatMap(rightsOf);
}

function rightsOf({ apiGroups, resources, verbs }: z.infer<typeof Rules>["rules"][number]) {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource }))),
  );
}

/** An apply of what was not there is a patch by its verb, and allowed only to who may create as well. */
export function usedRights(asked: readonly AskedFor[]): readonly Right[] {
  return asked
    .filter(({ isForbidden }) => !isForbidden)
    .flatMap(({ verb, group, resource, code }) => [
      { verb, group, resource },
      ...(verb === "patch" && code === 201 ? [{ verb: "create", group, resource }] : []),
    ]);
}

export function nameOfRight({ verb, group, resource }: Right): string {
  return `${verb} ${group === "" ? resource : `${resource}.${group}`}`;
}
