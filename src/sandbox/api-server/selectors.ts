/** Label and field selectors: parsing their text and matching objects. Knows no resource and no store. */
import { at, type Json, type JsonObject, objectAt, textOfValue } from "./json.ts";
import { badRequest } from "./status-error.ts";

export type Matcher = (object: JsonObject) => boolean;
type LabelTest = (labels: JsonObject) => boolean;

const KEY = String.raw`[A-Za-z0-9][\w./-]*`;
const SET = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s*\(([^)]*)\)$`);
const COMPARISON = new RegExp(String.raw`^(${KEY})\s*(==|=|!=|>|<)\s*([\w.-]*)$`);
const EXISTENCE = new RegExp(String.raw`^(!?)\s*(${KEY})$`);

/** Splits at commas that are not inside parentheses. */
function splitTerms(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== "");
}

function compare(key: string, operator: string, value: string): LabelTest {
  switch (operator) {
    case "!=":
      return (labels) => labels[key] !== value;
    case ">":
      return (labels) => typeof labels[key] === "string" && Number(labels[key]) > Number(value);
    case "<":
      return (labels) => typeof labels[key] === "string" && Number(labels[key]) < Number(value);
    default:
      return (labels) => labels[key] === value;
  }
}

function parseSet(term: string): LabelTest | undefined {
  const [, key, operator, list] = SET.exec(term) ?? [];
  if (key === undefined || list === undefined) return undefined;
  const values = new Set<Json | undefined>(list.split(",").map((value) => value.trim()));
  const isIn = operator === "in";
  return (labels) => values.has(labels[key]) === isIn;
}

function parseComparison(term: string): LabelTest | undefined {
  const [, key, operator, value] = COMPARISON.exec(term) ?? [];
  if (key === undefined || operator === undefined || value === undefined) return undefined;
  if ((operator === ">" || operator === "<") && !/^-?\d+$/.test(value)) {
    const because = "for 'Gt', 'Lt' operators, the value must be an integer";
    throw badRequest(
      `unable to parse requirement: values[0]: Invalid value: ${JSON.stringify(value)}: ${because}`,
    );
  }
  return compare(key, operator, value);
}

function parseExistence(term: string): LabelTest | undefined {
  const [, negation, key] = EXISTENCE.exec(term) ?? [];
  if (key === undefined) return undefined;
  const wanted = negation !== "!";
  return (labels) => (labels[key] !== undefined) === wanted;
}

function parseLabelTerm(term: string): LabelTest {
  const test = parseSet(term) ?? parseComparison(term) ?? parseExistence(term);
  if (test !== undefined) return test;
  throw badRequest(`unable to parse requirement: "${term}" is not a valid label selector`);
}

/** Undefined = everything matches. Throws a 400 on a text that is no selector. */
export function parseLabelSelector(text: string | undefined): Matcher | undefined {
  const tests = splitTerms(text ?? "").map(parseLabelTerm);
  if (tests.length === 0) return undefined;
  return (object) => {
    const labels = objectAt(object, "metadata", "labels");
    return tests.every((test) => test(labels));
  };
}

function fieldText(object: JsonObject, keys: readonly string[]): string {
  const value = at(object, ...keys);
  return value === null ? "" : textOfValue(value);
}

function parseFieldTerm(term: string, supported: ReadonlySet<string>): Matcher {
  const match = /^([\w.]+)(==|=|!=)(.*)$/.exec(term);
  if (match === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
  const [, field = "", operator, value = ""] = match;
  if (!supported.has(field)) {
    throw badRequest(
      `Unable to find "${field}" that match field selector "${term}": field label not supported: ${field}`,
    );
  }
  const keys = field.split(".");
  return operator === "!="
    ? (object) => fieldText(object, keys) !== value
    : (object) => fieldText(object, keys) === value;
}

/** `supported` are the fields this resource can be selected by. Throws a 400 on any other. */
export function parseFieldSelector(
  text: string | undefined,
  supported: ReadonlySet<string>,
): Matcher | undefined {
  const tests = splitTerms(text ?? "").map((term) => parseFieldTerm(term, supported));
  return tests.length === 0 ? undefined : (object) => tests.every((test) => test(object));
}

export function both(a: Matcher | undefined, b: Matcher | undefined): Matcher | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : (object) => a(object) && b(object);
}
