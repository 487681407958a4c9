import { describe, expect, it } from "vitest";
import {
  printRules,
  printStateDiagram,
  type RuleRow,
  replaceBetween,
} from "../../src/codegen/state-diagram.ts";

const rows: readonly RuleRow[] = [
  { name: "begin", from: ["New"], leadsTo: ["Initializing"], doc: "A new Canary." },
  { name: "rollBack", from: ["Progressing", "Promoting"], leadsTo: ["Failed"], doc: "Evidence." },
  { name: "abort", from: ["Progressing"], leadsTo: ["Failed"], doc: "A person says so." },
  {
    name: "finish",
    from: ["Promoting", "Failed"],
    leadsTo: [["Promoting", "Succeeded"]],
    doc: "Done.",
  },
  { name: "hold", from: ["Progressing"], leadsTo: ["Progressing"], doc: "Nothing else applies." },
];

describe("the state diagram", () => {
  it("has one arrow per pair of phases, with every rule that takes it", () => {
    expect(printStateDiagram(rows)).toBe(
      [
        "```mermaid",
        "stateDiagram-v2",
        "  [*] --> Initializing: begin",
        "  Progressing --> Failed: rollBack, abort",
        "  Promoting --> Failed: rollBack",
        "  Promoting --> Succeeded: finish",
        "```",
      ].join("\n"),
    );
  });

  it("tells what leads from nearly everywhere, and does not draw it", () => {
    const from = ["A", "B", "C", "D", "E", "F", "G"];
    const back = from.map((phase) => ["Away", phase] as const);
    const text = printStateDiagram([
      ...rows,
      { name: "leave", from, leadsTo: ["Away"], doc: "Leaves." },
      { name: "return", from: ["Away"], leadsTo: back, doc: "Returns." },
    ]);
    expect(text).not.toContain("--> Away");
    expect(text).toMatch(
      /```\n\nNot drawn: `leave`, from 7 phases to Away; `return`, from Away to 7 phases\.$/,
    );
  });

  it("has the rules in their order in a table", () => {
    const lines = printRules(rows).split("\n");
    expect(lines.at(-2)).toBe(
      "| 4 | `finish` | Done. | Promoting, Failed | Succeeded (from Promoting) |",
    );
    expect(lines.at(-1)).toBe("| 5 | `hold` | Nothing else applies. | Progressing | Progressing |");
  });

  it("goes between two markers and leaves the rest alone", () => {
    const text = "before\n<!-- states:begin -->\nold\n<!-- states:end -->\nafter\n";
    const once = replaceBetween(text, "states", "new");
    expect(once).toBe("before\n<!-- states:begin -->\nnew\n<!-- states:end -->\nafter\n");
    expect(replaceBetween(once, "states", "new")).toBe(once);
  });

  it("is refused where a marker is missing", () => {
    expect(() => replaceBetween("<!-- states:end -->", "states", "")).toThrow("states:begin");
  });
});
