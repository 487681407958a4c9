/** The work of a benchmark, cut into pieces that any worker can do alone; what they come to does not depend on who did them. */
import { Laboratory, type MethodName, type Outcome } from "./methods/methods.ts";
import { findScenario } from "./scenarios/scenarios.ts";
import type { Reporters } from "./traces/exposure.ts";

/** Some runs of one scenario, each under every method. */
export interface Job {
  readonly scenario: string;
  readonly methods: readonly MethodName[];
  readonly seed: number;
  readonly scrapeSeconds: number;
  readonly reporters: Reporters;
  /** Runs from `from` up to but not `until`. */
  readonly from: number;
  readonly until: number;
}

export interface JobResult {
  readonly job: Job;
  /** By method in the order of the job, by run. */
  readonly outcomes: readonly (readonly Outcome[])[];
  /** What Serin's decisions took. */
  readonly decisions: number;
  readonly decisionMs: number;
}

/** Few enough that two workers end together. */
const runsAtOnce = 20;

export function cutJobs(whole: Omit<Job, "from" | "until">, runs: number): readonly Job[] {
  return Array.from({ length: Math.ceil(runs / runsAtOnce) }, (_, index) => ({
    ...whole,
    from: index * runsAtOnce,
    until: Math.min(runs, (index + 1) * runsAtOnce),
  }));
}

const laboratories = new Map<string, Laboratory>();

function laboratoryFor({ scrapeSeconds, reporters }: Job): Laboratory {
  const key = `${reporters}/${scrapeSeconds}`;
  const laboratory = laboratories.get(key) ?? new Laboratory(scrapeSeconds, reporters);
  laboratories.set(key, laboratory);
  return laboratory;
}

export function doJob(job: Job): JobResult {
  const scenario = findScenario(job.scenario);
  if (scenario === undefined) throw new Error(`no scenario ${job.scenario}`);
  const laboratory = laboratoryFor(job);
  const before = { ...laboratory.cost };
  const outcomes = job.methods.map((): Outcome[] => []);
  for (let run = job.from; run < job.until; run += 1) {
    laboratory.begin(scenario, job.seed, run);
    for (const [index, method] of job.methods.entries())
      outcomes[index]?.push(laboratory.run(scenario, method));
  }
  const { decisions, ms } = laboratory.cost;
  return { job, outcomes, decisions: decisions - before.decisions, decisionMs: ms - before.ms };
}
