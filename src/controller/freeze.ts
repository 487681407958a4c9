/** Finds out what spec the release under way is held to. Reads caches and memory only. */
import type { CanarySpec, TemplateReference } from "../api/canary-spec.ts";
import {
  type Freeze,
  type FrozenSpec,
  heldSpec,
  isHeldToSpec,
  type NextFreeze,
} from "../core/canary/freeze.ts";
import type { Identity } from "../core/canary/snapshot.ts";
import { type Fact, known, missing } from "../core/fact.ts";
import { isSameJson } from "../core/same-json.ts";
import type { CanaryObject, Cluster, FoundTemplate } from "../ports/cluster.ts";
import type { ControllerPorts } from "./deps.ts";
import type { CanaryMemory } from "./memory.ts";

type FreezePorts = Pick<ControllerPorts, "cluster" | "specRevisions">;

/** Finds the template that a metric names. */
export type FindTemplate = (reference: TemplateReference) => Fact<FoundTemplate>;

/** Fields of the spec that take effect at once, also during a release. */
const liveFields: readonly string[] = ["alerts", "suspend", "onDeletion"];

/** What the release in status is held to; remembered, so that it outlives the object that keeps it. */
export function observeFreeze(
  canary: CanaryObject,
  memory: CanaryMemory,
  ports: FreezePorts,
): Freeze {
  const { identity, status } = canary;
  const { release } = status;
  if (release === undefined || !isHeldToSpec(status)) {
    memory.held = undefined;
    return { kind: "None" };
  }
  const { specRevision } = release;
  if (specRevision === undefined) return due(canary, release.id, undefined, ports);
  const found = ports.specRevisions.find(identity, specRevision);
  if (found.kind === "Known") memory.held = { revision: specRevision, content: found.value };
  const held = memory.held?.revision === specRevision ? memory.held.content : undefined;
  if (held === undefined)
    return found.kind === "Unknown" ? found : { kind: "Lost", because: becauseOf(found) };
  if (held.releaseId !== release.id) return due(canary, release.id, held, ports);
  const isSaved = found.kind === "Known";
  return { kind: "Held", content: held, isSaved, isEdited: isEdited(canary.spec, held.spec) };
}

/** The spec that facts are gathered by: the one held to, with what takes effect at once as it is now. */
export function specInForce({ spec }: FrozenSpec, asked: Fact<CanarySpec>): CanarySpec {
  if (asked.kind !== "Known") return spec;
  const live = Object.entries(asked.value).filter(([field]) => liveFields.includes(field));
  return { ...spec, ...Object.fromEntries(live) };
}

/** Looks in the cache. */
export function templatesNow(cluster: Pick<Cluster, "template">, namespace: string): FindTemplate {
  return (reference) => cluster.template(namespace, reference);
}

/** Looks among those of the spec that the release is held to, else in the cache. */
export function templatesOf(
  freeze: Freeze,
  { namespace }: Pick<Identity, "namespace">,
  cluster: Pick<Cluster, "template">,
): FindTemplate {
  const held = heldSpec(freeze);
  return held === undefined
    ? templatesNow(cluster, namespace)
    : (reference) => templateIn(held, reference);
}

function templateIn({ templates }: FrozenSpec, { kind, name }: TemplateReference) {
  const found = templates.find((template) => template.kind === kind && template.name === name);
  return found === undefined
    ? missing("TemplateNotFound", `the spec of this release was kept without ${kind} ${name}`)
    : known(found);
}

function due(
  { identity, spec }: CanaryObject,
  releaseId: string,
  held: FrozenSpec | undefined,
  { cluster, specRevisions }: FreezePorts,
): Freeze {
  const resolved = resolve(spec, templatesNow(cluster, identity.namespace));
  if (resolved.kind !== "Known") return { kind: "Due", held, next: resolved };
  const content = { ...resolved.value, releaseId };
  const revision = specRevisions.nameOf(identity, content);
  const isSaved = specRevisions.find(identity, revision).kind === "Known";
  return { kind: "Due", held, next: known<NextFreeze>({ content, revision, isSaved }) };
}

function resolve(asked: Fact<CanarySpec>, find: FindTemplate): Fact<Omit<FrozenSpec, "releaseId">> {
  if (asked.kind !== "Known") return asked;
  const templates = new Map<string, FrozenSpec["templates"][number]>();
  for (const { templateRef } of asked.value.analysis.metrics) {
    const found = find(templateRef);
    // Without analysis nothing is decided on a metric: one that is not there holds nothing up.
    if (found.kind === "Missing" && asked.value.skipAnalysis) continue;
    if (found.kind !== "Known") return found;
    const { kind, name } = templateRef;
    templates.set(`${kind}/${name}`, { kind, name, ...found.value });
  }
  return known({ spec: asked.value, templates: [...templates.values()] });
}

function isEdited(asked: Fact<CanarySpec>, held: CanarySpec): boolean {
  return asked.kind !== "Known" || !isSameJson(frozenPart(asked.value), frozenPart(held));
}

function frozenPart(spec: CanarySpec): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !liveFields.includes(field)));
}

function becauseOf(found: Fact<unknown>): string {
  return found.kind === "Known" ? "" : found.because;
}
