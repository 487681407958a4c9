/** The part of kubectl's JSONPath that printer columns use: members, indexes, `[*]` and `[?(@.a=="b")]`. */
import { at, isList, isObject, type Json, textOfValue } from "../json.ts";

type Step = (value: Json) => readonly Json[];

const TOKEN =
  /\.?([A-Za-z_$][\w$-]*|\*)|\[(\d+|\*)\]|\['([^']+)'\]|\[\?\(\s*@\.([\w.]+)\s*(==|!=)\s*['"]?([^'")]*)['"]?\s*\)\]/gy;

function members(value: Json): readonly Json[] {
  if (isList(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}

function member(key: string): Step {
  return (value) => {
    const found = at(value, key);
    return found === undefined ? [] : [found];
  };
}

function filter(path: string, operator: string, expected: string): Step {
  const keys = path.split(".");
  return (value) =>
    members(value).filter((item) => {
      const found = at(item, ...keys);
      return (found !== undefined && textOfValue(found) === expected) === (operator === "==");
    });
}

function stepOf(match: RegExpMatchArray): Step {
  const [, name, index, quoted, path, operator = "==", expected = ""] = match;
  if (name === "*" || index === "*") return members;
  if (path !== undefined) return filter(path, operator, expected);
  if (index !== undefined)
    return (value) => (isList(value) ? value.slice(Number(index), Number(index) + 1) : []);
  return member(name ?? quoted?.replaceAll("\\.", ".") ?? "");
}

/** Compiles a path; the result finds all values it leads to. Undefined when the text is no such path. */
export function compileJsonPath(text: string): Step | undefined {
  const source = text.replace(/^\{(.*)\}$/, "$1").replace(/\\\./g, "\u0000");
  const steps: Step[] = [];
  let end = 0;
  for (const match of source.matchAll(TOKEN)) {
    steps.push(stepOf(match));
    end = match.index + match[0].length;
  }
  if (end !== source.length) return undefined;
  return (value) => steps.reduce<readonly Json[]>((values, step) => values.flatMap(step), [value]);
}
