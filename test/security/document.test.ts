/** docs/security.md names for each defence a test, and each of these is there. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const document = readFileSync(join(root, "docs/security.md"), "utf8");
const named = [
  ...document.matchAll(/^- `(?<path>test\/[^`]+\.test\.ts)`: "(?<title>[^"\n]+)"$/gm),
].map(({ groups }) => ({
  path: groups?.["path"] ?? "",
  title: groups?.["title"] ?? "",
}));

/** Titles of tests and groups of tests, as they stand in a file. */
function titlesIn(path: string): readonly string[] {
  if (!existsSync(join(root, path))) return [];
  const text = readFileSync(join(root, path), "utf8");
  return [
    ...text.matchAll(
      /(?:\bit|\bdescribe)(?:\.each\((?:[^`]|`[^`]*`)*?\))?\(\s*(["'`])(?<title>(?:(?!\1)[^\\]|\\.)+)\1/g,
    ),
  ].map(({ groups }) => (groups?.["title"] ?? "").replaceAll('\\"', '"'));
}

describe("the threat model", () => {
  it("names tests that are there", () => {
    expect(named.length).toBeGreaterThan(40);
    expect(named.filter(({ path, title }) => !titlesIn(path).includes(title))).toEqual([]);
  });

  it("has no line that looks like a test's and is none", () => {
    const lines = document.split("\n").filter((line) => line.startsWith("- `test/"));
    expect(lines).toHaveLength(named.length);
  });

  it("has in every part that speaks of a defence a test and what remains", () => {
    const parts = document.split(/^## /m).slice(1);
    const defences = parts.filter(
      (part) => !part.startsWith("Reporting") && !part.startsWith("What is shipped"),
    );
    expect(defences.length).toBeGreaterThan(8);
    const bare = defences.filter(
      (part) => !part.includes("- `test/") || !part.includes("What remains"),
    );
    expect(bare.map((part) => part.split("\n")[0])).toEqual([]);
  });

  it("names every file of tests in this folder", () => {
    const files = globSync("test/security/**/*.test.ts", { cwd: root }).filter(
      (path) => !path.endsWith("document.test.ts"),
    );
    const missing = files.filter((path) => !named.some((one) => one.path === path));
    expect(missing).toEqual([]);
  });
});
