/**
 * Whether what selects the target's pods by label will select the primary's, which take their place: a Service would
 * lose its endpoints, a policy its effect. Such an object is refused with the lines to change; one by which only
 * evictions or measurements go wrong is warned of. Serin never changes them.
 */
import { stringify } from "yaml";
import {
  canaryLabel,
  canaryOnlyAnnotation,
  canarySuffix,
  primarySuffix,
} from "../../../api/names.ts";
import { type Fact, known, missing, unknown } from "../../../core/fact.ts";
import type { WorkloadScope } from "../../../ports/workloads.ts";
import type { InformerReads } from "../informer.ts";
import { isRecord, type RawObject } from "../raw-object.ts";
import { selects } from "./label-selector.ts";
import {
  istioRootNamespace,
  type SelectingInformers,
  type SelectingObject,
  type Selection,
} from "./selecting-objects.ts";
import type { SelectorLabel } from "./selector-label.ts";

type Labels = Readonly<Record<string, string>>;

/** A Service, as far as it selects pods. */
export interface SelectingService {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly labels: Labels };
  readonly spec: { readonly selector: Labels };
}

export type NeighbourReads = {
  readonly [K in keyof SelectingInformers]: InformerReads<SelectingObject>;
} & {
  /** With the index `byLabelSelected`. */
  readonly services: InformerReads<SelectingService>;
};

/** Index of Services by each label that their pods must have: a namespace may have thousands. */
export const byLabelSelected = "byLabelSelected";

/** The values of that index. */
export function labelsSelected({ metadata, spec }: SelectingService): readonly string[] {
  const { namespace } = metadata;
  return Object.entries(spec.selector).map(([label, value]) => labelKey(namespace, label, value));
}

const labelKey = (namespace: string, label: string, value: string): string =>
  `${namespace}/${label}=${value}`;

/** Labels of the pods of both versions. */
interface Versions extends SelectorLabel {
  readonly target: Labels;
  readonly primary: Labels;
}

const policies = [
  ["NetworkPolicy", "networkPolicies"],
  ["AuthorizationPolicy", "authorizationPolicies"],
  ["PeerAuthentication", "peerAuthentications"],
] as const;
const advisers = [
  ["PodDisruptionBudget", "podDisruptionBudgets"],
  ["PodMonitor", "podMonitors"],
] as const;

/** Known: the warnings. Missing: the first object that must be changed before Serin may take over. */
export function observeNeighbours(
  scope: WorkloadScope,
  { selector, podLabels }: { readonly selector: SelectorLabel; readonly podLabels: Labels },
  reads: NeighbourReads,
): Fact<readonly string[]> {
  const unread = Object.entries(reads).find(([, informer]) => !informer.hasSynced());
  if (unread !== undefined) return unknown(`the ${unread[0]} have not been read yet`);
  const { label, value } = selector;
  const primary = { ...podLabels, [label]: `${value}${primarySuffix}` };
  const versions: Versions = { ...selector, target: podLabels, primary };
  const service = findOneSidedService(scope, versions, reads.services);
  if (service !== undefined) return missing("PrimaryNotSelected", service);
  for (const [kind, informer] of policies) {
    const [first] = findOneSided(kind, reads[informer], scope, versions);
    if (first !== undefined) return missing("PrimaryNotSelected", first);
  }
  return known(
    advisers.flatMap(([kind, informer]) => findOneSided(kind, reads[informer], scope, versions)),
  );
}

/** The Service that clients call is the routes' matter, and those of one version are meant to be one-sided. */
function findOneSidedService(
  { namespace, canary, service }: WorkloadScope,
  versions: Versions,
  services: NeighbourReads["services"],
): string | undefined {
  const own = new Set([service, `${service}${primarySuffix}`, `${service}${canarySuffix}`]);
  // The versions differ in this label alone: a Service that is one-sided selects it.
  const selecting = services.byIndex(
    byLabelSelected,
    labelKey(namespace, versions.label, versions.value),
  );
  const found = selecting.find(({ view, raw }) => {
    const { name, labels } = view.metadata;
    const { selector } = view.spec;
    if (own.has(name) || labels[canaryLabel] === canary || isForCanaryOnly(raw)) return false;
    const selected = { matchLabels: { ...selector }, matchExpressions: [] };
    return selects(selected, versions.target) && !selects(selected, versions.primary);
  });
  return found === undefined ? undefined : serviceAdvice(found.view, versions);
}

function serviceAdvice(
  { metadata, spec }: SelectingService,
  { label, value, target }: Versions,
): string {
  const shared = (labels: Labels) =>
    Object.fromEntries(Object.entries(labels).filter(([name]) => name !== label));
  const [rest, others] = [shared(spec.selector), shared(target)];
  const suggestion = Object.keys(rest).length > 0 ? rest : others;
  const object = `Service ${metadata.namespace}/${metadata.name}`;
  const why = `${object} selects ${label}: ${value}, which the primary's pods do not have (theirs is ${value}${primarySuffix}): it would lose its endpoints`;
  const other = `or, if it is for the new version alone, annotate it ${canaryOnlyAnnotation}: "true"`;
  return Object.keys(suggestion).length > 0
    ? `${why}. Let it select labels that both versions have, ${other}:\n${yaml({ spec: { selector: suggestion } })}`
    : `${why}. Give the target's pod template a label that both versions will have and let the Service select that one, ${other}:\n${yaml({ spec: { selector: { service: metadata.name } } })}`;
}

/** What each object of the kind that selects the target's pods alone must say instead. */
function findOneSided(
  kind: string,
  informer: InformerReads<SelectingObject>,
  { namespace }: WorkloadScope,
  versions: Versions,
): readonly string[] {
  const isIstio = kind === "AuthorizationPolicy" || kind === "PeerAuthentication";
  const namespaces = new Set(isIstio ? [namespace, istioRootNamespace] : [namespace]);
  return [...namespaces].flatMap((place) => {
    const objects = informer.list(place);
    return objects.flatMap(({ view, raw }) => {
      const selection = view.selections.find((one) => isOneSided(one, objects, versions));
      if (selection === undefined || isForCanaryOnly(raw)) return [];
      return [advice(kind, view, selection, versions)];
    });
  });
}

/** It selects the target's pods, and nothing says the same of the primary's: neither itself nor another object. */
function isOneSided(
  selection: Selection,
  objects: readonly { readonly view: SelectingObject }[],
  { target, primary }: Versions,
): boolean {
  const isIn = ({ anyOf }: Selection, labels: Labels): boolean =>
    anyOf.some((selector) => selects(selector, labels));
  const isSaidOfPrimary = (other: Selection): boolean =>
    other.says === selection.says && isIn(other, primary);
  return (
    isIn(selection, target) && !objects.some(({ view }) => view.selections.some(isSaidOfPrimary))
  );
}

function isForCanaryOnly({ metadata }: RawObject): boolean {
  const { annotations } = metadata;
  return isRecord(annotations) && annotations[canaryOnlyAnnotation] === "true";
}

function advice(
  kind: string,
  { metadata }: SelectingObject,
  { path }: Selection,
  { label, value }: Versions,
): string {
  const both = [value, `${value}${primarySuffix}`];
  const object = `${kind} ${metadata.namespace}/${metadata.name}`;
  const why = `${object} selects the target's pods in ${path} and would not select the primary's, which have ${label}: ${both[1]}`;
  return kind === "AuthorizationPolicy" || kind === "PeerAuthentication"
    ? `${why}. Let it select labels that both versions have, or create a second one that is the same but for:\n${yaml({ spec: { selector: { matchLabels: { [label]: both[1] } } } })}`
    : `${why}. Let it select both:\n${yaml({ matchExpressions: [{ key: label, operator: "In", values: both }] })}`;
}

const yaml = (value: unknown): string => stringify(value, { lineWidth: 0 }).trimEnd();
