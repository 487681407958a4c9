/** Writes a selector's pieces as PromQL. Every value is escaped for the place it goes to: nothing in it is syntax. */
import type { Piece, Place, Selector } from "./selector.ts";

export interface Rendering {
  /** What the variables stand for. */
  readonly values: ReadonlyMap<string, string>;
  /** Variables that stand for several values at once, where they are the whole value of a matcher. */
  readonly widened?: ReadonlyMap<string, readonly string[]>;
  /** One more matcher for each selector, for example `le="+Inf"`. */
  readonly matcher?: string;
  /** Put around each selector. */
  readonly before?: string;
  readonly after?: string;
}

export function renderSelector({ pieces }: Selector, rendering: Rendering): string {
  return pieces.map((piece) => renderPiece(piece, rendering)).join("");
}

function renderPiece(piece: Piece, rendering: Rendering): string {
  const { matcher, before = "", after = "" } = rendering;
  switch (piece.kind) {
    case "Text":
      return piece.text;
    case "Variable":
      return escapeFor(piece.place, rendering.values.get(piece.name) ?? "");
    case "Matcher":
      return renderMatcher(piece.label, piece.name, rendering);
    case "Begin":
      return before;
    case "Matchers":
      return matcher === undefined ? "" : `${matcher},`;
    case "End":
      return `${matcher === undefined || piece.hasBraces ? "" : `{${matcher}}`}${after}`;
  }
}

function renderMatcher(label: string, name: string, { values, widened }: Rendering): string {
  const several = widened?.get(name);
  if (several === undefined) return `${label}=${quoteValue(values.get(name) ?? "")}`;
  return `${label}=~${quoteValue(several.map(escapeRegex).join("|"))}`;
}

/** A value as a PromQL string. */
export function quoteValue(value: string): string {
  return `"${escapeFor('"', value)}"`;
}

/** A value as a part of an RE2 pattern that matches it alone. */
export function escapeRegex(value: string): string {
  return value.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

/** True if the value can be written at such a place: raw strings have no escapes, outside quotes only names go. */
export function isFit(place: Place, value: string): boolean {
  switch (place) {
    case undefined:
      return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(value);
    case "Duration":
      return /^(\d+(ms|[smhdwy]))+$/.test(value);
    case "`":
      return !/[`\r]/.test(value);
    case "'":
    case '"':
      return true;
  }
}

/** What is unfit for its place, which `problems` refuses, is left out. */
function escapeFor(place: Place, value: string): string {
  if (!isFit(place, value)) return "";
  if (place !== '"' && place !== "'") return value;
  return value
    .replaceAll("\\", String.raw`\\`)
    .replaceAll(place, `\\${place}`)
    .replaceAll("\n", String.raw`\n`);
}
