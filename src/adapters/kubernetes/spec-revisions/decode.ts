/** Reads kept specs off ControllerRevisions. One whose content is not what its name says counts as none. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { AnalysisTemplateSpec } from "../../../api/analysis-template.ts";
import { CanarySpec, TemplateReference } from "../../../api/canary-spec.ts";
import { canaryLabel } from "../../../api/names.ts";
import type { RawObject } from "../raw-object.ts";
import { canonicalJson } from "../workloads/template-hash.ts";
import { MAX_NAME_CHARS, SPEC_HASH_DIGITS } from "./limits.ts";

const SpecData = z.object({
  canary: z.object({ name: z.string(), uid: z.string() }),
  release: z.string(),
  spec: CanarySpec,
  templates: z.array(TemplateReference.extend({ spec: AnalysisTemplateSpec })),
});
/** As it is written. */
export type SpecData = z.infer<typeof SpecData>;

export interface SpecRevisionView {
  readonly name: string;
  readonly namespace: string;
  /** By its label. */
  readonly canary: string;
  /** Later ones have larger numbers. */
  readonly revision: number;
  /** Undefined for content that cannot be read, or is not what the name says. */
  readonly data: SpecData | undefined;
}

/** `<canary>-spec-<hash of the content>`; a long name of a Canary is cut, the hash knows it whole. */
export function specRevisionName(canary: string, data: unknown): string {
  const hash = createHash("sha256").update(canonicalJson(data)).digest("hex");
  const suffix = `-spec-${hash.slice(0, SPEC_HASH_DIGITS)}`;
  return `${canary.slice(0, MAX_NAME_CHARS - suffix.length)}${suffix}`;
}

export function decodeSpecRevision(raw: RawObject): SpecRevisionView {
  const { name, namespace = "", labels } = raw.metadata;
  const canary = z.record(z.string(), z.string()).safeParse(labels).data?.[canaryLabel] ?? "";
  const revision = z.number().safeParse(raw["revision"]).data ?? 0;
  // Hashed as it came: what a later version of Serin reads into it does not change its name.
  const parsed = SpecData.safeParse(raw["data"]);
  const isNamed = parsed.success && name === specRevisionName(parsed.data.canary.name, raw["data"]);
  return { name, namespace, canary, revision, data: isNamed ? parsed.data : undefined };
}
