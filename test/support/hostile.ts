/** What arrives when the other side is broken or means harm: any JSON, and valid objects with something wrong in them. */
import fc from "fast-check";

type Step = string | number;

/** Names that objects inherit, texts that steer terminals, numbers at the ends: more likely to be met than by chance. */
const oddTexts = fc.constantFrom(
  "",
  "__proto__",
  "constructor",
  "toString",
  "../../kube-system",
  "<!channel> <https://a|b>",
  "\u001b]0;title\u0007\u001b[2J",
  "\u202egnp.exe",
  '"} or vector(0) #',
  "NaN",
  "-Infinity",
  "1e999",
  "0x10",
  "x".repeat(5_000),
);
const oddNumbers = fc.constantFrom(-1, 0.5, 1e21, -1e308, 2 ** 53, 4_294_967_296);
/** Any characters, control characters and halves of pairs among them; fast-check's own binary texts take seconds to set up. */
export const anyCharacters: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.nat(0x2ff), fc.nat(0xffff)), { maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const anyText = fc.oneof(anyCharacters, oddTexts);

/** Any JSON, `__proto__` among its names, as JSON.parse gives it. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false),
    anyText,
    oddNumbers,
    fc.integer(),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(fc.tuple(anyText, tie("value")), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

function pathsOf(value: unknown, path: readonly Step[] = []): readonly (readonly Step[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const entries: readonly (readonly [Step, unknown])[] = Array.isArray(value)
    ? value.map((item: unknown, index) => [index, item] as const)
    : Object.entries(value);
  return [path, ...entries.flatMap(([step, member]) => pathsOf(member, [...path, step]))];
}

/** A copy with the value at the path replaced; undefined takes it out. */
function replaced(value: unknown, path: readonly Step[], by: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return by;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.flatMap((item, index) => {
      if (index !== step) return [item];
      const next = replaced(item, rest, by);
      return next === undefined ? [] : [next];
    });
  }
  const members = Object.entries(Object(value)).map(([name, member]) => [
    name,
    name === step ? replaced(member, rest, by) : member,
  ]);
  return Object.fromEntries(members.filter(([, member]) => member !== undefined));
}

/** The valid value with up to three places missing or different. */
export function damaged(valid: unknown): fc.Arbitrary<unknown> {
  const paths = pathsOf(valid);
  const damage = fc.tuple(
    fc.nat(paths.length - 1).map((index) => paths[index] ?? []),
    fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 4, arbitrary: anyJson }),
  );
  return fc
    .array(damage, { minLength: 1, maxLength: 3 })
    .map((all) => all.reduce((value, [path, by]) => replaced(value, path, by), valid));
}

/** The same value with something cut out of, put into or changed in its text. */
export function damagedText(valid: string): fc.Arbitrary<string> {
  const place = fc.nat(valid.length);
  return fc
    .tuple(
      place,
      fc.nat(20),
      fc.oneof(anyText, fc.constantFrom("{", "]", ":", "- ", "*a", "&a ", "!!x ")),
    )
    .map(([at, length, text]) => valid.slice(0, at) + text + valid.slice(at + length));
}

/** What a function throws; undefined where it does not. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error ?? new Error("nothing was thrown, by throw");
  }
}
