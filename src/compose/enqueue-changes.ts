/** Turns what caches see into keys for the control loop: which Canary may care about which object. */

import { byClaim } from "../adapters/kubernetes/cluster/informers.ts";
import type { Informer } from "../adapters/kubernetes/informer.ts";
import type { Change } from "../adapters/kubernetes/informer-cache.ts";
import { keyOf } from "../adapters/kubernetes/raw-object.ts";
import type { SpecRevisionView } from "../adapters/kubernetes/spec-revisions/decode.ts";
import type { CanarySpec } from "../api/canary-spec.ts";
import { canarySuffix, primarySuffix } from "../api/names.ts";
import { toKey } from "../controller/key.ts";
import { rivalsOf } from "../controller/rivals.ts";
import type { Priority } from "../controller/work-queue.ts";
import type { CanaryObject } from "../ports/cluster.ts";

/** Who looks again, while it leads. */
type Leader = Readonly<{ isLeading: boolean; enqueue(key: string, priority?: Priority): void }>;

/** A cache that tells of changes. */
type Source = Pick<Informer<unknown>, "onChange">;

/** Caches whose objects are found from a Canary by namespace and name. */
export interface WatchedCaches {
  readonly cluster: {
    readonly canaries: Pick<Informer<CanaryObject>, "onChange" | "byIndex"> & {
      list(namespace?: string): readonly { readonly view: CanaryObject }[];
    };
    readonly templates: Source;
    readonly clusterTemplates: Source;
  };
  /** Specs that releases are held to: they may name other objects than the Canary does by now. */
  readonly specRevisions: Pick<Informer<SpecRevisionView>, "onChange" | "get">;
  /** Objects in the Canary's namespace whose name, or one derived from it, the spec gives. */
  readonly named: readonly Source[];
  /** The same, but whoever has routes generated looks at those of other names too: they may be for the same Service. */
  readonly routes: readonly Source[];
  /** Objects that may concern any Canary of the namespace. */
  readonly nearby: readonly Source[];
}

/** From now on every change enqueues the Canaries that it may concern. */
export function enqueueChanges(
  { cluster, specRevisions, named, routes, nearby }: WatchedCaches,
  controller: Leader,
): void {
  const namesOf = remember(names);
  const enqueueWhere = (
    namespace: string | undefined,
    concerns: (spec: CanarySpec) => boolean,
  ): void => {
    // The first lists come before the lead, and each of their objects would be held against every Canary.
    if (!controller.isLeading) return;
    for (const { view } of cluster.canaries.list(namespace)) {
      const held = heldBy(view, specRevisions);
      if (
        view.spec.kind !== "Known" ||
        concerns(view.spec.value) ||
        (held !== undefined && concerns(held))
      )
        controller.enqueue(toKey(view.identity));
    }
  };
  const claimants = (namespace: string, claim: string) =>
    cluster.canaries.byIndex(byClaim, keyOf(namespace, claim)).map(({ view }) => view);
  cluster.canaries.onChange((change) => {
    controller.enqueue(
      toKey({ namespace: change.namespace ?? "", name: change.name }),
      isNewAbort(change) ? "Urgent" : "Normal",
    );
    // What one Canary lets go of, or takes, another may have been waiting for.
    for (const one of [change.before, change.after])
      if (one !== undefined)
        for (const rival of rivalsOf(one.view, { claimants })) controller.enqueue(rival);
  });
  specRevisions.onChange(({ namespace = "", before, after }) => {
    const canary = (after ?? before)?.view.canary;
    if (canary !== undefined) controller.enqueue(toKey({ namespace, name: canary }));
  });
  for (const informer of named)
    informer.onChange((change) =>
      enqueueWhere(change.namespace, (spec) => namesOf(spec).has(change.name)),
    );
  for (const informer of routes)
    informer.onChange((change) =>
      enqueueWhere(
        change.namespace,
        (spec) => namesOf(spec).has(change.name) || spec.routing.istio?.generate !== undefined,
      ),
    );
  for (const informer of nearby)
    informer.onChange((change) => enqueueWhere(change.namespace, () => true));
  const usesTemplate = (kind: string, change: Change<unknown>) =>
    enqueueWhere(change.namespace, (spec) =>
      spec.analysis.metrics.some(
        ({ templateRef }) => templateRef.kind === kind && templateRef.name === change.name,
      ),
    );
  cluster.templates.onChange((change) => usesTemplate("AnalysisTemplate", change));
  cluster.clusterTemplates.onChange((change) => usesTemplate("ClusterAnalysisTemplate", change));
}

/** Somebody wants a version off: no other key's work stands before that. */
function isNewAbort({ before, after }: Change<CanaryObject>): boolean {
  const abort = after?.view.commands.abort;
  return abort !== undefined && abort !== before?.view.commands.abort;
}

/** The spec that the Canary's release is held to, where there is one. */
function heldBy(
  { identity, status }: CanaryObject,
  specRevisions: WatchedCaches["specRevisions"],
): CanarySpec | undefined {
  const name = status.release?.specRevision;
  return name === undefined
    ? undefined
    : specRevisions.get(identity.namespace, name)?.view.data?.spec;
}

/** Names of the workloads, Services and routing objects that a spec speaks of. */
function names(spec: CanarySpec): ReadonlySet<string> {
  const target = spec.targetRef.name;
  const service = spec.service?.name ?? target;
  const istio = spec.routing.istio;
  return new Set([
    target,
    `${target}${primarySuffix}`,
    service,
    `${service}${primarySuffix}`,
    `${service}${canarySuffix}`,
    ...(istio?.virtualServices ?? []).map((reference) => reference.name),
  ]);
}

/** The same answer again for the same object: specs are never changed, only replaced. */
function remember<K extends object, V>(derive: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const value = known.get(key) ?? derive(key);
    known.set(key, value);
    return value;
  };
}
