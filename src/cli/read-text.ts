/** Reads the texts that a command was given: files, folders as kubectl reads them, "-" for stdin. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Surroundings } from "./terminal.ts";

export interface NamedText {
  /** As given, or below the folder that was given. */
  readonly name: string;
  readonly text: string;
}

/** Of a folder the files that end in .yaml, .yml or .json, those in its folders only when asked for. */
export async function readTexts(
  names: readonly string[],
  isRecursive: boolean,
  surroundings: Pick<Surroundings, "cwd" | "stdin">,
): Promise<readonly NamedText[]> {
  const texts: NamedText[] = [];
  for (const name of names) {
    if (name === "-") texts.push({ name, text: await readAll(surroundings.stdin) });
    else texts.push(...(await readPath(name, isRecursive, surroundings.cwd)));
  }
  return texts;
}

async function readPath(
  name: string,
  isRecursive: boolean,
  cwd: string,
): Promise<readonly NamedText[]> {
  try {
    const path = resolve(cwd, name);
    if (!(await stat(path)).isDirectory()) return [{ name, text: await readFile(path, "utf8") }];
    const entries = await readdir(path, { recursive: isRecursive });
    const files = entries.filter((entry) => /\.(?:ya?ml|json)$/.test(entry)).toSorted();
    if (files.length === 0) throw wrong(name, nothingIn(isRecursive));
    return await Promise.all(
      files.map(async (file) => ({
        name: join(name, file),
        text: await readFile(join(path, file), "utf8"),
      })),
    );
  } catch (error) {
    throw error instanceof CommandError ? error : wrong(name, reasonOf(error));
  }
}

const nothingIn = (isRecursive: boolean): string =>
  isRecursive
    ? "there is no .yaml, .yml or .json file in it"
    : "there is no .yaml, .yml or .json file in it; add -R to look in its folders too";

function wrong(name: string, because: string): CommandError {
  return new CommandError(exitCodes.wrongUsage, `${name}: ${because}`);
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "cannot be read";
  if (code === "ENOENT") return "there is no such file or folder";
  return code === "EACCES" ? "it may not be read" : code;
}

async function readAll(stdin: Surroundings["stdin"]): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stdin)
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}
