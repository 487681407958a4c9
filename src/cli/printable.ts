/** Text that others wrote, as it may be shown: nothing in it steers a terminal or turns the direction of what is read. */

/** Control characters but for line breaks and tabs, and the marks that turn text around (Unicode's bidirectional controls). */
const steering = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** What is shown in the place of each. */
const mark = "\ufffd";

export function printable(text: string): string {
  return text.replaceAll(steering, mark);
}

/** A value of JSON with every text in it printable, names of members included. */
export function printableTree<T>(value: T): T;
export function printableTree(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => printableTree(item));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [printable(name), printableTree(member)]),
  );
}

/** Colours, and what pictures are drawn with in place: the only sequences that `serin` itself writes. */
// oxlint-disable-next-line no-control-regex -- a sequence begins with one
const own = /\u001b\[(?:(?:[01234]|2[234]|3[1-6]|39)m|\d{1,4}A|0J|2K|\?25[hl])/g;

/** Whatever is written for a terminal, with no other sequences in it than our own. */
export function forTerminal(text: string): string {
  let from = 0;
  let shown = "";
  for (const { 0: sequence, index } of text.matchAll(own)) {
    shown += printable(text.slice(from, index)) + sequence;
    from = index + sequence.length;
  }
  return shown + printable(text.slice(from));
}
