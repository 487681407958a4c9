import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RetreatReason, WaitingReason } from "../../src/api/canary-status.ts";
import { failureReasons, refusalReasons, stallReasons } from "../../src/api/conditions.ts";
import { printRemedies } from "../../src/codegen/remedies.ts";

const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");

const sections: readonly (readonly [title: string, reasons: readonly string[]])[] = [
  ["Not accepted", Object.keys(refusalReasons)],
  ["Stalled", Object.keys(stallReasons)],
  ["Waiting", WaitingReason.options],
  ["Retreated", RetreatReason.options],
  ["Failed", Object.keys(failureReasons)],
];

/** Reason, meaning and remedy of each row below that title. */
function rowsOf(text: string, title: string): readonly (readonly string[])[] {
  const [, section = ""] = text.split(`### ${title}\n`);
  const [own = ""] = section.split("\n##");
  return own
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.slice(2, -2).split(" | "));
}

describe("what to do", () => {
  it.each(sections)(
    "is said for every reason under %s, in the page for people on call",
    (title, reasons) => {
      const rows = rowsOf(page, title);
      expect(rows.map(([reason]) => reason)).toEqual(reasons.map((reason) => `\`${reason}\``));
      const isWhole = ([, meaning = "", remedy = ""]: readonly string[]): boolean =>
        meaning.endsWith(".") && /[.*)]$/.test(remedy);
      expect(rows.filter((row) => row.length !== 3 || !isWhole(row))).toEqual([]);
    },
  );

  it("is on the page as it is written beside the reasons", () => {
    expect(page).toContain(printRemedies());
  });
});
