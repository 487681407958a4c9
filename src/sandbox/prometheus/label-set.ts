/**
 * Sets of labels and their identity. The metric's name is kept apart from them, so that dropping it, which most
 * of PromQL does, copies nothing.
 */

export type Labels = Readonly<Record<string, string>>;

export const METRIC_NAME = "__name__";
export const BUCKET_LABEL = "le";
export const NO_LABELS: Labels = {};

const SEPARATOR = "\u00ff";
const signatures = new WeakMap<Labels, string>();

/** A copy with the keys in order and without empty values, which mean the same as a label that is not there. */
export function normalizeLabels(labels: Labels): Labels {
  const normalized: Record<string, string> = {};
  for (const name of Object.keys(labels).sort()) {
    const value = labels[name];
    if (value !== undefined && value !== "") normalized[name] = value;
  }
  return normalized;
}

/** The identity of a label set: equal for equal sets. Computed once per object. */
export function labelSignature(labels: Labels): string {
  const known = signatures.get(labels);
  if (known !== undefined) return known;
  let signature = "";
  for (const name of Object.keys(labels).sort()) {
    signature += name + SEPARATOR + labels[name] + SEPARATOR;
  }
  signatures.set(labels, signature);
  return signature;
}

/** The identity of the values that `names` have; labels that are not there count as empty. */
export function valuesSignature(
  sample: { readonly name: string; readonly labels: Labels },
  names: readonly string[],
): string {
  let signature = "";
  for (const name of names) signature += labelValue(sample, name) + SEPARATOR;
  return signature;
}

export function labelValue(
  sample: { readonly name: string; readonly labels: Labels },
  name: string,
): string {
  if (name === METRIC_NAME) return sample.name;
  return sample.labels[name] ?? "";
}

export function keepLabels(labels: Labels, names: readonly string[]): Labels {
  const kept: Record<string, string> = {};
  for (const name of names) {
    const value = labels[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

export function dropLabels(labels: Labels, names: readonly string[]): Labels {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) {
    if (!names.includes(name)) kept[name] = value;
  }
  return kept;
}

/** `name{a="b"}`, as Prometheus writes a series in its messages. */
export function formatSeries(series: { readonly name: string; readonly labels: Labels }): string {
  const pairs = Object.entries(series.labels).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}`,
  );
  if (pairs.length === 0 && series.name !== "") return series.name;
  return `${series.name}{${pairs.join(", ")}}`;
}
