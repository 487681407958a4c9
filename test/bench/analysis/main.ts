/**
 * `npm run bench:analysis`: how often, how soon and at what price Serin's analysis is right, beside the rules of its peers
 * on the same requests. People's tables on stderr; the last line of stdout is one JSON object.
 */
import { cutJobs } from "./jobs.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { writePlots } from "./plots/write-plots.ts";
import { toResult } from "./report/result.ts";
import { toTable, toTargetTable } from "./report/table.ts";
import { judgeTargets } from "./report/targets.ts";
import { doJobs } from "./workers.ts";

function readOptions(): Options {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    process.stderr.write(`bench:analysis: ${because}\n${usage}\n`);
    return process.exit(2);
  }
}

const options = readOptions();
const { scenarios, methods, runs, seed, scrapeSeconds, reporters, workers } = options;
process.stderr.write(
  `seed ${seed}, ${runs.healthy} healthy and ${runs.bad} bad runs a row, scraped every ${scrapeSeconds} s, Serin asks ${reporters.toLowerCase()}\n`,
);
const jobs = scenarios.flatMap(({ name, isHealthy }) =>
  cutJobs(
    { scenario: name, methods, seed, scrapeSeconds, reporters },
    isHealthy ? runs.healthy : runs.bad,
  ),
);
const startedAt = performance.now();
const minutes = () => `${((performance.now() - startedAt) / 60_000).toFixed(1)} min`;
const tenth = Math.ceil(jobs.length / 10);
const results = await doJobs(jobs, workers, (done) => {
  if (done % tenth === 0)
    process.stderr.write(`${Math.round((100 * done) / jobs.length)} % after ${minutes()}\n`);
});
const result = toResult(options, results);
const decisions = results.reduce((sum, job) => sum + job.decisions, 0);
const decisionMs = results.reduce((sum, job) => sum + job.decisionMs, 0);
process.stderr.write(`\n${toTable(result.rows)}\n${toTargetTable(judgeTargets(result.rows))}`);
process.stderr.write(
  `${decisions} decisions, ${((1000 * decisionMs) / Math.max(1, decisions)).toFixed(0)} µs each; ${minutes()}\n`,
);
if (options.plots) process.stderr.write(`${writePlots(result).join("\n")}\n`);
process.stdout.write(`${JSON.stringify(result)}\n`);
