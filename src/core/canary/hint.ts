/** The command that a message tells people to type. */
import type { Situation } from "./situation.ts";

/** "serin promote web -n shop", or with which command to give up; fit to be pasted into a shell. */
export function hintOrAbort(s: Situation, command: string): string {
  return `${hint(s, command)}, or take the release off with: ${abortHint(s)}`;
}

/** "serin abort web -n shop --reason "<why>"". */
export function abortHint(s: Situation): string {
  return `${hint(s, "abort")} --reason "<why>"`;
}

/** "serin promote web -n shop". */
export function hint({ snapshot: { identity } }: Situation, command: string): string {
  return `serin ${command} ${identity.name} -n ${identity.namespace}`;
}
