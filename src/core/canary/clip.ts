/** Cuts a text to what the API server takes, and shows that it was cut. */
import { maxMessageLength } from "../limits.ts";

/** At most `max` characters; a longer text ends with an ellipsis. */
export function clip(text: string, max = maxMessageLength): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
