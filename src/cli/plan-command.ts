/** `serin plan`: what a release will take at a rate of requests, before anybody pushes one. */
import { createSystemClock } from "../adapters/system-clock.ts";
import { type PlannedCanary, planCanaries } from "../compose/plan/plan-canaries.ts";
import { wordPlan, wordStagePlan, wordWarning } from "../core/analysis/word-plan.ts";
import { wordSpan } from "../core/analysis/wording.ts";
import { CommandError } from "./command-error.ts";
import { exitCodes } from "./exit-codes.ts";
import { readTexts } from "./read-text.ts";
import { secureRandom } from "./secure-random.ts";
import { silentLog } from "./silent-log.ts";
import { type Paint, paintFor, type Surroundings } from "./terminal.ts";

export interface PlanFlags {
  readonly rps: string;
  readonly errorPercent?: string;
  readonly namespace: string;
  readonly output: string;
}

/** Exit code 1 where a Canary cannot be planned, or there is none; warnings alone are 0. */
export async function planCommand(
  files: readonly string[],
  flags: PlanFlags,
  surroundings: Surroundings,
): Promise<number> {
  const { stdout } = surroundings;
  const requestsPerSecond = positive(flags.rps, "--rps");
  const errorShare =
    flags.errorPercent === undefined
      ? undefined
      : Math.min(1, positive(flags.errorPercent, "--error-percent") / 100);
  const planned = await planCanaries(
    await readTexts(files, false, surroundings),
    { requestsPerSecond, errorShare },
    {
      deps: { clock: createSystemClock(), log: silentLog, random: secureRandom },
      namespace: flags.namespace,
    },
  );
  if (planned.length === 0)
    throw new CommandError(exitCodes.failed, "there is no Canary in these files");
  if (flags.output === "json") stdout.write(`${JSON.stringify(planned, toJson, 2)}\n`);
  else
    stdout.write(
      `${planned.map((one) => describe(one, requestsPerSecond, paintFor(stdout, surroundings.env))).join("\n\n")}\n`,
    );
  return planned.every(({ kind }) => kind === "Planned") ? exitCodes.done : exitCodes.failed;
}

function positive(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new CommandError(exitCodes.wrongUsage, `${flag} ${text}: give a number above 0`);
}

/** JSON has no infinity: what never ends is null. */
function toJson(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

function describe(planned: PlannedCanary, requestsPerSecond: number, paint: Paint): string {
  const title = paint("bold", `${planned.namespace}/${planned.name}`);
  if (planned.kind === "Unplanned") return `${title}: ${paint("red", planned.because)}`;
  const { plan } = planned;
  const stages = plan.stages.map(
    (stage) =>
      `  ${stage.weight === 0 ? "mirror" : `${stage.weight} %`.padStart(6)}  ${wordStagePlan(stage)}`,
  );
  const warnings = plan.warnings.map(
    (one) => `  ${paint("yellow", `warning: ${wordWarning(one)}`)}`,
  );
  return [
    `${title}: ${wordPlan(plan, requestsPerSecond)}`,
    ...stages,
    `  a fault beyond a limit is off within ${seconds(plan.boundSeconds)}; one point more errors within the limit after about ${seconds(plan.onePointSeconds)}`,
    ...warnings,
  ].join("\n");
}

function seconds(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value)
    ? "no time that could be told"
    : wordSpan(1000 * value);
}
