/**
 * Watches the pods of both versions of a Canary while that is wanted, with the ReplicaSets that tell of which template
 * each is, and reads them as evidence.
 */
import { primarySuffix } from "../../../api/names.ts";
import type { Pod, Pods } from "../../../core/canary/snapshot.ts";
import { type Fact, known, unknown } from "../../../core/fact.ts";
import type { WorkloadScope } from "../../../ports/workloads.ts";
import { createInformer, type Informer } from "../informer.ts";
import type { InformerDeps } from "../informer-deps.ts";
import { keyOf, type RawObject } from "../raw-object.ts";
import { inBackground } from "../transport.ts";
import { decodeOwnedTemplate, decodePod, type PodView } from "./decode.ts";
import { pods, replicaSets } from "./informers.ts";
import { podEvidence } from "./pod-evidence.ts";
import { hashPrimaryTemplate } from "./primary-copy.ts";
import type { SelectorLabel } from "./selector-label.ts";

/** The pods to watch: of both versions, by every label of the target's selector. */
export interface PodSelection {
  readonly selector: SelectorLabel;
  readonly matchLabels: Readonly<Record<string, string>>;
}

export interface PodWatchDeps extends Omit<InformerDeps, "namespace"> {
  /** A pod of this Canary came, went or changed. */
  readonly onPodChange: (canary: { readonly namespace: string; readonly name: string }) => void;
}

interface Watch {
  readonly labelSelector: string;
  readonly selector: SelectorLabel;
  readonly pods: Informer<PodView>;
  readonly templates: Informer<TemplateOfPods>;
}

/** A ReplicaSet, as far as it says of which template its pods are. */
interface TemplateOfPods {
  readonly uid: string;
  readonly templateHash: string;
}

export class PodWatches {
  readonly #deps: PodWatchDeps;
  readonly #watches = new Map<string, Watch>();

  constructor(deps: PodWatchDeps) {
    this.#deps = deps;
  }

  /** Starts a watch, or another one when the selection has changed. */
  watch(scope: WorkloadScope, selection: PodSelection): void {
    const key = keyOf(scope.namespace, scope.canary);
    const labelSelector = toLabelSelector(selection);
    if (this.#watches.get(key)?.labelSelector === labelSelector) return;
    this.forget(scope);
    const { onPodChange, transport, ...common } = this.#deps;
    const { namespace, canary: name } = scope;
    const { selector } = selection;
    // Of a hundred releases that are taken over, four hundred requests: statuses are not written after them.
    const shared = { ...common, transport: inBackground(transport), namespace, labelSelector };
    const watch: Watch = {
      labelSelector,
      selector,
      pods: createInformer({ ...shared, resource: pods, decode: decodePod }),
      templates: createInformer({
        ...shared,
        resource: replicaSets,
        decode: (raw) => toTemplateOfPods(raw, selector),
      }),
    };
    this.#watches.set(key, watch);
    watch.pods.onChange(() => onPodChange({ namespace, name }));
    watch.templates.onChange(({ before }) => {
      // Its pods may have been seen before it; what else changes on it follows from theirs.
      if (before === undefined && watch.templates.hasSynced()) onPodChange({ namespace, name });
    });
    for (const informer of informersOf(watch)) informer.start();
    void this.#announce(scope, watch);
  }

  /** A list that is empty is told by no change. */
  async #announce({ namespace, canary: name }: WorkloadScope, watch: Watch): Promise<void> {
    await Promise.all(informersOf(watch).map((informer) => informer.whenSynced()));
    const isWatched = this.#watches.get(keyOf(namespace, name)) === watch;
    if (isWatched) this.#deps.onPodChange({ namespace, name });
  }

  forget({ namespace, canary }: WorkloadScope): void {
    const key = keyOf(namespace, canary);
    const watch = this.#watches.get(key);
    this.#watches.delete(key);
    // Not awaited: nothing of it is read any more.
    if (watch !== undefined) void stopWatch(watch);
  }

  observe({ namespace, canary }: WorkloadScope): Fact<Pods> {
    const watch = this.#watches.get(keyOf(namespace, canary));
    if (watch === undefined) return unknown("the pods are not watched");
    if (!informersOf(watch).every((informer) => informer.hasSynced()))
      return unknown("the pods have not been read yet");
    const { label, value } = watch.selector;
    const hashes = new Map(
      watch.templates.list(namespace).map(({ view }) => [view.uid, view.templateHash]),
    );
    const all = watch.pods.list(namespace).map(({ view }) => view);
    const hashOf = ({ metadata }: PodView): string | undefined =>
      metadata.ownerReferences.map(({ uid }) => hashes.get(uid)).find((hash) => hash !== undefined);
    const evidenceOf = (version: string): readonly Pod[] =>
      all
        .filter(({ metadata }) => metadata.labels[label] === version)
        .map((pod) => podEvidence(pod, hashOf(pod)));
    return known({ canary: evidenceOf(value), primary: evidenceOf(`${value}${primarySuffix}`) });
  }

  async stop(): Promise<void> {
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    await Promise.all(watches.map(stopWatch));
  }
}

const informersOf = ({ pods: ofPods, templates }: Watch) => [ofPods, templates] as const;

async function stopWatch(watch: Watch): Promise<void> {
  await Promise.all(informersOf(watch).map((informer) => informer.stop()));
}

/** Hashed when it comes or changes, not at every look. */
function toTemplateOfPods(raw: RawObject, selector: SelectorLabel): TemplateOfPods {
  const { metadata, spec } = decodeOwnedTemplate(raw);
  return { uid: metadata.uid, templateHash: hashPrimaryTemplate(spec.template, selector) };
}

function toLabelSelector({ selector, matchLabels }: PodSelection): string {
  const { label, value } = selector;
  const others = Object.entries(matchLabels)
    .filter(([name]) => name !== label)
    .map(([name, wanted]) => `${name}=${wanted}`);
  return [...others, `${label} in (${value},${value}${primarySuffix})`].join(",");
}
