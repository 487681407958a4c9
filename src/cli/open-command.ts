/** What was asked of a Canary by annotation and is not answered yet, in words. */
import { CommandRequest } from "../api/commands.ts";
import { abortAnnotation, commandAnnotation } from "../api/names.ts";
import type { CanaryView } from "./canary-objects.ts";

/** Undefined when everything is answered. The controller takes an abort away when it has answered it. */
export function openCommandOf({ annotations, status }: CanaryView): string | undefined {
  const abort = annotations[abortAnnotation];
  if (abort !== undefined) return `abort: ${abort}`;
  const text = annotations[commandAnnotation];
  if (text === undefined) return undefined;
  const request = CommandRequest.safeParse(parseJson(text));
  if (!request.success) return undefined;
  const { id, action, by } = request.data;
  return status.commandIds?.includes(id) === true ? undefined : `${action} by ${by}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
