/** Finds selectors that ask a fixed side of a request, and so know nothing of copies: only the pods that get them tell. */
import type { TemplateProblem } from "../../../ports/metric-source.ts";
import type { MatcherPart, Selector } from "./selector.ts";
import { problem } from "./variables.ts";

/** The label by which Istio tells who reports. */
const REPORTER_LABEL = "reporter";
/** Its value in what pods report. */
const PODS = "destination";

/** What keeps a field of a template from seeing copies: none of its selectors lets the pods tell. */
export function reporterProblems(
  field: string,
  { parts }: Selector,
  args: ReadonlyMap<string, string>,
): readonly TemplateProblem[] {
  const blind = parts.flatMap(({ matchers }) => {
    const fixed = matchers.find(({ label }) => label === REPORTER_LABEL);
    return fixed === undefined || letsPodsTell(fixed, args) ? [] : [fixed];
  });
  const [first] = blind;
  if (first === undefined || blind.length < parts.length) return [];
  const written = `${first.label}${first.operator}"${first.value}"`;
  const message = `${field}: ${written} sees no copies in a mirror stage, of which only the pods know; write ${REPORTER_LABEL}=~"{{ reporter }}"`;
  return [problem("ReporterFixed", message)];
}

function letsPodsTell(matcher: MatcherPart, args: ReadonlyMap<string, string>): boolean {
  const { operator, variables } = matcher;
  const value = variables.length === 0 ? matcher.value : filledIn(matcher, args);
  // The variable itself, or made of several pieces.
  if (value === undefined) return true;
  const fits = operator.endsWith("~") ? fitsPattern(value) : value === PODS;
  return operator.startsWith("!") ? !fits : fits;
}

function filledIn({ variable }: MatcherPart, args: ReadonlyMap<string, string>) {
  return variable?.startsWith("args.") === true ? args.get(variable.slice(5)) : undefined;
}

/** A pattern that JavaScript does not know is the server's to judge. */
function fitsPattern(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`).test(PODS);
  } catch {
    return true;
  }
}
