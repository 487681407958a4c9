/**
 * Where the environments of one run leave what is to be judged when all have ended. Each says when it begins, so that
 * one that ended without a word is noticed.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** By which the workers of a run know its folder. */
export const runFolderVariable = "SERIN_E2E_RUN";

const Facts = z.object({
  /** Verbs of resources that the roles allow, and those that were made use of. */
  granted: z.array(z.string()),
  used: z.array(z.string()),
  /** Requests that the roles refused though nobody was just starting the server. */
  refused: z.array(z.string()),
  /** Routes that were written, and what istiod's webhook says against some of them. */
  routesWritten: z.number(),
  routesRefused: z.array(z.string()),
});
/** What Serin did in one environment, from its beginning to its end. */
export type Facts = z.infer<typeof Facts>;

interface Run {
  readonly begun: readonly string[];
  readonly ended: ReadonlyMap<string, Facts>;
}

/** Outside a run, as in a benchmark, nobody is there to judge: undefined. */
function runFolder(): string | undefined {
  const folder = process.env[runFolderVariable];
  return folder !== undefined && existsSync(folder) ? folder : undefined;
}

/** Returns how its facts are left; undefined where nobody will look at them. */
export function beginJudged(name: string): ((facts: Facts) => void) | undefined {
  const folder = runFolder();
  if (folder === undefined) return undefined;
  writeFileSync(join(folder, `${name}.begun`), "");
  return (facts) => writeFileSync(join(folder, `${name}.json`), JSON.stringify(facts));
}

export function readRun(): Run {
  const folder = runFolder();
  const names = folder === undefined ? [] : readdirSync(folder);
  const read = (name: string): [string, Facts] => {
    const text = readFileSync(join(folder ?? "", name), "utf8");
    return [name.replace(/\.json$/, ""), Facts.parse(JSON.parse(text))];
  };
  return {
    begun: names.filter((name) => name.endsWith(".begun")).map((name) => name.slice(0, -6)),
    ended: new Map(names.filter((name) => name.endsWith(".json")).map(read)),
  };
}
