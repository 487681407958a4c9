/** `serin lint`: says what is wrong with manifests, where, and what to write instead. */
import { createSystemClock } from "../adapters/system-clock.ts";
import type { Finding, LintResult } from "../compose/lint/finding.ts";
import { lint } from "../compose/lint/lint.ts";
import { exitCodes } from "./exit-codes.ts";
import { printableTree } from "./printable.ts";
import { readTexts } from "./read-text.ts";
import { secureRandom } from "./secure-random.ts";
import { silentLog } from "./silent-log.ts";
import { type Colour, type Paint, paintFor, type Surroundings } from "./terminal.ts";

export interface LintFlags {
  readonly namespace: string;
  readonly recursive?: boolean;
  readonly output: string;
}

/** Exit code 1 when anything would be refused; warnings alone are 0. */
export async function lintCommand(
  files: readonly string[],
  flags: LintFlags,
  surroundings: Surroundings,
): Promise<number> {
  const { stdout } = surroundings;
  const texts = await readTexts(files, flags.recursive === true, surroundings);
  const result = await lint(texts, {
    deps: { clock: createSystemClock(), log: silentLog, random: secureRandom },
    namespace: flags.namespace,
  });
  if (flags.output === "json") stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else stdout.write(describe(printableTree(result), paintFor(stdout, surroundings.env)));
  return count(result, "Error") > 0 ? exitCodes.failed : exitCodes.done;
}

const count = ({ findings }: LintResult, severity: Finding["severity"]): number =>
  findings.filter((finding) => finding.severity === severity).length;

/** One finding a line, as compilers write them, so that editors find the place; what is to be added stands below it. */
function describe(result: LintResult, paint: Paint): string {
  const lines = result.findings.map((finding) => line(finding, paint));
  return `${[...lines, summary(result, paint)].join("\n")}\n`;
}

const colours: Readonly<Record<Finding["severity"], Colour>> = {
  Error: "red",
  Warning: "yellow",
  Note: "dim",
};

function line(finding: Finding, paint: Paint): string {
  const { severity, file, object, path, message } = finding;
  const place = `${file === "-" ? "stdin" : file}:${finding.line}:${finding.column}:`;
  const subject = [object, path].filter((part) => part !== "").join(": ");
  const [first = "", ...rest] = message.split("\n");
  const head = [
    paint("bold", place),
    paint(colours[severity], `${severity.toLowerCase()}:`),
    subject === "" ? first : `${subject}: ${first}`,
  ].join(" ");
  return [head, ...rest.map((text) => `    ${text}`)].join("\n");
}

function summary(result: LintResult, paint: Paint): string {
  const errors = count(result, "Error");
  const warnings = count(result, "Warning");
  const verdict =
    errors + warnings === 0
      ? paint("green", "nothing to mend")
      : `${amount(errors, "error")}, ${amount(warnings, "warning")}`;
  const { checked, read, skipped } = result;
  const others = read > 0 ? ` against ${amount(read, "other")}` : "";
  const passed = skipped > 0 ? `, ${skipped} of other kinds skipped` : "";
  const none = checked === 0 ? "; nothing of Serin's was given" : "";
  return `${verdict} (${amount(checked, "object")} of Serin checked${others}${passed}${none})`;
}

const amount = (number: number, noun: string): string =>
  `${number} ${noun}${number === 1 ? "" : "s"}`;
