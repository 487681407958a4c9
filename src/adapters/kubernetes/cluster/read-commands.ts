/** Reads what people ask by annotation. Nothing here throws: what cannot be read is a value that says what to write instead. */
import { createHash } from "node:crypto";
import { CommandRequest, commandExample, maxCommandText } from "../../../api/commands.ts";
import { abortAnnotation, commandAnnotation } from "../../../api/names.ts";
import type { AskedCommand, Commands } from "../../../core/canary/snapshot.ts";

/** The commands among an object's annotations. */
export function readCommands(annotations: Readonly<Record<string, unknown>>): Commands {
  const abort = annotations[abortAnnotation];
  const command = annotations[commandAnnotation];
  return {
    abort: typeof abort === "string" ? abort : undefined,
    command: typeof command === "string" ? readCommand(command) : undefined,
  };
}

function readCommand(text: string): AskedCommand {
  if (text.length > maxCommandText)
    return unreadable(text, `it has ${text.length} characters, at most ${maxCommandText} are read`);
  const json = parseJson(text);
  if (json === undefined) return unreadable(text, "it is no JSON");
  const parsed = CommandRequest.safeParse(json);
  if (parsed.success) return { kind: "Readable", ...parsed.data };
  const issue = parsed.error.issues[0];
  const field = issue?.path.map(String).join(".") ?? "";
  return unreadable(text, `${field === "" ? "" : `${field}: `}${issue?.message ?? "is not valid"}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(text: string, problem: string): AskedCommand {
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  const because = `annotation ${commandAnnotation} cannot be read: ${problem}; write ${commandExample} with an action of ${CommandRequest.shape.action.options.join(", ")}`;
  return { kind: "Unreadable", id: `unreadable-${hash}`, because };
}
