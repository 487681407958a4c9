/** Tables and inline code in Markdown, with what must be escaped in them. */

/** Inline code in a table's cell: a pipe would end the cell even there. */
export function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

/** One row of a table; a cell is one line. */
export function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll(/\s*\n\s*/g, " ")).join(" | ")} |`;
}

/** A table. */
export function table(head: readonly string[], rows: readonly string[]): string {
  return [row(head), `|${"---|".repeat(head.length)}`, ...rows].join("\n");
}
