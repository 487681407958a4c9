/** Whether the Service that clients call can serve both versions; Serin never changes it. */
import { primarySuffix } from "../../../api/names.ts";
import { known } from "../../../core/fact.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import type { ServiceView } from "./decode.ts";
import type { Form } from "./managed-route.ts";
import { type Found, refuse, withYaml } from "./refusal.ts";

export interface ApexUse {
  readonly form: Form;
  /** A VirtualService with a rule that Serin does not manage and that sends to this Service itself. */
  readonly reachedBy: string | undefined;
}

export function checkApexService(
  scope: RouteScope,
  service: ServiceView | undefined,
  use: ApexUse,
): Found<ServiceView> {
  const object = `Service ${scope.namespace}/${scope.service}`;
  if (service === undefined) {
    return refuse(
      "ServiceNotFound",
      `${object} does not exist; create it, or name the one that clients call in spec.service.name`,
    );
  }
  const { type, selector } = service.spec;
  if (type === "ExternalName" || Object.keys(selector).length === 0) {
    return refuse("Unsupported", `${object} selects no pods, so it has no versions to divide`);
  }
  const pinned = selector[scope.selector.label];
  // In host form Serin's destinations are other Services, but callers outside the mesh still come by this one.
  if (pinned === undefined) return known(service);
  return refuse("ServiceSelectsOneVersion", advice(scope, use, pinned));
}

/** Taking the line away may not be enough: what is left could select other workloads' pods. */
function advice(scope: RouteScope, { reachedBy }: ApexUse, pinned: string): string {
  const { namespace, service, selector } = scope;
  const { label, value } = selector;
  const own = { service };
  const instead =
    reachedBy === undefined
      ? ""
      : `Let the rule of ${reachedBy} that sends here send to ${service}${primarySuffix}; or: `;
  return withYaml(
    `Service ${namespace}/${service} selects ${label}: ${pinned}, so it cannot select both versions: the target's pods ` +
      `have ${label}: ${value}, the primary's ${label}: ${value}${primarySuffix}. ${instead}Give the target's pod template ` +
      "a label that both versions will have, and once pods with it run, let the Service select that label instead:",
    [
      { target: { spec: { template: { metadata: { labels: own } } } } },
      { service: { spec: { selector: own } } },
    ],
  );
}
