/** What a user gets who asks for nothing: the shortest Canary, with the templates that are shipped. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import {
  AnalysisTemplate,
  type AnalysisTemplateSpec,
} from "../../../../../src/api/analysis-template.ts";
import { CanarySpec, type TemplateReference } from "../../../../../src/api/canary-spec.ts";
import { type Fact, known } from "../../../../../src/core/fact.ts";
import type { FoundTemplate } from "../../../../../src/ports/cluster.ts";

/** `seconds`: how often pods are scraped, and metrics checked. */
export function defaultSpec(seconds: number): CanarySpec {
  const spec = CanarySpec.parse({
    targetRef: { name: "web" },
    routing: { istio: { virtualServices: [{ name: "web" }] } },
  });
  return { ...spec, analysis: { ...spec.analysis, intervalSeconds: seconds } };
}

const shipped = new Map<string, AnalysisTemplateSpec>();

export function shippedTemplate(
  { name }: TemplateReference,
  scrapeSeconds: number,
): Fact<FoundTemplate> {
  const spec = shipped.get(name) ?? readTemplate(name);
  shipped.set(name, spec);
  const { prometheus } = spec.provider;
  const provider = { ...(prometheus && { prometheus: { ...prometheus, scrapeSeconds } }) };
  return known({ spec: { ...spec, provider }, secretNamespace: "serin-system" });
}

function readTemplate(name: string): AnalysisTemplateSpec {
  const file = new URL(`../../../../../analysis-templates/${name}.yaml`, import.meta.url);
  return AnalysisTemplate.parse(parse(readFileSync(file, "utf8"))).spec;
}
