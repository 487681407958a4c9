/** The caches of Serin's own kinds. */

import type { AlertProviderSpec } from "../../../api/alert-provider.ts";
import type { AnalysisTemplateSpec } from "../../../api/analysis-template.ts";
import { apiGroup } from "../../../api/names.ts";
import type { Fact } from "../../../core/fact.ts";
import type { CanaryObject } from "../../../ports/cluster.ts";
import { createInformer, type Informer } from "../informer.ts";
import type { InformerDeps } from "../informer-deps.ts";
import type { ResourceRef } from "../paths.ts";
import type { RawObject } from "../raw-object.ts";
import { decodeAlertProvider, decodeCanary, decodeTemplate } from "./decode.ts";

export interface ClusterInformers {
  readonly canaries: Informer<CanaryObject>;
  readonly templates: Informer<Fact<AnalysisTemplateSpec>>;
  readonly clusterTemplates: Informer<Fact<AnalysisTemplateSpec>>;
  readonly alertProviders: Informer<Fact<AlertProviderSpec>>;
}

const ours = (plural: string, namespaced = true): ResourceRef => ({
  group: apiGroup,
  version: "v1alpha1",
  plural,
  namespaced,
});

export const canaryResource = ours("canaries");

/** Builds the caches; the caller starts and stops them. */
export function clusterInformers(options: InformerDeps): ClusterInformers {
  const { namespace, ...shared } = options;
  const cache = <T>(resource: ResourceRef, decode: (raw: RawObject) => T): Informer<T> =>
    createInformer({
      ...shared,
      resource,
      decode,
      ...(namespace !== undefined && resource.namespaced && { namespace }),
    });
  return {
    canaries: cache(canaryResource, decodeCanary),
    templates: cache(ours("analysistemplates"), decodeTemplate),
    clusterTemplates: cache(ours("clusteranalysistemplates", false), decodeTemplate),
    alertProviders: cache(ours("alertproviders"), decodeAlertProvider),
  };
}
