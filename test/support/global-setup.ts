/** Refuses to test on a Node that the product does not support, before anything fails in an odd way. */

const oldestMajor = 24;

export default function requireSupportedNode(): void {
  const major = Number.parseInt(process.versions.node, 10);
  if (major >= oldestMajor) return;
  throw new Error(
    `Serin needs Node ${oldestMajor} or newer and this is ${process.versions.node}. ` +
      "Run the tests with `npm test`: npm then takes the Node that `npm ci` installed.",
  );
}
