/** No pattern of ours takes long for a text that somebody else wrote: each is tried on long texts made to mislead it. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const literal =
  /(?<=[=(,:[!&|?;]\s*|\n\s*|=> |return )\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuy]*)(?=[),.;\]\s])/g;

interface Pattern {
  readonly path: string;
  readonly source: string;
  readonly flags: string;
}

/** The sandbox is for one's own machine: what it is asked comes from nobody else. */
const patterns: readonly Pattern[] = globSync("src/**/*.ts", { cwd: root })
  .filter((path) => !/^src\/(sandbox|codegen)\//.test(path))
  .flatMap((path) =>
    [...readFileSync(join(root, path), "utf8").matchAll(literal)].map(
      ([, source = "", flags = ""]) => ({
        path,
        source,
        flags,
      }),
    ),
  );

/** Far more than any field holds; a quadratic pattern takes a second for it. */
const LENGTH = 40_000;
const ALLOWED_MS = 300;

/** Characters that the pattern itself speaks of, and some that most classes hold. */
function lettersOf(source: string): readonly string[] {
  const own = source.replaceAll(/\\[wdsbpPu]|\{[^}]*\}|[()|?*+^$]/g, "").replaceAll("\\", "");
  const slash = source.includes("\\\\") ? ["\\"] : [];
  return [...new Set(["a", "0", " ", "-", "\n", ...slash, ...Array.from(own)])].slice(0, 14);
}

function textsFor({ source }: Pattern): readonly string[] {
  const letters = lettersOf(source);
  const pairs = letters.flatMap((one) => letters.slice(0, 6).map((other) => one + other));
  const words = [...source.matchAll(/[a-z]{3,}/gi)].map(([word]) => word);
  const units = [...new Set([...letters, ...pairs, ...words])];
  return units.flatMap((unit) => {
    const long = unit.repeat(LENGTH / unit.length);
    return [`${long}\u0001`, `${unit}${letters[0]}`.repeat(20) + long.slice(0, LENGTH / 2)];
  });
}

const context = createContext({ run: undefined });

/** Whether it ends in time, at least once of four times: a machine may be busy. */
function isQuick(pattern: RegExp, text: string): boolean {
  const run = () => text.replace(pattern, "");
  Object.assign(context, { run });
  for (let attempt = 0; attempt < 4; attempt += 1) {
    try {
      runInContext("run()", context, { timeout: ALLOWED_MS });
      return true;
    } catch {
      // It was stopped.
    }
  }
  return false;
}

describe("the patterns in the sources", () => {
  it("are found", () => {
    expect(patterns.length).toBeGreaterThan(80);
    for (const { source, flags } of patterns) expect(() => new RegExp(source, flags)).not.toThrow();
  });

  it("are proved slow by this test where they are", () => {
    for (const slow of ["<[^>]*>", "(a+)+$", "\\s+$", '"(?:\\\\.|[^"\\\\])*"$']) {
      const pattern = { path: "", source: slow, flags: "g" };
      const texts = textsFor(pattern);
      expect(texts.every((text) => isQuick(new RegExp(slow, "g"), text))).toBe(false);
    }
  }, 30_000);

  it("take no time to speak of for 40,000 characters made to mislead them", () => {
    const unique = new Map(
      patterns.map((one) => [`${one.path}: /${one.source}/${one.flags}`, one]),
    );
    const slow = [...unique].flatMap(([name, pattern]) => {
      const regex = new RegExp(pattern.source, pattern.flags);
      const text = textsFor(pattern).find((one) => !isQuick(regex, one));
      return text === undefined ? [] : [`${name} of ${JSON.stringify(text.slice(0, 12))}…`];
    });
    expect(slow).toEqual([]);
  }, 60_000);
});
