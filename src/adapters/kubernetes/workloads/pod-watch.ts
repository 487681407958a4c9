/** Watches the pods of both versions of a Canary while that is wanted, and reads them as evidence. */
import { primarySuffix } from "../../../api/names.ts";
import type { Pod, Pods } from "../../../core/canary/snapshot.ts";
import { type Fact, known, unknown } from "../../../core/fact.ts";
import type { WorkloadScope } from "../../../ports/workloads.ts";
import { createInformer, type Informer } from "../informer.ts";
import type { InformerDeps } from "../informer-deps.ts";
import { keyOf } from "../raw-object.ts";
import { decodePod, type PodView } from "./decode.ts";
import { pods } from "./informers.ts";
import { podEvidence } from "./pod-evidence.ts";
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
  readonly informer: Informer<PodView>;
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
    const { onPodChange, ...common } = this.#deps;
    const { namespace, canary: name } = scope;
    const informer = createInformer({
      ...common,
      resource: pods,
      namespace,
      labelSelector,
      decode: decodePod,
    });
    informer.onChange(() => onPodChange({ namespace, name }));
    this.#watches.set(key, { labelSelector, selector: selection.selector, informer });
    informer.start();
    void this.#announce(scope, informer);
  }

  /** A list that is empty is told by no change. */
  async #announce(
    { namespace, canary: name }: WorkloadScope,
    informer: Informer<PodView>,
  ): Promise<void> {
    await informer.whenSynced();
    const isWatched = this.#watches.get(keyOf(namespace, name))?.informer === informer;
    if (isWatched) this.#deps.onPodChange({ namespace, name });
  }

  forget({ namespace, canary }: WorkloadScope): void {
    const key = keyOf(namespace, canary);
    // Not awaited: nothing of it is read any more.
    void this.#watches.get(key)?.informer.stop();
    this.#watches.delete(key);
  }

  observe({ namespace, canary }: WorkloadScope): Fact<Pods> {
    const watch = this.#watches.get(keyOf(namespace, canary));
    if (watch === undefined) return unknown("the pods are not watched");
    if (!watch.informer.hasSynced()) return unknown("the pods have not been read yet");
    const { label, value } = watch.selector;
    const all = watch.informer.list(namespace).map(({ view }) => view);
    const evidenceOf = (version: string): readonly Pod[] =>
      all.filter(({ metadata }) => metadata.labels[label] === version).map(podEvidence);
    return known({ canary: evidenceOf(value), primary: evidenceOf(`${value}${primarySuffix}`) });
  }

  async stop(): Promise<void> {
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    await Promise.all(watches.map(({ informer }) => informer.stop()));
  }
}

function toLabelSelector({ selector, matchLabels }: PodSelection): string {
  const { label, value } = selector;
  const others = Object.entries(matchLabels)
    .filter(([name]) => name !== label)
    .map(([name, wanted]) => `${name}=${wanted}`);
  return [...others, `${label} in (${value},${value}${primarySuffix})`].join(",");
}
