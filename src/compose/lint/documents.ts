/** Cuts a text into the objects written in it, YAML or JSON, and remembers where each field stands. Knows no kind. */
import { type Document, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from "yaml";
import {
  fieldName,
  isObject,
  type JsonObject,
  listAt,
  type Path,
} from "../../sandbox/api-server/json.ts";
import type { Finding, Source } from "./finding.ts";

export interface SourceObject {
  readonly object: JsonObject;
  readonly source: Source;
}

export interface ReadText {
  readonly objects: readonly SourceObject[];
  /** Texts that are no objects. */
  readonly findings: readonly Finding[];
}

/** Several documents in one text; a List counts as the objects in it. */
export function readDocuments(file: string, text: string): ReadText {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const documents: readonly Document[] = "empty" in parsed ? [] : parsed;
  const objects: SourceObject[] = [];
  const findings: Finding[] = [];
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const complain = (offset: number, reason: string, message: string): void => {
    const where = { file, ...placeAt(offset), object: "", path: "" };
    findings.push({ ...where, severity: "Error", reason, message });
  };
  for (const document of documents) {
    const { value, problem } = valueOf(document);
    if (problem !== undefined) complain(problem.offset, "SyntaxError", problem.message);
    else if (isObject(value)) objects.push(...itemsOf(value, { document, file, placeAt }));
    else if (value !== null && value !== undefined)
      complain(document.contents?.range?.[0] ?? 0, "NotAnObject", "this is no Kubernetes object");
  }
  return { objects, findings };
}

/** What the text stands for. Aliases that multiply without end, or lead nowhere, are found only when they are followed. */
function valueOf(document: Document): ReadValue {
  const [error] = document.errors;
  if (error !== undefined) return { problem: { offset: error.pos[0], message: error.message } };
  try {
    return { value: document.toJS() };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : "it cannot be read";
    return { problem: { offset: document.contents?.range?.[0] ?? 0, message } };
  }
}

interface ReadValue {
  readonly value?: unknown;
  readonly problem?: { readonly offset: number; readonly message: string };
}

interface Context {
  readonly document: Document;
  readonly file: string;
  readonly placeAt: (offset: number) => { readonly line: number; readonly column: number };
}

function itemsOf(object: JsonObject, context: Context): readonly SourceObject[] {
  if (object["kind"] !== "List") return [{ object, source: sourceOf([], context) }];
  return listAt(object, "items").flatMap((item, index) =>
    isObject(item) ? itemsOf(item, prefixed(context, ["items", index])) : [],
  );
}

/** Lists within Lists do not occur; their fields would be placed at the outer one. */
function prefixed(context: Context, prefix: Path): Context {
  const inner = context.document.getIn(prefix, true);
  if (!isNode(inner)) return context;
  const document = context.document.clone();
  document.contents = inner;
  return { ...context, document };
}

function sourceOf(prefix: Path, { document, file, placeAt }: Context): Source {
  return {
    file,
    locate: (path) => placeAt(offsetOf(document, [...prefix, ...path])),
  };
}

function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const offset = offsetOfField(document, path.slice(0, length));
    if (offset !== undefined) return offset;
  }
  return document.contents?.range?.[0] ?? 0;
}

/** The key of a member, the beginning of an item. */
function offsetOfField(document: Document, path: Path): number | undefined {
  const around = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const last = path.at(-1);
  if (isMap(around)) {
    const pair = around.items.find(({ key }) => isScalar(key) && String(key.value) === last);
    return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const item = document.getIn(path, true);
  return isNode(item) ? item.range?.[0] : undefined;
}

/** The inverse of fieldName, as far as lint meets it. */
export function pathOf(field: string): Path {
  if (field === fieldName([])) return [];
  const steps = field.matchAll(/\[(?<bracketed>[^\][]*)\]|(?<name>[^.[\]]+)/g);
  return Array.from(steps, ({ groups }) => {
    const { bracketed, name = "" } = groups ?? {};
    if (bracketed === undefined) return name;
    return /^\d+$/.test(bracketed) ? Number(bracketed) : bracketed;
  });
}
