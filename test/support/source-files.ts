/** The repository's own text files, for tests that read source. It knows nothing of what they check. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

export interface SourceFile {
  /** Path from the root of the repository, with forward slashes. */
  readonly path: string;
  readonly lines: readonly string[];
}

const skipped: ReadonlySet<string> = new Set([
  "node_modules",
  ".git",
  ".cache",
  ".serin",
  "coverage",
  "dist",
]);

const textExtensions: ReadonlySet<string> = new Set([
  "",
  ".ts",
  ".json",
  ".jsonc",
  ".yaml",
  ".yml",
  ".md",
  ".sh",
  ".tpl",
  ".lua",
  ".promql",
  ".txt",
]);

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (skipped.has(entry.name)) continue;
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile() && textExtensions.has(extname(entry.name))) yield path;
  }
}

export function readSourceFiles(root: string): readonly SourceFile[] {
  return [...walk(root)].toSorted().map((path) => ({
    path: path.slice(root.length + 1).replaceAll("\\", "/"),
    lines: readFileSync(path, "utf8").split("\n"),
  }));
}
