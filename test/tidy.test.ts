/** The house rules that linters cannot carry. Every finding names a file and a line. */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { pendingMirrors } from "./support/pending-mirrors.ts";
import { readSourceFiles, type SourceFile } from "./support/source-files.ts";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");
const files = readSourceFiles(root);
const paths = new Set(files.map(({ path }) => path));

const under = (pattern: RegExp): readonly SourceFile[] =>
  files.filter(({ path }) => pattern.test(path));
const code = under(/^(src|test)\/.*\.ts$/);
/** Code but for the two files that must spell out what they refuse. */
const innocent = code.filter(({ path }) => !/^test\/(tidy|check)\.test\.ts$/.test(path));
const source = under(/^src\/.*\.ts$/);
const documented = under(/^src\/(api|ports|core)\/.*\.ts$/);

/** Where a line breaks a rule, as "path:line: text". */
function findLines(
  among: readonly SourceFile[],
  breaks: (line: string, index: number, file: SourceFile) => boolean,
): string[] {
  return among.flatMap((file) =>
    file.lines.flatMap((line, index) =>
      breaks(line, index, file) ? [`${file.path}:${index + 1}: ${line.trim()}`] : [],
    ),
  );
}

/** The words of a name in camel case, in lower case. */
const wordsOf = (name: string): string[] =>
  name.split(/(?<=[a-z0-9])(?=[A-Z])/).map((word) => word.toLowerCase());

/** Top-level interfaces and type aliases removed: what is left exists at run time. */
function withoutTypes(file: SourceFile): string {
  let inType = false;
  return file.lines
    .filter((line) => {
      if (/^(export )?(declare )?(interface|type) /.test(line)) inType = true;
      else if (/^[^\s})>]/.test(line)) inType = false;
      return !inType;
    })
    .join("\n");
}

const JsonSchema = z.looseObject({
  description: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

/** Paths of fields whose generated schema would have no description. */
function undescribedFields(name: string, schema: z.ZodType): string[] {
  const generated = z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    unrepresentable: "any",
    reused: "inline",
  });
  const found: string[] = [];
  const walk = (path: string, value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const properties = JsonSchema.safeParse(value).data?.properties ?? {};
    for (const [key, field] of Object.entries(properties)) {
      if (JsonSchema.safeParse(field).data?.description === undefined) found.push(`${path}.${key}`);
    }
    for (const [key, child] of Object.entries(value)) walk(`${path}.${key}`, child);
  };
  walk(name, generated);
  return found;
}

describe("names", () => {
  it("are in kebab case for files and folders", () => {
    const odd = code.filter(({ path }) => !/^[a-z0-9]+([-./][a-z0-9]+)*$/.test(path));
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it("say what a file does, not that it helps", () => {
    const vague = code.filter(({ path }) =>
      /(^|[/-])(utils?|helpers?|common|misc|manager)([/.-]|$)/.test(path),
    );
    expect(vague.map(({ path }) => path)).toEqual([]);
  });

  it("say what a thing does, not that it manages or serves", () => {
    const declared = /\b(class|interface|type|function) (\w*(Manager|Utils?|Helpers?|Common))\b/;
    expect(
      findLines(source, (line) => declared.test(line) || /\bclass \w*Service\b/.test(line)),
    ).toEqual([]);
  });

  it("use the glossary's word for each thing", () => {
    const glossary = files.find(({ path }) => path === "docs/glossary.md")?.lines ?? [];
    const refused = glossary.flatMap((line) =>
      [...(line.split("|")[3] ?? "").matchAll(/`(\w+)`/g)].map(([, word = ""]) =>
        word.toLowerCase(),
      ),
    );
    expect(refused.length).toBeGreaterThan(0);
    const own = under(/^src\/(api|ports|core|controller)\/.*\.ts$/);
    expect(
      findLines(own, (line) => {
        const name = /^export (?:const|function|class|interface|type) (\w+)/.exec(line)?.[1] ?? "";
        return wordsOf(name).some((word) => refused.includes(word));
      }),
    ).toEqual([]);
  });
});

describe("comments", () => {
  it("open every source file with what it decides", () => {
    const silent = under(/^(src|test\/support)\/.*\.ts$/).filter(({ lines }) => {
      const first = lines[0]?.startsWith("#!") === true ? lines[1] : lines[0];
      return !/^(\/\*\*|\/\/) ?\S?/.test(first ?? "");
    });
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it("document everything that api, ports and core export", () => {
    const declaration =
      /^export (?:async )?(?:const|function|class|abstract class|interface|type) (\w+)/;
    // Schemas and their types are documented by the descriptions of their fields, see below.
    const schema = /^export (const \w+ = z$|const \w+ = z\.|type \w+ = z\.(infer|input|output)<)/;
    const undocumented = findLines(documented, (line, index, { path, lines }) => {
      const name = declaration.exec(line)?.[1];
      if (name === undefined || schema.test(line)) return false;
      // The comment that opens the file speaks for what the file is named after.
      const isMain = path.endsWith(`/${wordsOf(name).join("-")}.ts`);
      return !isMain && !/\*\/$|^\/\/ /.test(lines[index - 1] ?? "");
    });
    expect(undocumented).toEqual([]);
  });

  it("describe every field of the API", async () => {
    const undescribed: string[] = [];
    for (const { path } of under(/^src\/api\/.*\.ts$/)) {
      const exported = Object.entries(
        z.record(z.string(), z.unknown()).parse(await import(/* @vite-ignore */ `../${path}`)),
      );
      for (const [name, value] of exported) {
        if (value instanceof z.ZodType) undescribed.push(...undescribedFields(name, value));
      }
    }
    expect(undescribed).toEqual([]);
  });

  it("give a reason for every suppressed check", () => {
    const suppression =
      /(oxlint-disable|eslint-disable|biome-ignore|v8 ignore|@ts-(expect-error|ignore|nocheck))/;
    const reasoned =
      /(oxlint-disable[\w-]* [\w/, -]+ -- \S|biome-ignore [\w/]+: \S|@ts-expect-error \S)/;
    expect(findLines(innocent, (line) => suppression.test(line) && !reasoned.test(line))).toEqual(
      [],
    );
  });

  it("leave no work behind", () => {
    const marker = new RegExp(
      `\\b(${["TO", "FIX"].map((word) => `${word}${word === "TO" ? "DO" : "ME"}`).join("|")})\\b`,
    );
    expect(findLines(files, (line) => marker.test(line))).toEqual([]);
  });
});

describe("tests", () => {
  it("exist for every file with behaviour in core and controller", () => {
    const behaves = (file: SourceFile): boolean =>
      /=>|^(export )?(async )?function|^(export )?class/m.test(withoutTypes(file));
    const missing = under(/^src\/(core|controller)\/.*\.ts$/)
      .filter(behaves)
      .map(({ path }) => path)
      .filter((path) => !paths.has(path.replace(/^src/, "test").replace(/\.ts$/, ".test.ts")));
    // Both directions: a new file needs its test, and an entry leaves the list with its test's arrival.
    expect(missing).toEqual([...pendingMirrors]);
  });

  it("are never focused, skipped, left out or run against mocked modules", () => {
    const banned = /\b(it|test|describe)(\.\w+)*\.(only|skip|todo)\b|\bvi\.(mock|doMock|hoisted)\b/;
    expect(findLines(innocent, (line) => banned.test(line))).toEqual([]);
  });
});

describe("the repository", () => {
  it("names no place on a developer's machine", () => {
    const place = /(^|[\s"'`(=:])(\/work|\/root|\/home\/\w+|\/Users\/\w+)\//;
    expect(findLines(files, (line) => place.test(line))).toEqual([]);
  });

  it("names no host that packages are downloaded from", () => {
    const host = /"resolved": "https?:|\bregistry\.\w+\.\w+/;
    expect(findLines(files, (line) => host.test(line))).toEqual([]);
  });

  it("records decisions in one form and at most 60 lines", () => {
    const heads = ["Status", "Context", "Decision", "Consequences", "Enforced by"];
    const odd = under(/^docs\/adr\/.*\.md$/).filter(
      ({ path, lines }) =>
        !/\/\d{4}-[a-z0-9-]+\.md$/.test(path) ||
        lines.length > 61 ||
        heads.some((head) => !lines.includes(`## ${head}`)),
    );
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it("has nothing at its top but what contributors expect there", () => {
    const expected =
      /^(src|crds|analysis-templates|deploy|test|docs|\.ci)\/|^(package(-lock)?\.json|tsconfig\.json|README\.md|SECURITY\.md|LICENSE|\.\w+|\.oxlintrc\.json|biome\.json|knip\.json|vitest\.config\.ts)$/;
    expect(files.map(({ path }) => path).filter((path) => !expected.test(path))).toEqual([]);
  });
});
