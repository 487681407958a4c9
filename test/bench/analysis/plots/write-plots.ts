/** Writes what docs/analysis.md shows: the plots, the table of all rows, and the rows themselves. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { toMarkdown } from "../report/markdown.ts";
import type { Result } from "../report/result.ts";
import { badRequestsPlot } from "./bad-requests-plot.ts";
import { evidencePlot } from "./evidence-plot.ts";
import { tellStory } from "./evidence-stories.ts";
import { toSvg } from "./svg.ts";
import { wrongPlot } from "./wrong-plot.ts";

const folder = fileURLToPath(new URL("../../../../docs/analysis/", import.meta.url));

const stories = (seed: number) => [
  tellStory("H2", "A good version: 50 requests a second, 0.1 % errors as before", seed),
  tellStory("B2", "A bad version: errors rise from 0.1 to 1 %", seed),
];

/** Tells the files that were written. */
export function writePlots(result: Result): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const files: Readonly<Record<string, string>> = {
    "wrong.svg": toSvg(wrongPlot(result.rows)),
    "bad-requests.svg": toSvg(badRequestsPlot(result.rows)),
    "evidence.svg": toSvg(evidencePlot(stories(result.seed), { rollback: 100, promotion: 20 })),
    "results.md": toMarkdown(result),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(`${folder}${name}`, content);
  return Object.keys(files).map((name) => `docs/analysis/${name}`);
}
