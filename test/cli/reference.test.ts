/** docs/cli.md names every command, every flag and every exit code that there is. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { describeExitCodes, exitCodes } from "../../src/cli/exit-codes.ts";
import { silentProgram as program } from "../support/silent-program.ts";

const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");

/** Those with a page of help of their own and an environment beside it. */
const elsewhere = ["controller", "sandbox", "demo"];
const described = program.commands.filter((command) => !elsewhere.includes(command.name()));
const flagsOf = (command: Command): readonly string[] =>
  command.options.flatMap(({ short, long }) => [short ?? [], long ?? []].flat());

describe("the page on the command line", () => {
  it.each(program.commands.map((command) => [command.name()]))("names serin %s", (name) => {
    expect(page).toMatch(new RegExp(`\`(serin )?${name}\\b`));
  });

  it.each(described.flatMap((command) => flagsOf(command).map((flag) => [command.name(), flag])))(
    "names serin %s %s",
    (_, flag) => {
      expect(page).toMatch(new RegExp(`(\`|\\s)${flag}\\b`));
    },
  );

  it("names every exit code with the words of --help", () => {
    const rows = [...page.matchAll(/^\| (?<code>\d+) \| (?<meaning>.+) \|$/gm)].map(
      ({ groups }) => groups,
    );
    for (const code of Object.values(exitCodes)) {
      const meaning = rows.find((row) => row?.["code"] === String(code))?.["meaning"];
      expect(describeExitCodes()).toContain(`  ${String(code).padEnd(4)} ${meaning}`);
    }
  });
});
