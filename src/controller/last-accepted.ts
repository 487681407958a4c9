/**
 * The spec that was last accepted, with its templates, kept while something is measured: one made unusable in the
 * middle of a release raises nothing, and takes neither measurements nor routes from a rollback.
 */
import type { CanarySpec, TemplateReference } from "../api/canary-spec.ts";
import type { Snapshot } from "../core/canary/snapshot.ts";
import { type Fact, known } from "../core/fact.ts";
import type { Cluster, FoundTemplate } from "../ports/cluster.ts";

export interface AcceptedSpec {
  readonly spec: CanarySpec;
  /** By kind and name. */
  readonly templates: ReadonlyMap<string, FoundTemplate>;
}

/** Finds the template that a metric names. */
export type FindTemplate = (reference: TemplateReference) => Fact<FoundTemplate>;

/** Looks in the cache. */
export function templatesNow(cluster: Pick<Cluster, "template">, namespace: string): FindTemplate {
  return (reference) => cluster.template(namespace, reference);
}

/** Looks among those kept, which are all that the spec kept names. */
export function templatesKept({ templates }: AcceptedSpec, now: FindTemplate): FindTemplate {
  return (reference) => {
    const kept = templates.get(nameOf(reference));
    return kept === undefined ? now(reference) : known(kept);
  };
}

/** Those that a snapshot was made with. */
export function templatesOf(
  snapshot: Snapshot,
  accepted: AcceptedSpec | undefined,
  cluster: Pick<Cluster, "template">,
): FindTemplate {
  const now = templatesNow(cluster, snapshot.identity.namespace);
  return snapshot.refusal === undefined || accepted === undefined
    ? now
    : templatesKept(accepted, now);
}

/** What to keep of a spec that is accepted. */
export function keepAccepted(spec: CanarySpec, find: FindTemplate): AcceptedSpec {
  const templates = new Map<string, FoundTemplate>();
  for (const { templateRef } of spec.analysis.metrics) {
    const found = find(templateRef);
    if (found.kind === "Known") templates.set(nameOf(templateRef), found.value);
  }
  return { spec, templates };
}

function nameOf({ kind, name }: TemplateReference): string {
  return `${kind}/${name}`;
}
