/** The kinds, apart from Services, that select pods by label: which there are, and what of them is read. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { createInformer, type Informer } from "../informer.ts";
import type { InformerDeps } from "../informer-deps.ts";
import { createOptionalInformer, type OptionalInformer } from "../kind-presence.ts";
import type { ResourceRef } from "../paths.ts";
import type { RawObject } from "../raw-object.ts";
import { LabelSelector } from "./label-selector.ts";
import { canonicalJson } from "./template-hash.ts";

/** One place in an object that selects pods. */
export interface Selection {
  /** Path of the selector, for people. */
  readonly path: string;
  /** What is said of the pods, as canonical JSON: two with the same say the same of different pods. */
  readonly says: string;
  /** Selectors of which any may select a pod: the peers of one rule. */
  readonly anyOf: readonly LabelSelector[];
}

export interface SelectingObject {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
  };
  readonly selections: readonly Selection[];
}

const Metadata = z.object({
  namespace: z.string().default(""),
  name: z.string(),
});

/** Of PodDisruptionBudgets, PodMonitors and Istio's policies. Without a selector they are about no pods in particular. */
const Selecting = z.object({
  metadata: Metadata,
  spec: z.looseObject({ selector: LabelSelector.optional() }).prefault({}),
});

export function decodeSelecting(raw: RawObject): SelectingObject {
  const { metadata, spec } = Selecting.parse(raw);
  const { selector, ...rest } = spec;
  const says = canonicalJson(rest);
  return {
    metadata,
    selections: selector === undefined ? [] : [{ path: "spec.selector", says, anyOf: [selector] }],
  };
}

const Peer = z.object({
  podSelector: LabelSelector.optional(),
  namespaceSelector: z.unknown().optional(),
});
type Peer = z.infer<typeof Peer>;
const Rules = z
  .array(z.looseObject({ from: z.array(Peer).optional(), to: z.array(Peer).optional() }))
  .default([]);
const NetworkPolicy = z.object({
  metadata: Metadata,
  spec: z.looseObject({ podSelector: LabelSelector.prefault({}), ingress: Rules, egress: Rules }),
});

/** It selects the pods that it protects, and in its rules those that these may hear from and speak to. */
export function decodeNetworkPolicy(raw: RawObject): SelectingObject {
  const { metadata, spec } = NetworkPolicy.parse(raw);
  const { podSelector, ...rest } = spec;
  const rules = (["ingress", "egress"] as const).flatMap((direction) =>
    spec[direction].map(({ from = [], to = [], ...others }, index) => ({
      path: `spec.${direction}[${index}]`,
      says: canonicalJson([direction, podSelector, others]),
      anyOf: [...from, ...to].flatMap(selectorOf),
    })),
  );
  const own = { path: "spec.podSelector", says: canonicalJson(rest), anyOf: [podSelector] };
  return { metadata, selections: [own, ...rules] };
}

/** Pods that are chosen by their namespace first are somebody else's, or, without labels, of both versions. */
function selectorOf({ podSelector, namespaceSelector }: Peer): readonly LabelSelector[] {
  if (namespaceSelector === undefined) return podSelector === undefined ? [] : [podSelector];
  return podSelector === undefined ? [{ matchLabels: {}, matchExpressions: [] }] : [];
}

const kind = (group: string, version: string, plural: string): ResourceRef => ({
  group,
  version,
  plural,
  namespaced: true,
});

export interface SelectingInformers {
  readonly networkPolicies: Informer<SelectingObject>;
  readonly podDisruptionBudgets: Informer<SelectingObject>;
  /** Istio's and the Prometheus operator's: the cluster may not have the kinds. */
  readonly authorizationPolicies: OptionalInformer<SelectingObject>;
  readonly peerAuthentications: OptionalInformer<SelectingObject>;
  readonly podMonitors: OptionalInformer<SelectingObject>;
}

/** To be started and stopped by the caller. */
export function selectingInformers(deps: InformerDeps): SelectingInformers {
  const optional = (resource: ResourceRef) =>
    createOptionalInformer({ ...deps, resource, decode: decodeSelecting });
  return {
    networkPolicies: createInformer({
      ...deps,
      resource: kind("networking.k8s.io", "v1", "networkpolicies"),
      decode: decodeNetworkPolicy,
    }),
    podDisruptionBudgets: createInformer({
      ...deps,
      resource: kind("policy", "v1", "poddisruptionbudgets"),
      decode: decodeSelecting,
    }),
    authorizationPolicies: optional(kind("security.istio.io", "v1", "authorizationpolicies")),
    peerAuthentications: optional(kind("security.istio.io", "v1", "peerauthentications")),
    podMonitors: optional(kind("monitoring.coreos.com", "v1", "podmonitors")),
  };
}

/** Where Istio keeps what holds for every namespace, unless its mesh configuration names another place. */
export const istioRootNamespace = "istio-system";

type Source = Pick<Informer<unknown>, "onChange">;

/**
 * Changes of what these objects select; their status, which follows every pod, is left out. What changes in Istio's
 * root namespace is told as of no namespace, since it may concern all.
 */
export function selectingChanges(informers: SelectingInformers): readonly Source[] {
  const { networkPolicies, podDisruptionBudgets, podMonitors } = informers;
  const { authorizationPolicies, peerAuthentications } = informers;
  const local = [networkPolicies, podDisruptionBudgets, podMonitors].map(withoutStatus);
  const wide = [authorizationPolicies, peerAuthentications].map(withoutStatus).map(
    ({ onChange }): Source => ({
      onChange: (handler) =>
        onChange(({ namespace, ...change }) =>
          handler({
            ...change,
            namespace: namespace === istioRootNamespace ? undefined : namespace,
          }),
        ),
    }),
  );
  return [...local, ...wide];
}

function withoutStatus(informer: Informer<SelectingObject>): Source {
  return {
    onChange: (handler) =>
      informer.onChange((change) => {
        const { before, after } = change;
        const isSame =
          before !== undefined &&
          after !== undefined &&
          isDeepStrictEqual(before.view, after.view) &&
          isDeepStrictEqual(before.raw.metadata["annotations"], after.raw.metadata["annotations"]);
        if (!isSame) handler(change);
      }),
  };
}
