/** Lays text out for a width: tables whose last column gives way, and paragraphs that hang below their label. */
import { stripVTControlCharacters } from "node:util";

const gap = "  ";

/** What is seen of a text, in columns; colours take none. */
function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - widthOf(text)));
}

/** What is left for the last column, at least; with less it is left out, and the one before is the last. */
const LEAST_LAST_COLUMN = 12;

/** Rows of the same number of cells. Where there is a width, no line is longer: the last cell is cut, or left out. */
export function layOutTable(
  rows: readonly (readonly string[])[],
  width: number | undefined,
): readonly string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(0, ...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  const kept = columnsWithin(widths, width);
  const before = widths.slice(0, kept - 1).reduce((sum, one) => sum + one + gap.length, 0);
  const left = width === undefined ? undefined : width - before;
  return rows.map((row) => {
    const head = row.slice(0, kept - 1).map((cell, at) => padded(cell, widths[at] ?? 0) + gap);
    return (head.join("") + cut(row[kept - 1] ?? "", left)).trimEnd();
  });
}

function columnsWithin(widths: readonly number[], width: number | undefined): number {
  if (width === undefined) return widths.length;
  let kept = widths.length;
  const needed = (): number =>
    widths.slice(0, kept - 1).reduce((sum, one) => sum + one + gap.length, 0) +
    Math.min(widths[kept - 1] ?? 0, LEAST_LAST_COLUMN);
  while (kept > 1 && needed() > width) kept -= 1;
  return kept;
}

/** Coloured texts are left whole: they are short. */
function cut(text: string, width: number | undefined): string {
  if (width === undefined || widthOf(text) <= width || widthOf(text) !== text.length) return text;
  return width < 1 ? "" : `${text.slice(0, width - 1).trimEnd()}…`;
}

/** Words filled into lines of the width; lines of the text, as of YAML to be added, stay lines with their indentation. */
function fill(text: string, width: number | undefined): readonly string[] {
  return text.split("\n").flatMap((line) => fillLine(line, width));
}

function fillLine(line: string, width: number | undefined): readonly string[] {
  const isColoured = widthOf(line) !== line.length;
  if (width === undefined || line.length <= width || isColoured) return [line];
  const indentation = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = indentation;
  for (const word of line.trim().split(" ")) {
    const isFirst = current.trim() === "";
    if (!isFirst && current.length + 1 + word.length > width) {
      lines.push(current);
      current = indentation + word;
    } else current += isFirst ? word : ` ${word}`;
  }
  return [...lines, current];
}

/** A sentence for a terminal's width; for a pipe as it is. */
export function fillFor(
  output: { readonly isTTY?: boolean; readonly columns?: number },
  text: string,
): string {
  return fill(text, output.isTTY === true ? output.columns : undefined).join("\n");
}

/** A label, and the text beside it, each further line below the first. */
export function layOutFact(
  label: string,
  text: string,
  { labelWidth, width }: { readonly labelWidth: number; readonly width: number | undefined },
): readonly string[] {
  const left = width === undefined ? undefined : Math.max(20, width - labelWidth);
  const lines = fill(text, left);
  return lines.map((line, index) =>
    (padded(index === 0 ? label : "", labelWidth) + line).trimEnd(),
  );
}
