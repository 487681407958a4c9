/** The variables of a template: which there are, where a text uses them, what they stand for. Knows no PromQL. */
import type { AnalysisTemplateSpec } from "../../../api/analysis-template.ts";
import { ownValue } from "../../../core/own-value.ts";
import type { MetricRequest, Reporter, TemplateProblem } from "../../../ports/metric-source.ts";

/** One use of a variable, `{{ name }}`, in a template's text. */
export interface VariableUse {
  readonly name: string;
  /** Place in the sample text. */
  readonly at: number;
  /** What stands for it there. */
  readonly stand: string;
  /** Characters that the use takes in the template's text. */
  readonly length: number;
}

/** A text with every use replaced by a stand-in, so that it can be parsed. */
export interface SampleText {
  readonly text: string;
  readonly uses: readonly VariableUse[];
}

const USE = /\{\{([^{}]*)\}\}/g;
/** Reads as a metric's name outside quotes and as a value inside. */
const SAMPLE = "x";
/** Reads as a duration, where nothing else may stand. */
const SAMPLE_DURATION = "1s";

export function sampleOf(template: string): SampleText {
  const uses: VariableUse[] = [];
  const place = createPlace();
  let text = "";
  let from = 0;
  for (const match of template.matchAll(USE)) {
    const before = template.slice(from, match.index);
    place.pass(before);
    text += before;
    const stand = place.needsDuration() ? SAMPLE_DURATION : SAMPLE;
    const name = (match[1] ?? "").trim();
    uses.push({ name, at: text.length, stand, length: match[0].length });
    place.pass(stand);
    text += stand;
    from = match.index + match[0].length;
  }
  return { text: text + template.slice(from), uses };
}

/** `line 1, column 7`: where a place of the sample is in the template's text, as people count. */
export function wordPlace(template: string, { uses }: SampleText, at: number): string {
  const grown = uses.filter((use) => use.at < at).map(({ length, stand }) => length - stand.length);
  const offset = grown.reduce((sum, more) => sum + more, at);
  const lines = template.slice(0, offset).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

/** Where in PromQL the end of a text is, read once from left to right: a template may be as long as it likes to be. */
function createPlace() {
  let unquoted = "";
  let quote: string | undefined;
  let isEscaped = false;
  const passQuoted = (character: string): void => {
    const isEnd = character === quote && !isEscaped;
    isEscaped = character === "\\" && quote !== "`" && !isEscaped;
    if (isEnd) quote = undefined;
  };
  return {
    pass(text: string): void {
      for (const character of text) {
        if (quote !== undefined) passQuoted(character);
        else if (/["'`]/.test(character)) quote = character;
        else unquoted += character;
      }
    },
    /** Whether only a duration may follow; within quotes anything may. */
    needsDuration(): boolean {
      if (quote !== undefined) return false;
      const text = unquoted.trimEnd();
      if (text.endsWith("[") || /\boffset$/.test(text.slice(-7))) return true;
      return text.endsWith(":") && text.lastIndexOf("[") > text.lastIndexOf("]");
    },
  };
}

const BUILT_IN = ["workload", "namespace", "service", "reporter", "interval"] as const;
type BuiltIn = (typeof BUILT_IN)[number];

/** Callers' proxies, and waypoints, which report in their place; or the proxies of the pods that answered. */
const REPORTERS: Readonly<Record<Reporter, string>> = {
  Callers: "source|waypoint",
  Pods: "destination",
};

/** What the variables stand for in one query for one version. */
export function valuesOf(
  request: Pick<MetricRequest, "namespace" | "service" | "intervalSeconds" | "reporter">,
  workload: string,
  args: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const builtIn: Readonly<Record<BuiltIn, string>> = {
    workload,
    namespace: request.namespace,
    service: request.service,
    reporter: REPORTERS[request.reporter],
    interval: `${request.intervalSeconds}s`,
  };
  const given = [...args].map(([name, value]) => [`args.${name}`, value] as const);
  return new Map([...Object.entries(builtIn), ...given]);
}

/** Values of the template's arguments: the Canary's, else the defaults. */
export function argumentValues(
  template: AnalysisTemplateSpec,
  given: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const argument of template.args) {
    const value = ownValue(given, argument.name) ?? argument.default;
    if (value !== undefined) values.set(argument.name, value);
  }
  return values;
}

/** Arguments that are missing though required, or given though the template has none of that name. */
export function argumentProblems(
  template: AnalysisTemplateSpec,
  given: Readonly<Record<string, string>>,
): readonly TemplateProblem[] {
  const names = template.args.map(({ name }) => name);
  const missing = template.args
    .filter((argument) => argument.required && !Object.hasOwn(given, argument.name))
    .map(({ name }) => problem("ArgumentMissing", `give a value for args.${name}`));
  const known = names.length === 0 ? "the template has none" : `known are ${names.join(", ")}`;
  const extra = Object.keys(given)
    .filter((name) => !names.includes(name))
    .map((name) => problem("ArgumentUnknown", `unknown argument ${name}; ${known}`));
  return [...missing, ...extra];
}

/** Variables used in a text that stand for nothing. */
export function variableProblems(
  field: string,
  sample: SampleText,
  template: AnalysisTemplateSpec,
  args: ReadonlyMap<string, string>,
): readonly TemplateProblem[] {
  const declared = template.args.map(({ name }) => `args.${name}`);
  const known: readonly string[] = [...BUILT_IN, ...declared];
  const names = new Set(sample.uses.map(({ name }) => name));
  return [...names].flatMap((name) => {
    if (!known.includes(name)) {
      const message = `${field}: unknown variable {{ ${name} }}; known are ${known.join(", ")}`;
      return [problem("VariableUnknown", message)];
    }
    const isValueless = declared.includes(name) && !args.has(name.slice("args.".length));
    if (!isValueless) return [];
    const fix = `give the argument, or a default in the template`;
    return [problem("ArgumentMissing", `${field}: {{ ${name} }} has no value; ${fix}`)];
  });
}

/** True if the use stands where only a duration may. */
export function isDuration({ stand }: Pick<VariableUse, "stand">): boolean {
  return stand === SAMPLE_DURATION;
}

export function problem(
  reason: string,
  message: string,
  severity: TemplateProblem["severity"] = "Error",
): TemplateProblem {
  return { reason, message, severity };
}
