/** Prepares a template with its arguments: what is wrong with it, or its selectors, ready to be written. No I/O. */
import type { AnalysisTemplateSpec, PrometheusProvider } from "../../../api/analysis-template.ts";
import type { TemplateProblem } from "../../../ports/metric-source.ts";
import { keepsLabels } from "./identity.ts";
import { isFit } from "./render.ts";
import { reporterProblems } from "./reporter.ts";
import { cutSelector, type Place, type Selector } from "./selector.ts";
import { type FieldKind, type ParsedField, parseField } from "./syntax.ts";
import {
  argumentProblems,
  argumentValues,
  problem,
  sampleOf,
  variableProblems,
} from "./variables.ts";
import { namespaceLabelOf } from "./widen.ts";

/** A selector, and the label that tells namespaces apart if it can be read for many releases at once. */
export interface ReadableSelector {
  readonly selector: Selector;
  readonly namespaceLabel: string | undefined;
}

export type Measure =
  | { readonly kind: "Ratio"; readonly total: ReadableSelector; readonly bad: ReadableSelector }
  | {
      readonly kind: "Latency";
      readonly histogram: ReadableSelector;
      readonly quantile: number;
    }
  | { readonly kind: "Value"; readonly query: ReadableSelector };

export interface PreparedTemplate {
  readonly provider: PrometheusProvider;
  readonly workloadLabel: string;
  readonly podLabel: string;
  readonly measure: Measure;
  /** Values of the arguments. */
  readonly args: ReadonlyMap<string, string>;
  /** True if one query can read many releases: every selector names workload and namespace in matchers of their own. */
  readonly isWidenable: boolean;
  /** True if a query is for one Service only. */
  readonly usesService: boolean;
}

export interface Preparation {
  readonly problems: readonly TemplateProblem[];
  /** Errors only where pods are asked of the copies that they get. */
  readonly copyProblems: readonly TemplateProblem[];
  /** Undefined if a problem is an error. */
  readonly template: PreparedTemplate | undefined;
}

export function prepareTemplate(
  spec: AnalysisTemplateSpec,
  given: Readonly<Record<string, string>>,
): Preparation {
  const args = argumentValues(spec, given);
  const found: TemplateProblem[] = [...argumentProblems(spec, given)];
  const copyProblems: TemplateProblem[] = [];
  const read: ReadField = (field, text, kind = "Selector") => {
    const { parsed, selector, problems } = prepareField(field, text, { spec, args, kind });
    found.push(...problems);
    copyProblems.push(...reporterProblems(field, selector, args));
    const isRefused = problems.some(({ severity }) => severity === "Error");
    const label = isRefused ? undefined : namespaceLabelOf(selector, spec.workloadLabel);
    const isWhole =
      kind === "Selector" ||
      (label !== undefined && keepsLabels(parsed, [label, spec.workloadLabel]));
    return { selector, namespaceLabel: isWhole ? label : undefined };
  };
  const provider = spec.provider.prometheus;
  const measure = measureOf(spec, read);
  if (measure === undefined) {
    found.push(problem("MeasureMissing", "give exactly one of ratio, latency and value"));
  }
  if (provider === undefined) found.push(problem("ProviderMissing", "name a provider: prometheus"));
  if (measure?.kind === "Latency") found.push(...bucketProblems(measure.histogram.selector));
  const isRefused = found.some(({ severity }) => severity === "Error");
  if (isRefused || measure === undefined || provider === undefined) {
    return { problems: found, copyProblems, template: undefined };
  }
  const selectors = selectorsOf(measure);
  const { workloadLabel, podLabel } = spec;
  const template: PreparedTemplate = {
    provider,
    workloadLabel,
    podLabel,
    measure,
    args,
    isWidenable: selectors.every(({ namespaceLabel }) => namespaceLabel !== undefined),
    usesService: selectors.some(({ selector }) => usesVariable(selector, "service")),
  };
  return { problems: found, copyProblems, template };
}

type ReadField = (field: string, text: string, kind?: FieldKind) => ReadableSelector;

function measureOf(
  { ratio, latency, value }: AnalysisTemplateSpec,
  read: ReadField,
): Measure | undefined {
  if ([ratio, latency, value].filter((measure) => measure !== undefined).length !== 1)
    return undefined;
  if (value !== undefined)
    return { kind: "Value", query: read("value.query", value.query, "Query") };
  if (ratio !== undefined) {
    const total = read("ratio.total", ratio.total);
    return { kind: "Ratio", total, bad: read("ratio.bad", ratio.bad) };
  }
  if (latency === undefined) return undefined;
  const histogram = read("latency.histogram", latency.histogram);
  return { kind: "Latency", histogram, quantile: latency.quantile };
}

function selectorsOf(measure: Measure): readonly ReadableSelector[] {
  switch (measure.kind) {
    case "Ratio":
      return [measure.total, measure.bad];
    case "Latency":
      return [measure.histogram];
    case "Value":
      return [measure.query];
  }
}

interface FieldContext {
  readonly kind: FieldKind;
  readonly spec: AnalysisTemplateSpec;
  readonly args: ReadonlyMap<string, string>;
}

function prepareField(
  field: string,
  text: string,
  { spec, args, kind }: FieldContext,
): {
  readonly parsed: ParsedField;
  readonly selector: Selector;
  readonly problems: readonly TemplateProblem[];
} {
  const sample = sampleOf(text);
  const parsed = parseField(field, text, sample, kind);
  const problems = [...parsed.problems, ...variableProblems(field, sample, spec, args)];
  const selector = cutSelector(parsed);
  if (problems.some(({ severity }) => severity === "Error")) {
    return { parsed, selector, problems };
  }
  return { parsed, selector, problems: [...problems, ...useProblems(parsed, selector, args)] };
}

function useProblems(
  { field }: ParsedField,
  selector: Selector,
  args: ReadonlyMap<string, string>,
): readonly TemplateProblem[] {
  const found: TemplateProblem[] = [];
  if (!usesVariable(selector, "workload")) {
    const message = `${field}: use {{ workload }}, for example destination_workload="{{ workload }}", to tell the versions apart`;
    found.push(problem("WorkloadMissing", message));
  }
  for (const piece of selector.pieces) {
    if (piece.kind !== "Variable") continue;
    const value = args.get(piece.name.replace(/^args\./, ""));
    if (value === undefined ? mayHoldBuiltIn(piece) : isFit(piece.place, value)) continue;
    const message = `${field}: {{ ${piece.name} }} cannot stand ${wordUnfit(piece.place)}`;
    found.push(problem("ArgumentUnfit", message));
  }
  return found;
}

/** Of what Serin fills in, only {{ interval }} is a duration, and nothing is a name of PromQL's. */
function mayHoldBuiltIn({
  name,
  place,
}: {
  readonly name: string;
  readonly place: Place;
}): boolean {
  if (place === "Duration") return name === "interval";
  return place !== undefined;
}

function wordUnfit(place: Place): string {
  if (place === "Duration") return "for a duration; give one like 5m";
  const where = place === undefined ? "outside quotes" : "in a raw string";
  return `${where} with that value; put it in double quotes`;
}

function usesVariable({ pieces }: Selector, name: string): boolean {
  return pieces.some(
    (piece) => (piece.kind === "Variable" || piece.kind === "Matcher") && piece.name === name,
  );
}

function bucketProblems({ parts }: Selector): readonly TemplateProblem[] {
  const found: TemplateProblem[] = [];
  if (parts.some(({ matchers }) => matchers.some(({ label }) => label === "le"))) {
    found.push(problem("BoundChosen", "latency.histogram: leave the label le to Serin"));
  }
  const other = parts.find(({ name }) => name !== undefined && !name.endsWith("_bucket"));
  if (other?.name !== undefined) {
    const message = `latency.histogram: ${other.name} does not end in _bucket; select the buckets of a classic histogram`;
    found.push(problem("NotAHistogram", message));
  }
  return found;
}
