/** What the documents say can be followed: their links lead somewhere, and the commands in them exist. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { CommandRequest } from "../src/api/commands.ts";
import { canarySeries, controllerSeries } from "../src/api/metric-series.ts";
import { silentProgram as program } from "./support/silent-program.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const paths = ["README.md", ...globSync("docs/**/*.md", { cwd: root })].toSorted();
const documents = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

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

describe("the series that the documents name", () => {
  const series = Object.keys({ ...canarySeries, ...controllerSeries });

  it("are those that the controller has", () => {
    const named = documents.flatMap(({ text }) =>
      [...text.matchAll(/\bserin_\w+/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, "")),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !series.includes(name))).toEqual([]);
  });
});

describe("the commands by annotation in the documents", () => {
  const commands = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/serin\.dev\/command='(?<json>\{[^']+\})'/g)].map(({ groups }) => ({
      path,
      json: groups?.["json"] ?? "",
    })),
  );

  it.each(commands)("can be read, in $path", ({ json }) => {
    expect(CommandRequest.safeParse(JSON.parse(json)).error).toBeUndefined();
  });

  it("are there for people without serin", () => {
    expect(commands.map(({ path }) => path)).toContain("docs/operations.md");
  });
});

describe("the decision records", () => {
  const records = documents.filter(({ path }) => path.startsWith("docs/adr/"));

  it("have a number each, without gaps, and their headings have it too", () => {
    const numbers = records.map(({ path }) => Number(/\/(?<number>\d{4})-/.exec(path)?.[1]));
    expect(numbers).toEqual(records.map((_, index) => index + 1));
    const headings = records.map(({ text }) => Number(/^# (?<number>\d+)\. /.exec(text)?.[1]));
    expect(headings).toEqual(numbers);
  });

  it("say what enforces them, by files that are there, in 60 lines at most", () => {
    const files = new Set(globSync("test/**/*.ts", { cwd: root }).map((path) => path));
    const gone = records.flatMap(({ path, text }) => {
      const [, enforced = ""] = text.split("## Enforced by");
      const named = [...enforced.matchAll(/`(?<path>test\/[^`]+\.ts)`/g)].map(([, name]) => name);
      return named
        .filter((name) => name !== undefined && !files.has(name))
        .map((name) => [path, name]);
    });
    expect(gone).toEqual([]);
    const unfit = records.filter(
      ({ text }) => !text.includes("## Enforced by") || text.split("\n").length > 61,
    );
    expect(unfit.map(({ path }) => path)).toEqual([]);
  });
});
