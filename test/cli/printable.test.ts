/** Nothing that others wrote steers the terminal of who reads it. */
import { styleText } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toView } from "../../src/cli/canary-objects.ts";
import { forTerminal, printable, printableTree } from "../../src/cli/printable.ts";
import { runSerin } from "../support/cli-run.ts";
import { anyCharacters } from "../support/hostile.ts";

const steering = "\u001b]0;owned\u0007\u001b[2J\u001b[8mhidden\u009b31m\u202egnp.exe\r";

describe("text that others wrote", () => {
  it("keeps its words and lines, and loses what steers", () => {
    expect(printable("one\ttwo\nthree")).toBe("one\ttwo\nthree");
    expect(printable(steering)).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u);
    fc.assert(
      fc.property(anyCharacters, (text) => {
        expect(printable(text)).not.toMatch(/[^\P{Cc}\n\t]/u);
        expect(printable(printable(text))).toBe(printable(text));
      }),
    );
  });

  it("is so in every field of a Canary that is shown", () => {
    const raw = {
      metadata: { namespace: "shop", name: "orders", annotations: { "serin.dev/abort": steering } },
      status: { message: steering, release: { images: [steering] } },
    };
    const { raw: kept, ...shown } = toView(raw);
    expect(JSON.stringify(shown)).not.toMatch(/\\u001b|\u009b|\u202e|\\u0007/);
    expect(kept).toBe(raw);
    expect(printableTree({ [steering]: [steering, 1, null] })).toEqual({
      [printable(steering)]: [printable(steering), 1, null],
    });
  });
});

describe("what is written for a terminal", () => {
  it("keeps our own colours and pictures", () => {
    const own = ["green", "red", "cyan", "dim", "bold", "yellow"] as const;
    const text = own.map((colour) => styleText(colour, colour, { validateStream: false })).join("");
    const picture = "\u001b[12A\u001b[0J\u001b[2K\u001b[?25l\u001b[?25h";
    expect(forTerminal(text + picture)).toBe(text + picture);
  });

  it("has no other sequences, whatever is given to the command", async () => {
    const shown = forTerminal(`a${steering}b`);
    for (const one of ["\u001b]", "\u001b[8m", "\u001b[2J", "\u009b"])
      expect(shown).not.toContain(one);
    const { stdout, stderr } = await runSerin(["lint", "-"], {
      stdin: `kind: Canary\nmetadata: { name: "\\e]0;owned\\a" }\nspec: { "\\e[2J": 1 }\n`,
      columns: 100,
    });
    expect(stdout).toContain("Canary");
    for (const one of ["\u001b]", "\u001b[2J", "\u0007"])
      expect(stdout + stderr).not.toContain(one);
    const refused = await runSerin(["controller", "--qps", "\u001b[2J\n2"]);
    expect(refused.stderr).toBe("serin: --qps  [2J 2: give a number from 1 to 1000\n");
  });
});
