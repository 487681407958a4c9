/** Plain JSON and its canonical text, by which two objects are the same. Knows no kind of object. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same text for the same content, whatever the order of the keys; absent and undefined are the same. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? "null";
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${fields.join(",")}}`;
}

/** Whether `current` already says everything that `wanted` says; null wants a field absent. */
export function alreadySays(current: unknown, wanted: unknown): boolean {
  if (wanted === null) return current === undefined || current === null;
  if (!isJsonObject(wanted)) return canonicalJson(current) === canonicalJson(wanted);
  if (!isJsonObject(current)) return false;
  return Object.entries(wanted).every(([key, value]) => alreadySays(current[key], value));
}

/** RFC 3339 with whole seconds, as Kubernetes writes times. */
export function timestamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
