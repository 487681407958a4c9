/** What of a log field may be shown: bounded in size, and without what looks like a secret by its name or its form. */
import { maxLogDepth, maxLogEntries, maxLogTextLength } from "./limits.ts";

const hidden = "[redacted]";

/** Names of fields whose values are never shown. References to a Secret (secretRef, secretNamespace) are no secrets. */
const secretName =
  /^(authorization|cookie|set-cookie|secret|data|stringdata)$|password|passwd|token$|apikey|credential|privatekey/i;

/** Secrets by their form, wherever they stand in a text: what is kept of each tells which kind it was. */
const secretForms: readonly (readonly [RegExp, string])[] = [
  [/(https:\/\/hooks\.slack(?:-gov)?\.com\/)\S+/gi, `$1${hidden}`],
  [/\bxox[a-z]-[\w-]+/gi, hidden],
  [/\b(bearer|basic) [\w.~+/=-]{6,}/gi, `$1 ${hidden}`],
  [/\b(\w+:\/\/)[^\s/:@]*:[^\s/@]+@/g, `$1${hidden}@`],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, hidden],
];

function redactText(text: string): string {
  const shown = text.length > maxLogTextLength ? `${text.slice(0, maxLogTextLength)}…` : text;
  return secretForms.reduce((rest, [form, kept]) => rest.replaceAll(form, kept), shown);
}

function redactError(error: Error, depth: number): Readonly<Record<string, unknown>> {
  const own = Object.entries(error).filter(([key]) => key !== "cause" && key !== "name");
  return {
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ""),
    ...redactEntries(own, depth),
    ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
  };
}

function redactEntries(
  entries: readonly (readonly [string, unknown])[],
  depth: number,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    entries
      .slice(0, maxLogEntries)
      .map(([key, value]) => [key, secretName.test(key) ? hidden : redactValue(value, depth + 1)]),
  );
}

function nameEntry([key, value]: [unknown, unknown]): [string, unknown] {
  return [typeof key === "string" ? key : `[${typeof key}]`, value];
}

function redactObject(value: object, depth: number): unknown {
  if (depth > maxLogDepth) return "[deeper]";
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return value.toJSON();
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof Map) return redactEntries(Array.from(value, nameEntry), depth);
  if (value instanceof Set) return redactObject([...value], depth);
  if (Array.isArray(value)) {
    return value.slice(0, maxLogEntries).map((item) => redactValue(item, depth + 1));
  }
  return redactEntries(Object.entries(value), depth);
}

function redactValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
      return redactText(value);
    case "bigint":
      return String(value);
    case "object":
      return value === null ? null : redactObject(value, depth);
    case "number":
    case "boolean":
    case "undefined":
      return value;
    case "function":
    case "symbol":
      return `[${typeof value}]`;
  }
}

/** Fields as they may be written: bounded, and redacted. Total: any value gives something that can be serialised. */
export function redactFields(
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return redactEntries(Object.entries(fields), 0);
}
