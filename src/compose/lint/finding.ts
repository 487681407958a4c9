/** What lint has to say, and of which place in which file. */
import type { Path } from "../../sandbox/api-server/json.ts";

/** Error: the API server or the controller would refuse it. Warning: it may not work. Note: what could not be checked. */
export type FindingSeverity = "Error" | "Warning" | "Note";

export interface Finding {
  readonly severity: FindingSeverity;
  /** As given on the command line; "-" is stdin. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `Canary shop/orders`; empty for a text that is no object. */
  readonly object: string;
  /** As Kubernetes writes it: `spec.stages[1].weight`; empty for the object as a whole. */
  readonly path: string;
  /** One word: a reason of the catalogue, or how the API server calls the cause. */
  readonly reason: string;
  /** What is wrong and what to write instead. */
  readonly message: string;
}

export interface LintResult {
  readonly findings: readonly Finding[];
  /** Objects of Serin's own kinds. */
  readonly checked: number;
  /** Objects of other kinds that Canaries depend on, and that were looked at for them. */
  readonly read: number;
  /** Objects that were passed by. */
  readonly skipped: number;
}

/** One object of a file, and where its fields are written. */
export interface Source {
  readonly file: string;
  /** Place of a field, or of the nearest thing around it that is there. */
  locate(path: Path): { readonly line: number; readonly column: number };
}

export interface Complaint {
  readonly severity: FindingSeverity;
  readonly object: string;
  readonly path: Path;
  readonly reason: string;
  readonly message: string;
}
