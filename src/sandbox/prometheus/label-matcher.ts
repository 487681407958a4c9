/** One `label op "value"` of a selector, compiled once per query. Knows nothing of the index that narrows by it. */

export type MatchOperator = "=" | "!=" | "=~" | "!~";

export interface LabelMatcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
  /** The only values it can match, when they are known without looking: for `=` and for `=~"a|b"`. */
  readonly candidates: ReadonlySet<string> | undefined;
  matches(value: string): boolean;
}

/** A pattern that RE2, and so Prometheus, would refuse or that JavaScript reads differently. */
export class UnsupportedPatternError extends Error {}

const META = /[\\.+*?()|[\]{}^$]/;
const INLINE_FLAGS = /^\(\?([is]+)\)/;
const NOT_RE2 = /\(\?(?!:)|\\[1-9]|\\[pPzQECA]|\[\[:/;

export function createMatcher(label: string, operator: MatchOperator, value: string): LabelMatcher {
  switch (operator) {
    case "=":
      return {
        label,
        operator,
        value,
        candidates: new Set([value]),
        matches: (actual) => actual === value,
      };
    case "!=":
      return {
        label,
        operator,
        value,
        candidates: undefined,
        matches: (actual) => actual !== value,
      };
    case "=~":
      return { label, operator, value, candidates: literals(value), matches: pattern(value) };
    case "!~": {
      const matches = pattern(value);
      return {
        label,
        operator,
        value,
        candidates: undefined,
        matches: (actual) => !matches(actual),
      };
    }
  }
}

/** `a|b|c` without any meta character is a list of values; Prometheus and we then need no regular expression. */
function literals(source: string): ReadonlySet<string> | undefined {
  const parts = source.split("|").map(unescapeLiteral);
  const values = new Set<string>();
  for (const part of parts) {
    if (part === undefined) return undefined;
    values.add(part);
  }
  return values;
}

function unescapeLiteral(source: string): string | undefined {
  const plain = source.replaceAll(/\\([-.+*?()|[\]{}^$\\/])/g, "");
  if (META.test(plain)) return undefined;
  return source.replaceAll(/\\(.)/g, "$1");
}

function pattern(source: string): (value: string) => boolean {
  const values = literals(source);
  if (values !== undefined) return (value) => values.has(value);
  const expression = compile(source);
  const seen = new Map<string, boolean>();
  return (value) => {
    const known = seen.get(value);
    if (known !== undefined) return known;
    const matched = expression.test(value);
    seen.set(value, matched);
    return matched;
  };
}

function compile(source: string): RegExp {
  const inline = INLINE_FLAGS.exec(source);
  const flags = inline?.[1]?.includes("i") === true ? "is" : "s";
  const body = inline === null ? source : source.slice(inline[0].length);
  if (NOT_RE2.test(body)) {
    throw new UnsupportedPatternError(
      `unsupported syntax in regular expression ${JSON.stringify(source)}`,
    );
  }
  try {
    return new RegExp(`^(?:${body})$`, flags);
  } catch {
    throw new UnsupportedPatternError(`error parsing regexp ${JSON.stringify(source)}`);
  }
}
