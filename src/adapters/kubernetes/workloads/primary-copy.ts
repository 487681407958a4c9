/**
 * The primary as a copy of the target, and back: they differ in the value of one label alone, on the pods and where
 * the template speaks of its own pods, so that a template's hash is the same on both, and a primary whose template
 * somebody else has changed is found out.
 */
import { primarySuffix, promotedHashAnnotation } from "../../../api/names.ts";
import { oncePer } from "../../once-per.ts";
import { isRecord, type RawObject } from "../raw-object.ts";
import { deriveMetadata } from "./derived-metadata.ts";
import { exchangeVersions, type Versions } from "./own-selectors.ts";
import type { SelectorLabel } from "./selector-label.ts";
import { hashTemplate, type Template } from "./template-hash.ts";

export interface PrimaryOptions {
  readonly name: string;
  readonly canary: string;
  readonly selector: SelectorLabel;
  readonly replicas: number;
  readonly templateHash: string;
}

type Fields = Readonly<Record<string, unknown>>;

export function toPrimaryTemplate(template: Template, { label, value }: SelectorLabel): Template {
  return relabelled(template, { label, from: value, to: `${value}${primarySuffix}` });
}

/** What the primary's template is a copy of, if it is one. */
function toTargetTemplate(template: Template, { label, value }: SelectorLabel): Template {
  return relabelled(template, { label, from: `${value}${primarySuffix}`, to: value });
}

/** Hash of the template of which the primary's is a copy. */
export function hashPrimaryTemplate(template: Template, selector: SelectorLabel): string {
  const hashes = primaryHashes(template);
  const key = JSON.stringify([selector.label, selector.value]);
  const hash = hashes.get(key) ?? hashTemplate(toTargetTemplate(template, selector));
  hashes.set(key, hash);
  return hash;
}

/** By label and value: a template is looked at under one selector, unless people change it. */
const primaryHashes = oncePer<Template, Map<string, string>>(() => new Map());

/**
 * No paused: a primary must always roll out. No Recreate: beside a canary two versions run together anyway, and rules
 * that are not Serin's may send to the primary while it is given the new version. Everything else is as the target
 * has it.
 */
export function primaryManifest(
  target: RawObject,
  source: Template,
  options: PrimaryOptions,
): Fields {
  const { name, canary, selector, replicas, templateHash } = options;
  const metadata = deriveMetadata(target, name, canary);
  const { paused: _, ...spec } = fieldsOf(target.spec);
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [promotedHashAnnotation]: templateHash },
    },
    spec: {
      ...spec,
      ...(fieldsOf(spec["strategy"])["type"] === "Recreate" && { strategy: gradual }),
      replicas,
      selector: primarySelector(fieldsOf(spec["selector"]), selector),
      template: toPrimaryTemplate(source, selector),
    },
  };
}

/** Never fewer pods than wanted. */
const gradual = { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: "25%" } };

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {});

function relabelled(template: Template, versions: Versions): Template {
  const { label, from, to } = versions;
  const metadata = fieldsOf(template.metadata);
  const labels = fieldsOf(metadata["labels"]);
  if (labels[label] !== from) return template;
  return {
    ...template,
    metadata: { ...metadata, labels: { ...labels, [label]: to } },
    ...(template["spec"] !== undefined && { spec: exchangeVersions(template["spec"], versions) }),
  };
}

function primarySelector(selector: Fields, { label, value }: SelectorLabel): Fields {
  const primaryValue = `${value}${primarySuffix}`;
  const { matchExpressions } = selector;
  const matchLabels = { ...fieldsOf(selector["matchLabels"]), [label]: primaryValue };
  if (!Array.isArray(matchExpressions)) return { ...selector, matchLabels };
  const renamed = matchExpressions.map((expression: unknown) => {
    if (!isRecord(expression) || expression["key"] !== label) return expression;
    const { values } = expression;
    return Array.isArray(values)
      ? {
          ...expression,
          values: values.map((one: unknown) => (one === value ? primaryValue : one)),
        }
      : expression;
  });
  return { ...selector, matchLabels, matchExpressions: renamed };
}
