/** What CI counts of the test runner's reports: nothing that failed, was skipped or never ran is called passed. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../.ci/count.cjs", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "serin-count-"));

type Status = "passed" | "failed" | "skipped";
type Files = Readonly<Record<string, readonly Status[]>>;

function report(name: string, files: Files): string {
  const path = join(folder, `${name}.json`);
  const testResults = Object.entries(files).map(([file, statuses]) => ({
    name: join(folder, file),
    status: statuses.every((status) => status === "passed") ? "passed" : "failed",
    assertionResults: statuses.map((status, place) => ({ status, fullName: `${file} ${place}` })),
  }));
  writeFileSync(path, JSON.stringify({ testResults }));
  return path;
}

function count(...args: readonly string[]) {
  const { status, stdout } = spawnSync(process.execPath, [script, ...args], {
    encoding: "utf8",
    cwd: folder,
  });
  return { code: status, lines: stdout.trimEnd().split("\n") };
}

describe("the count of CI", () => {
  const good = report("good", { "a.test.ts": ["passed", "passed"] });

  it("adds up the reports that passed", () => {
    const other = report("other", { "b.test.ts": ["passed"] });
    expect(count(good, other)).toEqual({ code: 0, lines: ["3 passed, 0 failed"] });
  });

  it.each(["failed", "skipped"] as const)("fails on a test that %s, and names it", (status) => {
    const bad = report("bad", { "b.test.ts": ["passed", status] });
    expect(count(good, bad)).toEqual({
      code: 1,
      lines: [`${status}: b.test.ts 1`, "3 passed, 1 failed"],
    });
  });

  it("fails on a report that is missing or has no test in it", () => {
    const empty = report("empty", {});
    expect(count(good, join(folder, "nowhere.json")).code).toBe(1);
    expect(count(good, empty)).toEqual({ code: 1, lines: ["2 passed, 1 failed"] });
  });

  it("counts a file that broke before its first test as one that failed", () => {
    const path = join(folder, "broken.json");
    const testResults = [{ name: "c.test.ts", status: "failed", assertionResults: [] }];
    writeFileSync(path, JSON.stringify({ testResults }));
    expect(count(good, path).lines.at(-1)).toBe("2 passed, 1 failed");
  });

  it("names the files to run again, and takes their second result for the first", () => {
    const first = report("first", { "a.test.ts": ["passed"], "b.test.ts": ["failed", "passed"] });
    expect(count("--failed", first).lines).toEqual(["b.test.ts"]);
    const whole = report("whole", { "whole-run/a.test.ts": ["failed"] });
    expect(count("--failed", whole).lines).toEqual([""]);
    const again = report("again", { "b.test.ts": ["passed", "passed"] });
    expect(count("--merge", first, again).code).toBe(0);
    expect(JSON.parse(readFileSync(again, "utf8"))).toMatchObject({ testResults: { length: 2 } });
    expect(count(again)).toEqual({ code: 0, lines: ["3 passed, 0 failed"] });
  });
});
