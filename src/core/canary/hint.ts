/** The command that a message tells people to type. */
import type { Situation } from "./situation.ts";

/** "serin promote web -n shop". */
export function hint({ snapshot: { identity } }: Situation, command: string): string {
  return `serin ${command} ${identity.name} -n ${identity.namespace}`;
}
