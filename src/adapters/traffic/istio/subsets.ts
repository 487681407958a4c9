/**
 * Whether a DestinationRule's subsets tell the two versions apart, now and after every release: they may name the
 * selector label, whose value belongs to a version, and no label that a new pod template could change.
 */
import { primarySuffix } from "../../../api/names.ts";
import { known } from "../../../core/fact.ts";
import type { RouteScope } from "../../../ports/traffic-router.ts";
import type { DestinationRuleView, ServiceView } from "./decode.ts";
import { rolesOf } from "./managed-route.ts";
import { type Found, refuse, withYaml } from "./refusal.ts";

type Labels = Readonly<Record<string, string>>;

/** A subset as it should be. */
interface Subset {
  readonly name: string;
  readonly labels: Labels;
}

/** DestinationRules of the namespace that may define the subsets. */
export interface RulesFound {
  /** All whose host is the Service. */
  readonly ofService: readonly DestinationRuleView[];
  /** The one that the spec names, if there is one of that name. */
  readonly named: DestinationRuleView | undefined;
}

export function checkSubsets(
  scope: RouteScope,
  service: ServiceView,
  rules: RulesFound,
): Found<readonly DestinationRuleView[]> {
  const ofHost = rules.ofService.filter(isForEveryClient);
  const wanted = wantedSubsets(scope);
  const named = scope.routing.istio?.destinationRule?.name;
  if (named !== undefined && !ofHost.some(({ metadata }) => metadata.name === named)) {
    return refuse("DestinationRuleNotFound", whyNotNamed(scope, named, rules.named));
  }
  if (ofHost.length === 0) {
    const sentence = `no DestinationRule of namespace ${scope.namespace} is for Service ${scope.service}, whose subsets the route names; create it:`;
    return refuse("DestinationRuleNotFound", withYaml(sentence, wholeRule(scope, scope.service)));
  }
  const problem = wanted.map((subset) => problemOf(subset, ofHost, service)).find(isText);
  if (problem === undefined) return known(ofHost);
  return refuse("SubsetMissing", withYaml(`${problem}; its subsets must be:`, { subsets: wanted }));
}

const isText = (text: string | undefined): text is string => text !== undefined;

/** Rules for some clients only (workloadSelector) cannot be relied on for all of them. */
function isForEveryClient({ spec }: DestinationRuleView): boolean {
  return spec.workloadSelector === undefined;
}

function wantedSubsets(scope: RouteScope): readonly Subset[] {
  const { label, value } = scope.selector;
  const { stable, canary } = rolesOf(scope, "Subset");
  const shadow = scope.routing.istio?.destinationRule?.shadowSubset;
  return [
    { name: stable.subset ?? "", labels: { [label]: `${value}${primarySuffix}` } },
    { name: canary.subset ?? "", labels: { [label]: value } },
    ...(shadow === undefined || shadow === canary.subset
      ? []
      : [{ name: shadow, labels: { [label]: value } }]),
  ];
}

function whyNotNamed(
  scope: RouteScope,
  named: string,
  rule: DestinationRuleView | undefined,
): string {
  const object = `DestinationRule ${scope.namespace}/${named}`;
  if (rule === undefined) {
    return withYaml(`${object} does not exist; create it:`, wholeRule(scope, named));
  }
  if (rule.spec.workloadSelector !== undefined) {
    return `${object} has a workloadSelector: it is for some clients only; name one that is for all`;
  }
  return `${object} is for host ${rule.spec.host}, not for Service ${scope.service}; name the one that is, or correct spec.service.name`;
}

function wholeRule(scope: RouteScope, name: string): unknown {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name, namespace: scope.namespace },
    spec: { host: scope.service, subsets: wantedSubsets(scope) },
  };
}

/** Istio merges all rules of a host and takes the first of two subsets of one name, so every one must be right. */
function problemOf(
  wanted: Subset,
  rules: readonly DestinationRuleView[],
  service: ServiceView,
): string | undefined {
  const found = rules.flatMap((rule) =>
    rule.spec.subsets
      .filter(({ name }) => name === wanted.name)
      .map((subset) => ({ rule, subset })),
  );
  const [first] = found;
  if (first === undefined) {
    const names = rules.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(", ");
    return `DestinationRule ${names} has no subset "${wanted.name}"`;
  }
  for (const { rule, subset } of found) {
    const because = labelProblem(wanted.labels, subset.labels, service.spec.selector);
    if (because !== undefined) {
      const { namespace, name } = rule.metadata;
      return `DestinationRule ${namespace}/${name}: subset "${wanted.name}" ${because}`;
    }
  }
  return undefined;
}

function labelProblem(wanted: Labels, actual: Labels, selected: Labels): string | undefined {
  for (const [label, value] of Object.entries(wanted)) {
    if (actual[label] === value) continue;
    const now = actual[label] === undefined ? "has none" : `has ${label}: ${actual[label]}`;
    return `must select ${label}: ${value}, it ${now}`;
  }
  const extra = Object.keys(actual).find(
    (label) => wanted[label] === undefined && selected[label] !== actual[label],
  );
  if (extra === undefined) return undefined;
  return `also asks for ${extra}: ${actual[extra]}, which the next pod template may not have`;
}
