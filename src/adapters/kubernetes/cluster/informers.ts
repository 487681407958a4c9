/** The caches of Serin's own kinds. */

import type { AlertProviderSpec } from "../../../api/alert-provider.ts";
import type { AnalysisTemplateSpec } from "../../../api/analysis-template.ts";
import { apiGroup } from "../../../api/names.ts";
import { standingClaims } from "../../../core/canary/claims.ts";
import type { Fact } from "../../../core/fact.ts";
import type { CanaryObject } from "../../../ports/cluster.ts";
import { createInformer, type Informer } from "../informer.ts";
import type { Indexes } from "../informer-cache.ts";
import type { InformerDeps } from "../informer-deps.ts";
import type { ResourceRef } from "../paths.ts";
import { keyOf, metadataAlone, type RawObject } from "../raw-object.ts";
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

/** Index of Canaries by namespace and key of what they lay claim to. */
export const byClaim = "byClaim";

export const canaryResource = ours("canaries");

/** Builds the caches; the caller starts and stops them. */
export function clusterInformers(options: InformerDeps): ClusterInformers {
  const { namespace, ...shared } = options;
  const cache = <T>(
    resource: ResourceRef,
    decode: (raw: RawObject) => T,
    indexes: Indexes<T> = {},
  ): Informer<T> =>
    createInformer({
      ...shared,
      resource,
      decode,
      keep: metadataAlone,
      indexes,
      ...(namespace !== undefined && resource.namespaced && { namespace }),
    });
  return {
    canaries: cache(canaryResource, decodeCanary, { [byClaim]: claimsIn }),
    templates: cache(ours("analysistemplates"), decodeTemplate),
    clusterTemplates: cache(ours("clusteranalysistemplates", false), decodeTemplate),
    alertProviders: cache(ours("alertproviders"), decodeAlertProvider),
  };
}

function claimsIn({ identity, spec, status }: CanaryObject): readonly string[] {
  const { namespace } = identity;
  const keys = standingClaims(namespace, spec, status).map(({ key }) => keyOf(namespace, key));
  return [...new Set(keys)];
}
