/** Tells what a test measured, for whoever reads its output: figures are told, promises are asserted. */

/** Milliseconds, by name. */
export function tell(what: string, figures: Readonly<Record<string, number>>): void {
  const seconds = Object.entries(figures).map(
    ([name, ms]) => `${name.replace(/Ms$/, "")} ${(ms / 1_000).toFixed(1)} s`,
  );
  process.stderr.write(`\n${what}: ${seconds.join(", ")}\n`);
}
