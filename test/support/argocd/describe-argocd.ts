/** What the scripts for Argo CD say and do, the same in every interpreter that runs them. */
import { describe, expect, it } from "vitest";
import { Canary } from "../../../src/api/canary.ts";
import { type CanaryStatus, Phase } from "../../../src/api/canary-status.ts";
import { CommandRequest } from "../../../src/api/commands.ts";
import { suspendedStatuses } from "../command-snapshots.ts";
import { statuses } from "../snapshots.ts";
import { answerOfPolicy } from "./answer-of-policy.ts";
import { expectedHealth, type HealthCase, healthCases, objectOf } from "./health-cases.ts";
import { type LuaResult, type LuaRun, luaProgram, readLuaResults } from "./lua-program.ts";
import { type ActionName, actionNames, readScript, readTestFile } from "./scripts.ts";

const healthScript = readScript("health.lua");
const discoveryScript = readScript("actions/discovery.lua");
const scriptOf = (action: ActionName): string => readScript(`actions/${action}/action.lua`);

/** Argo CD keeps the object's empty maps, which Lua cannot tell from empty lists. */
function withoutEmpty(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, of: unknown) =>
      typeof of === "object" && of !== null && Object.keys(of).length === 0 ? undefined : of,
    ),
  );
}

/** `interpret` runs a Lua chunk and gives what it returns. */
export function describeArgocd(interpret: (program: string) => Promise<string>): void {
  const run = async (runs: readonly LuaRun[]): Promise<readonly LuaResult[]> => {
    const results = readLuaResults(await interpret(luaProgram(runs)));
    expect(results).toHaveLength(runs.length);
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(results.filter(({ globals }) => Object.keys(globals).length > 0)).toEqual([]);
    return results;
  };

  describe("the health of a Canary in Argo CD", () => {
    it("follows from phase, conditions, generations and deletion, whatever they are", async () => {
      const results = await run(
        healthCases.map((one) => ({ script: healthScript, object: objectOf(one) })),
      );
      const wrong = healthCases
        .map((one, index) => ({ one, value: results[index]?.value }))
        .filter(({ one, value }) => JSON.stringify(value) !== JSON.stringify(expectedHealth(one)));
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(healthCases.length).toBeGreaterThan(5_000);
    });

    it("is known for every phase that there is", async () => {
      const current: HealthCase = { observed: "Current", conditionsAre: "Current" };
      const objects = Phase.options.map((phase) => objectOf({ ...current, phase }));
      const results = await run(objects.map((object) => ({ script: healthScript, object })));
      const words = results.map(({ value }) => JSON.stringify(value));
      expect(words.filter((word) => word.includes("Unknown"))).toEqual([]);
    });

    it("is what its test file says, in Argo CD's own layout", async () => {
      const { tests } = readTestFile("health_test.yaml");
      const objects: object[] = tests.map(({ inputPath }: { readonly inputPath: string }) =>
        readTestFile(inputPath),
      );
      const results = await run(objects.map((object) => ({ script: healthScript, object })));
      const expected = tests.map(({ healthStatus }: { readonly healthStatus: object }) => ({
        ...healthStatus,
      }));
      expect(results.map(({ value }) => value)).toEqual(expected);
    });
  });

  describe("the actions on a Canary in Argo CD", () => {
    it("are offered as their test file says", async () => {
      const { discoveryTests } = readTestFile("actions/action_test.yaml");
      const objects: object[] = discoveryTests.map((test: { readonly inputPath: string }) =>
        readTestFile(`actions/${test.inputPath}`),
      );
      const results = await run(objects.map((object) => ({ script: discoveryScript, object })));
      const listed = results.map(({ value }) => {
        const entries = Object.entries(Object(value));
        return entries.map(([name, of]) => ({ name, ...Object(of) }));
      });
      const byName = (one: { readonly name: string }) => one.name;
      for (const [index, { result }] of discoveryTests.entries()) {
        expect(listed[index]?.toSorted((a, b) => byName(a).localeCompare(byName(b)))).toEqual(
          result.toSorted((a: { name: string }, b: { name: string }) =>
            byName(a).localeCompare(byName(b)),
          ),
        );
      }
    });

    it("change the annotation that their test file says, and nothing else", async () => {
      const { actionTests } = readTestFile("actions/action_test.yaml");
      const runs: LuaRun[] = actionTests.map((test: { action: ActionName; inputPath: string }) => ({
        script: scriptOf(test.action),
        object: readTestFile(`actions/${test.inputPath}`),
      }));
      const results = await run(runs);
      for (const [index, test] of actionTests.entries()) {
        const expected = readTestFile(`actions/${test.expectedOutputPath}`);
        expect(withoutEmpty(results[index]?.value)).toEqual(withoutEmpty(expected));
      }
      expect(new Set(actionTests.map(({ action }: { action: string }) => action))).toEqual(
        new Set(actionNames),
      );
    });

    it("write commands that Serin can read, one id for each version of the object", async () => {
      const versions = ["1", "18446744073709551615"];
      const asked = actionNames.filter((name) => name !== "abort");
      const runs = asked.flatMap((action) =>
        versions.map((resourceVersion) => ({
          script: scriptOf(action),
          object: { metadata: { resourceVersion, annotations: { kept: 'a "word"' } } },
        })),
      );
      const notes = (await run(runs)).map(({ value }) => Object(value).metadata.annotations);
      expect(notes.map(({ kept }) => kept)).toEqual(notes.map(() => 'a "word"'));
      const requests = notes.map((each) =>
        CommandRequest.parse(JSON.parse(each["serin.dev/command"])),
      );
      expect(requests.map(({ action }) => action)).toEqual(asked.flatMap((each) => [each, each]));
      expect(new Set(requests.map(({ id }) => id)).size).toBe(runs.length);
    });

    it("are offered where Serin obeys them, and not where it refuses", async () => {
      const lives: readonly CanaryStatus[] = [...Object.values(statuses), ...suspendedStatuses];
      const results = await run(
        lives.map((status) => ({
          script: discoveryScript,
          object: {
            metadata: {
              generation: 1,
              ...(status.phase === "Terminating" && { deletionTimestamp: "2026-11-21T12:00:00Z" }),
            },
            status,
          },
        })),
      );
      const compared = lives.flatMap((status, index) =>
        actionNames.map((name) => {
          const isOffered = Object(results[index]?.value)[name].disabled === false;
          return { phase: status.phase, name, isOffered, answer: answerOfPolicy(status, name) };
        }),
      );
      const answered = compared.filter(({ answer }) => answer !== undefined);
      expect(answered.length).toBeGreaterThan(100);
      expect(answered.filter(({ isOffered, answer }) => isOffered !== (answer === "Done"))).toEqual(
        [],
      );
    });
  });

  describe("the objects that the scripts are tested on", () => {
    const { tests } = readTestFile("health_test.yaml");
    const paths: string[] = tests.map(({ inputPath }: { readonly inputPath: string }) => inputPath);

    it.each(paths)("are Canaries as the API has them: %s", (path) => {
      expect(Canary.safeParse(readTestFile(path)).error).toBeUndefined();
    });
  });
}
