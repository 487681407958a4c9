import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { examples, printExample } from "../../src/codegen/examples.ts";
import { kinds } from "../../src/codegen/kinds.ts";
import { runSerin } from "../support/cli-run.ts";

const rows = Object.entries(examples);
const page = (name: string): string =>
  readFileSync(new URL(`../../docs/reference/${name}.md`, import.meta.url), "utf8");

describe("the examples of the reference", () => {
  // What a lint loads takes longer to load than it takes to run.
  beforeAll(() => runSerin(["lint", "-"], { stdin: "" }));

  it("are there for every kind", () => {
    expect(Object.keys(examples).toSorted()).toEqual(kinds.map(({ kind }) => kind).toSorted());
  });

  it.each(rows)(
    "of %s are what an API server and the controller accept",
    async (_, { manifest }) => {
      const { code, stdout, stderr } = await runSerin(["lint", "-"], { stdin: manifest });
      expect({ code, said: stdout + stderr }).toMatchObject({
        code: 0,
        said: expect.not.stringContaining("error"),
      });
    },
  );

  it("know every variable that a template may use, and no other", async () => {
    const [, said = ""] = page("analysis-template").split("| Stands for |");
    const named = [...said.matchAll(/^\| `\{\{ (?<name>[a-zA-Z.]+) \}\}` \|/gm)].map(
      ([, name]) => name,
    );
    const unknown = examples["ClusterAnalysisTemplate"]?.manifest.replaceAll("workload }}", "x }}");
    const { stdout, stderr } = await runSerin(["lint", "-"], { stdin: unknown ?? "" });
    const known = /known are (?<names>[^\n]+?)(?:, args\.path)/.exec(stdout + stderr);
    expect([...(known?.[1]?.split(", ") ?? []), "args.NAME"]).toEqual(named);
  });

  it("stand on their pages", () => {
    expect(page("canary")).toContain(printExample("Canary"));
  });
});

describe("what is refused", () => {
  it("names the rules of items too", () => {
    expect(page("canary")).toContain(
      "| `spec.stages[]` | give a stage exactly one of weight and mirror |",
    );
  });
});
