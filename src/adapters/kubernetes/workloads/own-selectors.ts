/**
 * The places of a pod template that speak of the workload's own pods: affinity, anti-affinity and topology spread by the
 * selector label. On the other version's template they must speak of that one's pods, or a version would keep away
 * from, or spread over, pods that are not its own. What names several values, or other workloads, is left as it is.
 */
import { isRecord } from "../raw-object.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The label by which the versions are told apart, with the value of each. */
export interface Versions {
  readonly label: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The pod spec with both values exchanged. Exchanged and not replaced, since then the way back leads exactly where the
 * way came from: a copy's hash is its original's.
 */
export function exchangeVersions(podSpec: unknown, versions: Versions): unknown {
  if (!isRecord(podSpec)) return podSpec;
  const selector = (value: unknown) => exchangeInSelector(value, versions);
  const inTerm = (term: unknown) => mapField(term, "labelSelector", selector);
  const preferred = (one: unknown) => mapField(one, "podAffinityTerm", inTerm);
  const inAffinity = (affinity: unknown) =>
    mapField(
      mapField(affinity, "requiredDuringSchedulingIgnoredDuringExecution", listOf(inTerm)),
      "preferredDuringSchedulingIgnoredDuringExecution",
      listOf(preferred),
    );
  const affinity = (value: unknown) =>
    mapField(mapField(value, "podAffinity", inAffinity), "podAntiAffinity", inAffinity);
  return mapField(
    mapField(podSpec, "affinity", affinity),
    "topologySpreadConstraints",
    listOf(inTerm),
  );
}

function exchangeInSelector(selector: unknown, versions: Versions): unknown {
  const { label } = versions;
  const matchLabels = (labels: unknown) =>
    mapField(labels, label, (value) => exchangeValue(value, versions));
  const expression = (value: unknown) =>
    isRecord(value) && value["key"] === label
      ? mapField(value, "values", (values) => exchangeSingle(values, versions))
      : value;
  return mapField(
    mapField(selector, "matchLabels", matchLabels),
    "matchExpressions",
    listOf(expression),
  );
}

/** Several values are somebody's list of workloads, not this workload. */
function exchangeSingle(values: unknown, versions: Versions): unknown {
  return Array.isArray(values) && values.length === 1
    ? [exchangeValue(values[0], versions)]
    : values;
}

function exchangeValue(value: unknown, { from, to }: Versions): unknown {
  if (value === from) return to;
  return value === to ? from : value;
}

/** The object with one of its fields changed, if it has that field. */
function mapField(value: unknown, field: string, map: (value: unknown) => unknown): unknown {
  if (!isRecord(value) || value[field] === undefined) return value;
  const fields: Fields = { ...value, [field]: map(value[field]) };
  return fields;
}

function listOf(map: (value: unknown) => unknown): (value: unknown) => unknown {
  return (value) => (Array.isArray(value) ? value.map((one: unknown) => map(one)) : value);
}
