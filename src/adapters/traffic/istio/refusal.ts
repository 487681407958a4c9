/** How the adapter says that a thing is not there or cannot be used: one of the catalogue's reasons, and the fix. */
import { stringify } from "yaml";
import type { RefusalReason } from "../../../api/conditions.ts";
import { type Known, type Missing, missing } from "../../../core/fact.ts";
import { MAX_LISTED_NAMES } from "./limits.ts";

/** What was looked for in objects at hand: there, or refused. */
export type Found<T> = Known<T> | Missing;

export function refuse(reason: RefusalReason, because: string): Missing {
  return missing(reason, because);
}

/** A sentence and the lines to put into the object. */
export function withYaml(sentence: string, lines: unknown): string {
  return `${sentence}\n${stringify(lines, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()}`;
}

export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED_NAMES).join(", ");
  return names.length > MAX_LISTED_NAMES ? `${shown}, …` : shown;
}
