/** Looks back at what Serin asked of one environment's API server, whatever the tests were about. */
import type { Transport } from "../../../src/adapters/kubernetes/transport.ts";
import { type AskedFor, readAudit } from "./audit.ts";
import type { Environment } from "./environment.ts";
import { grantedRights, nameOfRight, usedRights } from "./granted-rights.ts";
import type { Facts } from "./run-folder.ts";

/** While its API server and its istiod are there. */
export async function judge(admin: Transport, environment: Environment): Promise<Facts> {
  const asked = await readAudit(environment.controlPlane.auditLog);
  const granted = await grantedRights(admin);
  const written = asked.flatMap((request) => request.written ?? []);
  const routesRefused: string[] = [];
  for (const object of written) {
    const answer = await environment.istiod.validate(object);
    if (!answer.isAllowed) routesRefused.push(`${answer.message}: ${JSON.stringify(object)}`);
  }
  return {
    granted: granted.map(nameOfRight),
    used: [...new Set(usedRights(asked).map(nameOfRight))],
    refused: refusedForGood(asked).map(nameOfRequest),
    routesWritten: written.length,
    routesRefused,
  };
}

/** Without those of a server that had just been started and not read its roles yet: they were granted at other times. */
function refusedForGood(asked: readonly AskedFor[]): readonly AskedFor[] {
  const right = ({ verb, group, resource, namespace }: AskedFor) =>
    [verb, group, resource, namespace].join(" ");
  const granted = new Set(asked.filter(({ isForbidden }) => !isForbidden).map(right));
  return asked.filter((request) => request.isForbidden && !granted.has(right(request)));
}

function nameOfRequest({ verb, group, resource, namespace, name, code }: AskedFor): string {
  return `${code} ${verb} ${resource}.${group} ${namespace}/${name}`;
}
