/** The cache of kept specs: of all ControllerRevisions only those that say that they are one. */
import { revisionOfLabel } from "../../../api/names.ts";
import { createInformer, type Informer } from "../informer.ts";
import type { InformerDeps } from "../informer-deps.ts";
import { isRecord, keyOf } from "../raw-object.ts";
import { controllerRevisions } from "../workloads/informers.ts";
import { decodeSpecRevision, type SpecRevisionView } from "./decode.ts";

/** Value of the label on every kept spec. */
export const specKind = "spec";
/** Index of kept specs by `namespace/name` of their Canary. */
export const byCanary = "byCanary";

export interface SpecRevisionInformers {
  readonly specRevisions: Informer<SpecRevisionView>;
}

/** To be started and stopped by the caller. */
export function specRevisionInformers(deps: InformerDeps): SpecRevisionInformers {
  return {
    specRevisions: createInformer({
      ...deps,
      resource: controllerRevisions,
      labelSelector: `${revisionOfLabel}=${specKind}`,
      isSelected: ({ metadata: { labels } }) =>
        isRecord(labels) && labels[revisionOfLabel] === specKind,
      decode: decodeSpecRevision,
      indexes: { [byCanary]: ({ namespace, canary }) => [keyOf(namespace, canary)] },
    }),
  };
}
