/**
 * Who wrote the routes of a VirtualService last, by its managed fields. Lists are atomic there: whoever changed a weight
 * owns all of spec.http, until somebody else changes anything in it.
 */
import { z } from "zod";
import type { RouteWriter } from "../../../core/canary/snapshot.ts";
import { kindOfWriter } from "../../kubernetes/known-managers.ts";
import { isRecord, type RawObject } from "../../kubernetes/raw-object.ts";
import { oncePer } from "../../once-per.ts";
import { MAX_LISTED_NAMES } from "./limits.ts";

const ManagedFields = z.array(
  z.object({
    manager: z.string().default(""),
    time: z.string().default(""),
    subresource: z.string().optional(),
    fieldsV1: z.record(z.string(), z.unknown()).default({}),
  }),
);

/** The latest writer over all objects; Unknown where the server does not say. */
export function findWriter(objects: readonly RawObject[]): RouteWriter {
  const { manager } = objects.flatMap(writesOf).reduce(later, nobody);
  if (manager === "") return { kind: "Unknown", manager };
  const names = objects.map(({ metadata: { name } }) => name).slice(0, MAX_LISTED_NAMES);
  return { kind: kindOfWriter(manager), manager, advice: adviceFor(manager, names) };
}

interface Write {
  readonly manager: string;
  readonly at: number;
}

const nobody: Write = { manager: "", at: Number.NEGATIVE_INFINITY };
const later = (one: Write, other: Write): Write => (other.at >= one.at ? other : one);

const writesOf = oncePer(({ metadata }: RawObject): readonly Write[] => {
  const entries = ManagedFields.safeParse(metadata["managedFields"] ?? []).data ?? [];
  return entries.flatMap(({ manager, time, subresource, fieldsV1 }) => {
    const at = Date.parse(time);
    const isOther = subresource !== undefined || !ownsRoutes(fieldsV1) || Number.isNaN(at);
    return isOther ? [] : [{ manager, at }];
  });
});

/** What each tool needs so that it leaves the weights alone; see docs/gitops.md. */
function adviceFor(manager: string, names: readonly string[]): string {
  if (manager.startsWith("argocd"))
    return `in the Argo CD Application, spec.ignoreDifferences: [{group: networking.istio.io, kind: VirtualService, jqPathExpressions: ['.spec.http[].route[].weight']}] and syncOptions: [ApplyOutOfSyncOnly=true]`;
  if (manager === "kustomize-controller" || manager === "flux")
    return `in the Flux Kustomization, spec.ignore: [{paths: ["/spec/http"], target: {kind: VirtualService, name: ${names.join("|")}}}]`;
  if (manager === "helm-controller")
    return `in the HelmRelease, spec.driftDetection.ignore: [{paths: ["/spec/http"], target: {kind: VirtualService}}]`;
  return `${manager} must leave the weights of VirtualService ${names.join(", ")} alone`;
}

/** An entry that names no fields at all may own any. */
function ownsRoutes(fields: Readonly<Record<string, unknown>>): boolean {
  const spec = fields["f:spec"];
  return isRecord(spec) ? "f:http" in spec : Object.keys(fields).length === 0;
}
