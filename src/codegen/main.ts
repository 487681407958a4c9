/** `npm run generate`: writes the CRDs and the reference, or with --check names what is stale and exits with 1. */
import { fileURLToPath } from "node:url";
import { findStale, generateFiles, writeFiles } from "./generated-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

if (process.argv.includes("--check")) {
  const stale = findStale(root, generateFiles(root));
  for (const path of stale) console.error(`${path} is stale: run "npm run generate"`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const path of writeFiles(root, generateFiles(root))) console.log(`wrote ${path}`);
}
