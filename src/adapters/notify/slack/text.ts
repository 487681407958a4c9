/** Text for Slack: escaped so that nothing in it becomes a link or a mention, and cut to a length. */

const escapes: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
]);

/** Escaped text of at most `limit` characters; what is cut off is shown by an ellipsis, and no escape is cut apart. */
export function escapeToFit(text: string, limit: number): string {
  const pieces = Array.from(text, (character) => escapes.get(character) ?? character);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  if (length <= limit) return pieces.join("");
  let room = limit - 1;
  const kept = pieces.findIndex((piece) => {
    room -= piece.length;
    return room < 0;
  });
  return `${pieces.slice(0, kept).join("")}…`;
}

/** The same as inline code. Backticks would end it, so they become apostrophes. */
export function codeToFit(text: string, limit: number): string {
  return `\`${escapeToFit(text.replaceAll("`", "'"), limit - 2)}\``;
}

/** A number as precise as people read it: 0.0417, 25.8, 1234. Text that is no number stays as it is. */
export function sayNumber(text: string): string {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) return text;
  return Math.abs(number) >= 100 ? `${Math.round(number)}` : `${Number(number.toPrecision(3))}`;
}

/** Seconds as people say them at night: 5.2 s, 3 min 20 s, 2 h 5 min. Text that is no number stays as it is. */
export function sayDuration(seconds: string): string {
  const total = Number(seconds);
  if (seconds.trim() === "" || !Number.isFinite(total) || total < 0) return seconds;
  if (total < 60) return `${Math.round(total * 10) / 10} s`;
  const whole = Math.round(total);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
