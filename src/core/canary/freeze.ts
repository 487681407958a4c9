/**
 * The spec that a release is held to from its start to its end, whatever becomes of the object's, and what is known of
 * it. Where and how it is kept is not known here.
 */
import type { AnalysisTemplateSpec } from "../../api/analysis-template.ts";
import type { CanarySpec, TemplateReference } from "../../api/canary-spec.ts";
import type { CanaryStatus } from "../../api/canary-status.ts";
import type { Fact, Unknown } from "../fact.ts";
import { type Guard, met, unmet } from "./guard.ts";
import { isReleaseRunning } from "./phases.ts";

/** A template as it was when a release began. */
export interface FrozenTemplate {
  readonly kind: TemplateReference["kind"];
  readonly name: string;
  readonly spec: AnalysisTemplateSpec;
  /** Where its Secrets are; told by its kind, never by what was kept. */
  readonly secretNamespace: string;
}

/** Everything that a release is judged and routed by. */
export interface FrozenSpec {
  /** Whose it is: status.release.id. */
  readonly releaseId: string;
  readonly spec: CanarySpec;
  /** Of every metric of the spec, each once. */
  readonly templates: readonly FrozenTemplate[];
}

/** The spec and its templates as they are now, to be kept for a release under a name that says their content. */
export interface NextFreeze {
  readonly content: FrozenSpec;
  readonly revision: string;
  /** True once it is kept: only then may a status name it. */
  readonly isSaved: boolean;
}

/** What is known of the spec that the release is held to. */
export type Freeze =
  /** No release is under way: the spec counts as it is now. */
  | { readonly kind: "None" }
  /**
   * The release has none of its own yet. `held`: that of the release before, by which the routes are still found until
   * its traffic is off. `next` is Missing while a template is.
   */
  | {
      readonly kind: "Due";
      readonly held: FrozenSpec | undefined;
      readonly next: Fact<NextFreeze>;
    }
  /** `isSaved` is false when somebody deleted it and it is only remembered. */
  | {
      readonly kind: "Held";
      readonly content: FrozenSpec;
      readonly isSaved: boolean;
      /** True when the object's spec says something else now that waits for the next release. */
      readonly isEdited: boolean;
    }
  /** Somebody deleted it, and nobody remembers it: the spec counts as it is now, and proves nothing of before. */
  | { readonly kind: "Lost"; readonly because: string }
  | Unknown;

/** True while the spec of a release's start counts: until its traffic was seen to be off, or is known not to be. */
export function isHeldToSpec(status: CanaryStatus): boolean {
  const { release, drain } = status;
  if (release === undefined) return false;
  if (isReleaseRunning(status) || isCutShort(status)) return true;
  if (drain === undefined || drain.confirmedAt !== undefined) return false;
  // Its routes are gone: people may name others.
  if (release.rollback?.reason === "RouteMissing") return false;
  return drain.unconfirmed !== true || drain.routedAt === undefined;
}

/** Deleted in the middle of a release: the routes that it was given are those that lead to both versions until the end. */
function isCutShort({ phase, deletion, release, history = [] }: CanaryStatus): boolean {
  if (phase !== "Terminating" || deletion === undefined || deletion.step === "Orphaned")
    return false;
  return !history.some(({ id }) => id === release?.id);
}

/** The spec that the release is judged by is kept; while it is not, nothing may be raised. */
export function isFrozen(freeze: Freeze): Guard {
  switch (freeze.kind) {
    case "None":
    case "Held":
      return met("");
    case "Due":
      return unmet("the spec is being kept for this release");
    case "Lost":
    case "Unknown":
      return unmet(freeze.because);
  }
}

/** The spec that facts are gathered by in place of the object's; undefined where that counts. */
export function heldSpec(freeze: Freeze): FrozenSpec | undefined {
  switch (freeze.kind) {
    case "Held":
      return freeze.content;
    case "Due":
      return freeze.held;
    case "None":
    case "Lost":
    case "Unknown":
      return undefined;
  }
}
