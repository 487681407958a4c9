/** What the documents say can be followed: their links lead somewhere, and the commands in them exist. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { buildProgram } from "../src/cli/program.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const paths = ["README.md", ...globSync("docs/**/*.md", { cwd: root })].toSorted();
const documents = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

const output = { write: () => undefined };
const program = buildProgram(
  {
    argv: [],
    env: {},
    stdin: new Blob([]).stream(),
    stdout: output,
    stderr: output,
    cwd: "/",
    signal: new AbortController().signal,
  },
  () => undefined,
);

const withoutCode = (text: string): string => text.replaceAll(/`[^`\n]*`/g, "");

/** The anchor that a heading gets: lower case, words joined by hyphens, other signs left out. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

function anchorsOf(path: string): readonly string[] {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(/^#+ (?<heading>.+)$/gm)].map(({ groups }) =>
    anchorOf(groups?.["heading"] ?? ""),
  );
}

function leadsSomewhere(from: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? join(root, from) : join(root, dirname(from), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

describe("the documents", () => {
  it("have links that lead somewhere", () => {
    const links = documents.flatMap(({ path, text }) =>
      [...withoutCode(text).matchAll(/\]\((?<link>[^)\s]+)\)/g)].map(({ groups }) => ({
        path,
        link: groups?.["link"] ?? "",
      })),
    );
    const own = links.filter(({ link }) => !/^https?:/.test(link));
    expect(own.length).toBeGreaterThan(20);
    expect(own.filter(({ path, link }) => !leadsSomewhere(path, link))).toEqual([]);
  });

  it("name commands that exist", () => {
    const known = new Set(program.commands.map((command) => command.name()));
    const named = documents.flatMap(({ path, text }) =>
      [...text.matchAll(/(?:`|^)serin (?<name>[a-z]+)/gm)].map(({ groups }) => ({
        path,
        name: groups?.["name"] ?? "",
      })),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
  });
});
