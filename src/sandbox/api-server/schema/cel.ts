/** Compiles CEL rules with the functions Kubernetes adds to the language. Knows neither schemas nor objects. */
import { Environment } from "@marcbachmann/cel-js";
import { compilePattern } from "./schema.ts";

export interface CompiledRule {
  /** Why the rule cannot be used; undefined when it can. */
  readonly error: string | undefined;
  readonly usesOldSelf: boolean;
  /** Throws where the expression has no value: a missing field, an overflow. */
  evaluate(self: unknown, oldSelf: unknown): unknown;
}

type Items = readonly unknown[];
type Ordered = number | bigint | string | boolean;

function nanosOf(value: object): bigint | undefined {
  if (!("seconds" in value) || !("nanos" in value)) return undefined;
  return BigInt(String(value.seconds)) * 1_000_000_000n + BigInt(String(value.nanos));
}

/** Something JavaScript orders as CEL orders the value. */
function ordered(value: unknown): Ordered {
  if (value instanceof Date) return value.getTime();
  if (typeof value === "object" && value !== null) {
    const nanos = nanosOf(value);
    if (nanos !== undefined) return nanos;
  }
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  throw new Error("no such overload: the values have no order");
}

function isSorted(items: Items): boolean {
  return items.every((item, i) => i === 0 || ordered(items[i - 1]) <= ordered(item));
}

function sum(items: Items): number | bigint {
  if (items.every((item) => typeof item === "bigint"))
    return items.reduce<bigint>((total, item) => total + item, 0n);
  return items.reduce<number>((total, item) => total + Number(item), 0);
}

function extreme(items: Items, isBetter: (a: Ordered, b: Ordered) => boolean): unknown {
  if (items.length === 0) throw new Error("min or max called on an empty list");
  return items.reduce((best, item) => (isBetter(ordered(item), ordered(best)) ? item : best));
}

function position(items: Items, wanted: unknown, last: boolean): bigint {
  const same = (item: unknown): boolean => item === wanted;
  return BigInt(last ? items.findLastIndex(same) : items.findIndex(same));
}

function findAll(text: string, pattern: string): readonly string[] {
  const { source, flags } = compilePattern(pattern);
  return Array.from(text.matchAll(new RegExp(source, `${flags}g`)), (match) => match[0]);
}

const environment = new Environment({
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
})
  .registerVariable("self", "dyn")
  .registerVariable("oldSelf", "dyn")
  .registerFunction("list.isSorted(): bool", isSorted)
  .registerFunction("list.sum(): dyn", sum)
  .registerFunction("list.min(): dyn", (items: Items) => extreme(items, (a, b) => a < b))
  .registerFunction("list.max(): dyn", (items: Items) => extreme(items, (a, b) => a > b))
  .registerFunction("list.indexOf(dyn): int", (items: Items, item: unknown) =>
    position(items, item, false),
  )
  .registerFunction("list.lastIndexOf(dyn): int", (items: Items, item: unknown) =>
    position(items, item, true),
  )
  .registerFunction(
    "string.find(string): string",
    (text: string, pattern: string) => findAll(text, pattern)[0] ?? "",
  )
  .registerFunction("string.findAll(string): list<string>", findAll)
  .registerFunction(
    "string.replace(string, string): string",
    (text: string, from: string, to: string) => text.replaceAll(from, to),
  )
  .registerFunction("string.charAt(int): string", (text: string, index: bigint) =>
    text.charAt(Number(index)),
  )
  .registerFunction("isURL(string): bool", (text: string) => URL.canParse(text));

const compiled = new Map<string, CompiledRule>();

function messageOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
}

function refuse(error: string): never {
  throw new Error(error);
}

function compile(text: string, expected: string): CompiledRule {
  const usesOldSelf = /\boldSelf\b/.test(text);
  try {
    const expression = environment.parse(text);
    const { valid, type, error } = expression.check();
    const wrongType = valid && type !== undefined && type !== expected && type !== "dyn";
    return {
      usesOldSelf,
      error: valid ? (wrongType ? `must evaluate to a ${expected}` : undefined) : messageOf(error),
      evaluate: (self, oldSelf) => expression({ self, oldSelf }),
    };
  } catch (cause) {
    const error = messageOf(cause);
    return { usesOldSelf, error, evaluate: () => refuse(error) };
  }
}

/** Rules are compiled once per text: the same definition is read again and again in tests. */
export function compileRule(text: string, expected: "bool" | "string"): CompiledRule {
  const key = `${expected} ${text}`;
  const known = compiled.get(key) ?? compile(text, expected);
  compiled.set(key, known);
  return known;
}
