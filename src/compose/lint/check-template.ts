/** What is wrong with a template by itself: the PromQL in it, with its position, and its variables. */
import { decodeTemplate } from "../../adapters/kubernetes/cluster/decode.ts";
import type { RawObject } from "../../adapters/kubernetes/raw-object.ts";
import type { MetricSource, TemplateProblem } from "../../ports/metric-source.ts";
import type { Complaint } from "./finding.ts";

/** Required arguments are taken as given: which Canary gives them is another question. */
export function checkTemplate(
  raw: RawObject,
  source: Pick<MetricSource, "problems">,
): readonly Omit<Complaint, "object">[] {
  const template = decodeTemplate(raw);
  if (template.kind !== "Known") return [];
  const required = template.value.args.filter((argument) => argument.required);
  const args = Object.fromEntries(required.map(({ name }) => [name, name]));
  return source.problems(template.value, args).map(toComplaint);
}

function toComplaint(problem: TemplateProblem): Omit<Complaint, "object"> {
  const { severity, reason } = problem;
  return { severity, reason, ...placeAndMessage(problem.message) };
}

/** The message begins with the field, as in `ratio.total, line 1, column 7: …`; a finding has the field apart. */
function placeAndMessage(text: string): Pick<Complaint, "path" | "message"> {
  const found = /^(?<measure>[a-z]\w*)\.(?<part>\w+)[,:] (?<message>.+)$/s.exec(text)?.groups;
  const { measure, part, message } = found ?? {};
  if (measure === undefined || part === undefined || message === undefined)
    return { path: ["spec"], message: text };
  return { path: ["spec", measure, part], message };
}
